"""Runs the ingest server as a process of its own."""

import asyncio
import gc
import signal
import sys
from collections.abc import Callable

import structlog

from ingest_server.server import IngestServer, StartError
from ingest_server.settings import IngestSettings
from storage.settings import StorageSettings

_log = structlog.get_logger(__name__)

#: Containers made, less those freed, between two collections; then how many collections of the young go
#: before one of the older. A batch is thousands of containers, none in cycles. At the default of 700 the
#: collector takes a fifth of the time that decoding and judging take; a collection of the older ones walks
#: through all that is in flight, and stops every thread for as long.
_GC_THRESHOLDS = (10_000, 50, 10)
#: How long a thread may keep the interpreter while others wait for it, in seconds. A batch changes threads
#: some ten times on its way to its ack: at Python's default of 5 ms one app's acks wait for another's work.
_SWITCH_SECONDS = 0.001


def run(
    settings: IngestSettings,
    storage: StorageSettings,
    database_url: str,
    on_ready: Callable[[str], None] = lambda _: None,
) -> int:
    """Serves until SIGTERM or SIGINT, then drains. Returns the exit code: 0, or 1 if it cannot start.

    `on_ready` is told the address once calls are taken. For the main thread, which gets the signals.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        asyncio.run(_serve(settings, storage, database_url, on_ready))
    except StartError as error:
        _log.error("cannot_start", why=str(error))
        return 1
    return 0


async def _serve(
    settings: IngestSettings, storage: StorageSettings, database_url: str, on_ready: Callable[[str], None]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = IngestServer(settings, storage, database_url)
    await server.start()
    on_ready(server.address)
    await stop.wait()
    await server.drain()

"""Runs the ingest server as a process of its own."""

import asyncio
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable

import structlog

from ingest_server.server import IngestServer, StartError
from ingest_server.settings import IngestSettings
from storage.niceness import come_first
from storage.settings import StorageSettings

_log = structlog.get_logger(__name__)

#: Objects made between two collections, less those gone. A batch is thousands of tuples, none of them in
#: cycles, and some ten batches wait at once: at the default of 700 the collector takes a fifth of the time
#: that decoding and judging take, at 50,000 a tenth. What is in cycles meanwhile is some 30 MB at most.
_GC_THRESHOLD = 400_000
#: How long a thread that wants the interpreter waits for one that computes. A writer wants it behind every
#: statement, while Postgres and the app's lock wait for the writer: at the default of 5 ms a group of 10,000
#: events took 20 ms longer, and one app's acks waited for another's work.
_SWITCH_SECONDS = 0.0005
#: glibc's mallopt parameter M_ARENA_MAX (malloc.h). Each thread has an arena of its own otherwise and keeps
#: what its largest group took: 65 MB more at full load.
_M_ARENA_MAX = -8
#: Its M_MMAP_THRESHOLD and M_TRIM_THRESHOLD, in bytes. Left alone, glibc raises the first one up to 32 MB
#: when a large block is freed: then rows of groups, and tables of remembered identities, lie in the heap
#: among what stays, and leave holes, 41 MB of them after five minutes under load. Blocks larger than this
#: are the system's again once freed. What is free at the heap's end is kept up to the second one, for the
#: next group.
_M_MMAP_THRESHOLD, _LARGE_BLOCK = -3, 1 << 20
_M_TRIM_THRESHOLD, _KEPT_FREE = -1, 8 << 20


def run(
    settings: IngestSettings,
    storage: StorageSettings,
    database_url: str,
    on_ready: Callable[[str], None] = lambda _: None,
) -> int:
    """Serves until SIGTERM, SIGINT or SIGHUP, then drains. Returns the exit code: 0, or 1 if it cannot start.

    `on_ready` is told the address once calls are taken. For the main thread, which gets the signals.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD)
    sys.setswitchinterval(_SWITCH_SECONDS)
    keep_heap_compact()
    come_first(os.getpid())
    try:
        asyncio.run(_serve(settings, storage, database_url, on_ready))
    except StartError as error:
        _log.error("cannot_start", why=str(error))
        return 1
    return 0


def keep_heap_compact() -> None:
    """For threads that are still to start; where the system's allocator is not glibc's it does nothing."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    for parameter, value in (
        (_M_ARENA_MAX, 1),
        (_M_MMAP_THRESHOLD, _LARGE_BLOCK),
        (_M_TRIM_THRESHOLD, _KEPT_FREE),
    ):
        mallopt(parameter, value)


async def _serve(
    settings: IngestSettings, storage: StorageSettings, database_url: str, on_ready: Callable[[str], None]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # As by `nohup`, which stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stop.set)
    server = IngestServer(settings, storage, database_url)
    await server.start()
    on_ready(server.address)
    await stop.wait()
    await server.drain()

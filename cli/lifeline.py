"""A service that `lvd up` started ends with it, however that ended: its stdin is a pipe held by `lvd up`."""

import os
import signal
import sys
from threading import Thread
from typing import Annotated

import typer

#: For services: see `hold`.
Supervised = Annotated[
    bool, typer.Option("--until-stdin-ends", hidden=True, help="End, as by SIGTERM, when stdin ends.")
]


def hold(supervised: bool) -> None:
    """Has this process ended by SIGTERM when its stdin ends, if it is supervised."""
    if supervised:
        Thread(target=_wait, name="lifeline", daemon=True).start()


def _wait() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)

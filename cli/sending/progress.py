"""How far a sending is, on a terminal; nothing elsewhere."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from livevalidation import Counts


class SendingProgress:
    """A line on stderr: bytes read, events answered."""

    def __init__(self, total_bytes: int | None) -> None:
        """`total_bytes` None: not known, as of a pipe."""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        self._task = self._progress.add_task("0 events", total=total_bytes)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def read(self, size: int) -> None:
        """So many bytes more were read."""
        self._progress.advance(self._task, size)

    def answered(self, counts: Counts) -> None:
        """All that was answered so far."""
        problems = counts.received - counts.valid - counts.duplicate
        self._progress.update(
            self._task, description=f"{counts.received:,} events, {problems:,} with problems"
        )

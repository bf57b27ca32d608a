"""A process of viewers: `python -m benchmarks.viewing.process`.

Reads a job from stdin, says `ready`, looks at the page for the job's time, says its report.
"""

import asyncio
import sys
from time import monotonic
from typing import Any

from benchmarks.viewing.connection import AnswerFailed, Connection
from benchmarks.viewing.job import ViewJob, ViewReport
from dashboard.api.routes import FEED, ROWS

#: Rows of a grid's first block.
_BLOCK = 100
#: Rows that the grid draws in a window of 1400 by 900 pixels.
_DRAWN = 25
#: Viewers whose sight is told: each tells every answer.
_WATCHED = 20


def main() -> None:
    """Does one job."""
    job = ViewJob.from_json(sys.stdin.buffer.readline())
    _say(b"ready")
    _say(asyncio.run(_view(job)).to_json())
    # Until our CPU time was read.
    sys.stdin.buffer.read()


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


async def _view(job: ViewJob) -> ViewReport:
    report = ViewReport(seconds=job.seconds)
    ends_at = monotonic() + job.settle_seconds + job.seconds
    await asyncio.gather(*(_Page(job, report, number).look(ends_at) for number in range(job.viewers)))
    return report


class _Page:
    """One open page: asks as dashboard/assets/20_feed.js and 30_grid_source.js do."""

    def __init__(self, job: ViewJob, report: ViewReport, number: int) -> None:
        self._job = job
        self._report = report
        self._number = number
        self._connection = Connection(job.host, job.port)
        self._view = {"app_id": job.app_id, "range_key": job.range_key}
        self._token: Any = None
        self._tag = self._problems_tag = self._names_tag = ""
        self._seen: list[tuple[float, int]] = []
        self._settled_at = monotonic() + job.settle_seconds

    async def look(self, ends_at: float) -> None:
        """Opens the page, and follows it until then."""
        if self._number < _WATCHED:
            self._report.seen.append(self._seen)
        # Pages are not opened in step.
        due = monotonic() + self._job.tick_seconds * self._number / self._job.viewers
        while due < ends_at:
            await asyncio.sleep(due - monotonic())
            try:
                await self._tick()
            except (AnswerFailed, OSError, EOFError) as error:
                self._report.errors += 1
                self._report.first_error = self._report.first_error or f"{type(error).__name__}: {error}"
            # A page whose answer is under way lets its tick pass.
            due = max(due + self._job.tick_seconds, monotonic())
        self._connection.close()

    async def _tick(self) -> None:
        if self._token is None:
            body = {"view": self._view, "offset": 0, "limit": _BLOCK}
            answer, _ = await self._connection.post(ROWS, body)
            self._token = answer["token"]
            self._see(answer)
        body = {
            "view": self._view,
            "tag": self._tag,
            "problems_tag": self._problems_tag,
            "names_tag": self._names_tag,
            "token": self._token,
            "live": True,
            "drawn": _DRAWN,
        }
        asked = monotonic()
        answer, size = await self._connection.post(FEED, body)
        if asked >= self._settled_at:
            self._report.answer_seconds.append(monotonic() - asked)
            self._report.answer_bytes.append(size)
        self._take(answer)

    def _take(self, answer: dict[str, Any]) -> None:
        self._tag = answer["tag"]
        self._problems_tag = answer.get("problems_tag", self._problems_tag)
        self._names_tag = answer.get("names_tag", self._names_tag)
        grid = answer.get("grid", {})
        if grid.get("gap"):
            self._token = None
        elif "token" in grid:
            self._token = grid["token"]
            self._see(grid)

    def _see(self, view: dict[str, Any]) -> None:
        self._seen.append((monotonic(), view["seq"]))


if __name__ == "__main__":
    main()

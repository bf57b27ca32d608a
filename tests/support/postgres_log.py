"""What a server's log tells of its own end: a test that only lost its connection cannot know why."""

import re
from pathlib import Path

_CRASH = re.compile(
    r"was terminated by signal|PANIC:|received immediate shutdown request|lock file is invalid", re.IGNORECASE
)


def crash_lines(log: Path) -> list[str]:
    """The lines that tell of a crash, or of an end that nobody asked for in order."""
    with log.open(encoding="utf-8", errors="replace") as lines:
        return [line.rstrip() for line in lines if _CRASH.search(line)]

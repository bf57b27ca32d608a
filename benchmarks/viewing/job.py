"""What a process of viewers is asked to do, and what it tells afterwards; as JSON between the processes."""

from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class ViewJob:
    """Viewers that each have the live page open on one app."""

    host: str
    port: int
    app_id: int
    viewers: int
    seconds: float
    #: Between two questions of a page.
    tick_seconds: float
    #: A key of dashboard.time_ranges.
    range_key: str
    #: Before what is told: pages open, and caches fill.
    settle_seconds: float = 0.0

    def to_json(self) -> bytes:
        """In one line."""
        return orjson.dumps(self)

    @classmethod
    def from_json(cls, line: bytes) -> "ViewJob":
        """The job of such a line."""
        return cls(**orjson.loads(line))


@dataclass(slots=True)
class ViewReport:
    """What the viewers got."""

    #: How long it was looked, without settling.
    seconds: float = 0.0
    #: Of each answer of the feed: seconds from question to answer, and its length.
    answer_seconds: list[float] = field(default_factory=list)
    answer_bytes: list[int] = field(default_factory=list)
    #: Questions that were not answered with 200, and the first reason.
    errors: int = 0
    first_error: str = ""
    #: For some of the viewers: when (by time.monotonic) a page showed an app's rows up to which seq.
    seen: list[list[tuple[float, int]]] = field(default_factory=list)

    def to_json(self) -> bytes:
        """In one line."""
        return orjson.dumps(self)

    @classmethod
    def from_json(cls, line: bytes) -> "ViewReport":
        """The report of such a line."""
        document: dict[str, Any] = orjson.loads(line)
        document["seen"] = [[(at, seq) for at, seq in viewer] for viewer in document["seen"]]
        return cls(**document)

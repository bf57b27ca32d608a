"""What became of the lines: counts, and a verdict per line."""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

import orjson

from livevalidation import Counts, EventResult, Options, counts_of, read_ack
from livevalidation.sender import Answered


@dataclass(frozen=True, slots=True)
class LineNote:
    """What is remembered of a line until it is answered."""

    number: int
    event_id: str | None
    problem: str | None
    #: False: it cannot be carried to the server.
    sent: bool


class Outcome:
    """Puts lines and answers together; both come in the order of the lines."""

    def __init__(self, options: Options, verdicts: BinaryIO | None) -> None:
        self._options = options
        self._verdicts = verdicts
        self._waiting: deque[LineNote] = deque()
        self.sent = 0
        self.unsent = 0
        self.counts = Counts()

    def note(self, line: LineNote) -> None:
        """A line was read, and is sent if it can be."""
        self.sent += line.sent
        self.unsent += not line.sent
        if self._verdicts is not None:
            self._waiting.append(line)

    def answered(self, answered: Answered) -> None:
        """A batch was acknowledged."""
        _, ack = answered
        self.counts += counts_of(ack)
        if self._verdicts is not None:
            for result in read_ack(ack, self._options.verdicts).results:
                self._write_unsent()
                self._write(self._waiting.popleft(), result)
            self._write_unsent()

    def finish(self) -> None:
        """Every answer came."""
        self._write_unsent()

    def _write_unsent(self) -> None:
        while self._waiting and not self._waiting[0].sent:
            self._write(self._waiting.popleft(), None)

    def _write(self, line: LineNote, result: EventResult | None) -> None:
        if self._verdicts is not None:
            self._verdicts.write(orjson.dumps(_told(line, result), option=orjson.OPT_APPEND_NEWLINE))


def _told(line: LineNote, result: EventResult | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "line": line.number,
        "event_id": line.event_id,
        "verdict": "unsent" if result is None else result.verdict,
        "violations": [] if result is None else [asdict(violation) for violation in result.violations],
    }
    if result is not None and result.rejection is not None:
        told["rejection"] = asdict(result.rejection)
    if line.problem is not None:
        told["problem"] = line.problem
    return told

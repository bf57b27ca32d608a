"""Lines to a server, and the answers back."""

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from cli.output import say
from cli.sending.encode import Fields, encode_line
from cli.sending.lines import Line, Read, read_lines
from cli.sending.outcome import LineNote, Outcome
from cli.sending.progress import SendingProgress
from livevalidation import Options, SendFailed, Source, batches_of, open_channel, send_batches
from livevalidation.event import MAX_EVENT_BYTES
from livevalidation.v1 import ingest_pb2

#: Problems that are told one by one; the rest is counted.
_TOLD_PROBLEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What is sent how."""

    target: str
    api_key: str
    fields: Fields
    source: Source
    run_id: str
    options: Options


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a sending; `failure` None: every line that could be sent was answered."""

    counts: dict[str, Any]
    unsent: int
    failure: SendFailed | None


def send_file(sending: Sending, descriptor: int, verdicts: BinaryIO | None) -> Summary:
    """Sends every line of an open file, in order, and waits for all answers."""
    begin = time.monotonic()
    outcome = Outcome(sending.options, verdicts)
    failure: SendFailed | None = None
    with SendingProgress(_size(descriptor)) as progress:
        lines = _Lines(sending.fields, outcome, progress)
        batches = _batches(lines.events(read_lines(descriptor, MAX_EVENT_BYTES)), sending)
        try:
            with open_channel(sending.target, sending.options) as channel:
                for answered in send_batches(channel, sending.api_key, batches, sending.options):
                    outcome.answered(answered)
                    progress.answered(outcome.counts)
            outcome.finish()
        except SendFailed as error:
            failure = error
    lines.tell_rest()
    return Summary(_counts(outcome, time.monotonic() - begin), outcome.unsent, failure)


class _Lines:
    """Makes events of lines, and tells of those that cannot be understood."""

    def __init__(self, fields: Fields, outcome: Outcome, progress: SendingProgress) -> None:
        self._fields = fields
        self._outcome = outcome
        self._progress = progress
        self._problems = 0

    def events(self, reads: Iterator[Read]) -> Iterator[ingest_pb2.Event | None]:
        """The events of the lines that can be sent; None where the input pauses. Blank lines are none."""
        for read in reads:
            if not isinstance(read, Line):
                yield None
                continue
            self._progress.read(read.size)
            event = self._event(read)
            if event is not None:
                yield event

    def _event(self, line: Line) -> ingest_pb2.Event | None:
        if line.content is None:
            self._unsent(line, None)
            return None
        if not line.content.strip():
            return None
        encoded = encode_line(line.content, self._fields)
        if encoded.event.ByteSize() > MAX_EVENT_BYTES:
            self._unsent(line, encoded.event_id)
            return None
        if encoded.problem is not None:
            self._tell(line.number, f"{encoded.problem} (the server is given it to keep, as rejected)")
        self._outcome.note(LineNote(line.number, encoded.event_id, encoded.problem, sent=True))
        return encoded.event

    def _unsent(self, line: Line, event_id: str | None) -> None:
        problem = f"{line.size:,} bytes: not sent, as a message carries {MAX_EVENT_BYTES:,}; make it smaller"
        self._tell(line.number, problem)
        self._outcome.note(LineNote(line.number, event_id, problem, sent=False))

    def _tell(self, number: int, problem: str) -> None:
        self._problems += 1
        if self._problems <= _TOLD_PROBLEMS:
            say(f"line {number}: {problem}")

    def tell_rest(self) -> None:
        """Says how many problems were not told."""
        if self._problems > _TOLD_PROBLEMS:
            say(f"… and {self._problems - _TOLD_PROBLEMS} lines more with problems: see --verdicts")


def _batches(events: Iterator[ingest_pb2.Event | None], sending: Sending) -> Iterator[ingest_pb2.EventBatch]:
    """Full batches, and what there is whenever the input pauses."""
    ended = False

    def burst() -> Iterator[ingest_pb2.Event]:
        nonlocal ended
        for event in events:
            if event is None:
                return
            yield event
        ended = True

    while not ended:
        yield from batches_of(burst(), sending.options, source=sending.source, run_id=sending.run_id)


def _size(descriptor: int) -> int | None:
    status = os.fstat(descriptor)
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _counts(outcome: Outcome, seconds: float) -> dict[str, Any]:
    counts = outcome.counts
    return {
        "sent": outcome.sent,
        "received": counts.received,
        "valid": counts.valid,
        "invalid": counts.invalid,
        "unplanned": counts.unplanned,
        "duplicate": counts.duplicate,
        "rejected": counts.rejected,
        "id_conflict": counts.id_conflict,
        "seconds": round(seconds, 3),
    }

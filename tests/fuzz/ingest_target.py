"""What fuzzing tries: any bytes, as a producer's message, to rows for COPY and an ack.

The first byte says how to take the rest: as a whole message, as one event of a batch, or as its payload.
"""

import struct
from collections.abc import Iterator

import orjson

from ingest_server.acks import Detail, build_ack
from ingest_server.decode import decode_batch
from ingest_server.errors import EnvelopeUnreadable, TooManyEvents
from ingest_server.judge import judge_batch
from ingest_server.limits import DecodeLimits
from storage.copy_rows import head
from storage.model import Submission
from storage.settle import AppGroup, Window
from tests.support.bad_input import event, field
from tracking_plan.compiled import compile_plan
from tracking_plan.formats.native import plan_from_document
from tracking_plan.verdict import STORED

_LIMITS = DecodeLimits(max_events=200, max_payload_bytes=65_536)
_APP, _SOURCE = 7, 3
_NOW_US = 1_800_000_000_000_000
_WINDOW = Window(_NOW_US - 30 * 86_400_000_000, _NOW_US + 600_000_000)
#: One of each kind of rule: what a payload says decides which of them look at it.
_PLAN = compile_plan(
    plan_from_document(
        {
            "version": 1,
            "name": "Fuzz",
            "events": {
                "Probe": {
                    "schema": {
                        "type": "object",
                        "required": ["a"],
                        "properties": {
                            "a": {"oneOf": [{"type": "integer", "minimum": 3}, {"const": "x"}]},
                            "b": {"type": "string", "pattern": "^[a-z]*$", "maxLength": 5},
                            "c": {"type": "array", "items": {"enum": [1, None, "é"]}, "uniqueItems": True},
                            "d": {"type": "object", "additionalProperties": {"type": "number"}},
                            "e": {"type": "string", "format": "date-time"},
                        },
                        "if": {"required": ["b"]},
                        "then": {"required": ["c"]},
                    }
                }
            },
        }
    ),
    version=1,
)


def try_bytes(data: bytes) -> None:
    """Fails unless every event is stored or rejected once, in well-formed rows and an ack."""
    try:
        batch = decode_batch(_message(data), _LIMITS)
    except (EnvelopeUnreadable, TooManyEvents):
        return
    submission = judge_batch(batch, _APP, _PLAN)
    places = [each.position for each in submission.events]
    places += [rejection.position for rejection in submission.rejections]
    assert sorted(places) == list(range(submission.received))
    _check_rejections(submission)
    _check_rows(submission)


def _message(data: bytes) -> bytes:
    kind, rest = data[:1], data[1:]
    if kind == b"p":
        return field(2, event(rest))
    return field(2, rest) if kind == b"e" else rest


def _check_rejections(submission: Submission) -> None:
    for rejection in submission.rejections:
        assert rejection.message
        assert "\0" not in rejection.name + rejection.message
        rejection.message.encode()


def _check_rows(submission: Submission) -> None:
    group = AppGroup(_APP)
    group.add(0, submission, _SOURCE)
    group.settle({}, _WINDOW)
    for place in group.stored:
        assert group.verdicts[place] in STORED
        fields = list(_fields(head(1, _NOW_US) + group.tails[place]))
        assert len(fields) == 15
        assert isinstance(orjson.loads(fields[-1] or b""), dict)
        if fields[-2] is not None:
            assert orjson.loads(fields[-2])
    outcome = group.outcomes(len(group.stored))[0]
    assert sum(outcome.counts) == submission.received
    build_ack(1, submission, outcome, Detail.ALL).SerializeToString()


def _fields(row: bytes) -> Iterator[bytes | None]:
    """A row's fields as Postgres reads them; None is NULL. Fails where it does not end with its last one."""
    (count,) = struct.unpack_from(">h", row)
    at = 2
    for _ in range(count):
        (length,) = struct.unpack_from(">i", row, at)
        at += 4
        yield None if length < 0 else row[at : at + length]
        at += max(length, 0)
    assert at == len(row)

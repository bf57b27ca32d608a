import json
from io import BytesIO

from cli.sending.outcome import LineNote, Outcome
from livevalidation import Counts, Options
from livevalidation.v1 import ingest_pb2

_OPTIONS = Options(verdicts="problems")


def test_verdicts_are_written_per_line_in_the_order_of_the_lines() -> None:
    out = BytesIO()
    outcome = Outcome(_OPTIONS, out)
    outcome.note(LineNote(1, "a", None, sent=True))
    outcome.note(LineNote(2, None, "too long", sent=False))
    outcome.note(LineNote(4, "b", "no JSON", sent=True))
    outcome.note(LineNote(5, "c", None, sent=True))
    outcome.note(LineNote(6, None, "too long", sent=False))
    violation = ingest_pb2.Violation(
        path="/total", kind="range", expected="number ≥ 0", received="number -1", value="-1"
    )
    ack = ingest_pb2.BatchAck(received=2, invalid=1, rejected=1)
    ack.verdicts.add(index=0, verdict=ingest_pb2.VERDICT_INVALID, violations=[violation])
    rejection = ingest_pb2.Rejection(code="name_missing", message="give a name")
    ack.verdicts.add(index=1, verdict=ingest_pb2.VERDICT_REJECTED, rejection=rejection)
    outcome.answered((ingest_pb2.EventBatch(), ack))
    outcome.answered((ingest_pb2.EventBatch(), ingest_pb2.BatchAck(received=1, valid=1)))
    outcome.finish()
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert told == [
        {
            "line": 1,
            "event_id": "a",
            "verdict": "invalid",
            "violations": [
                {
                    "path": "/total",
                    "kind": "range",
                    "expected": "number ≥ 0",
                    "received": "number -1",
                    "value": "-1",
                }
            ],
        },
        {"line": 2, "event_id": None, "verdict": "unsent", "violations": [], "problem": "too long"},
        {
            "line": 4,
            "event_id": "b",
            "verdict": "rejected",
            "violations": [],
            "rejection": {"code": "name_missing", "message": "give a name"},
            "problem": "no JSON",
        },
        {"line": 5, "event_id": "c", "verdict": "valid", "violations": []},
        {"line": 6, "event_id": None, "verdict": "unsent", "violations": [], "problem": "too long"},
    ]
    assert (outcome.sent, outcome.unsent) == (3, 2)
    assert outcome.counts == Counts(received=3, valid=1, invalid=1, rejected=1)

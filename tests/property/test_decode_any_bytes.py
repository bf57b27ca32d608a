"""Whatever bytes come, each event is either read or rejected, and the stored ones can be read back."""

import json
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from ingest_server.decode import decode_batch
from ingest_server.errors import EnvelopeUnreadable, TooManyEvents
from ingest_server.judge import judge_batch
from ingest_server.limits import DecodeLimits
from ingest_server.payload import read_payload
from ingest_server.refusal import Refused
from livevalidation.v1 import ingest_pb2
from tracking_plan.compiled import compile_plan
from tracking_plan.formats.native import plan_from_document
from tracking_plan.verdict import STORED

LIMITS = DecodeLimits(max_events=20, max_depth=8, max_keys=20, max_payload_bytes=2_000)
PLAN = compile_plan(
    plan_from_document(
        {
            "version": 1,
            "name": "Any",
            "unplanned_events": "reject",
            "events": {"A": {"schema": {"properties": {"a": {"type": "integer", "minimum": 3}}}}},
        }
    ),
    version=1,
)


def _dumps(value: Any) -> bytes:
    return json.dumps(value).encode()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
#: Bytes that are JSON, nearly JSON, or anything.
payloads = st.one_of(
    st.binary(max_size=60),
    json_values.map(_dumps),
    st.tuples(
        json_values.map(lambda value: _dumps({"a": value})), st.integers(0, 30), st.binary(max_size=3)
    ).map(lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]),
)
raw_events = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda name, event_id, payload: ingest_pb2.Event(
            name=name, event_id=event_id, payload_json=payload
        ).SerializeToString(),
        st.sampled_from(["", "A", "B", "x" * 300, "a\0"]),
        st.text(max_size=4),
        payloads,
    ),
)


def _batch(events: list[bytes], run_id: bytes) -> bytes:
    parts = [b"\x22" + bytes([len(run_id)]) + run_id]
    for event in events:
        head, size = bytearray(b"\x12"), len(event)
        while size > 127:
            head.append(size & 127 | 128)
            size >>= 7
        parts.append(bytes(head) + bytes([size]) + event)
    return b"".join(parts)


@given(st.binary())
def test_any_bytes_are_a_batch_or_refused(message: bytes) -> None:
    try:
        batch = decode_batch(message, LIMITS)
    except (EnvelopeUnreadable, TooManyEvents):
        return
    judge_batch(batch, 1, PLAN)


@given(st.lists(raw_events, max_size=8), st.sampled_from([b"", b"ci", b"\xff"]))
def test_every_event_is_stored_or_rejected_once(events: list[bytes], run_id: bytes) -> None:
    submission = judge_batch(decode_batch(_batch(events, run_id), LIMITS), 1, PLAN)

    places = [event.position for event in submission.events]
    places += [rejection.position for rejection in submission.rejections]
    assert sorted(places) == list(range(submission.received)) == list(range(len(events)))
    for event in submission.events:
        assert event.raw == events[event.position]
        assert event.verdict in STORED
        assert isinstance(orjson.loads(event.payload), dict)
    for rejection in submission.rejections:
        assert rejection.raw == events[rejection.position]
        assert rejection.message
        assert "\0" not in rejection.name + rejection.message


@given(payloads)
def test_a_payload_that_is_taken_reads_the_same_everywhere(raw: bytes) -> None:
    try:
        document = read_payload(raw, LIMITS)
    except Refused:
        return
    # Python's parser knows integers of any size: equal values mean that none was rounded.
    assert json.loads(raw) == document
    assert "\0" not in raw.decode()
    assert rb"\u0000" not in orjson.dumps(document)


@given(json_values.map(lambda value: {"a": value}))
def test_a_payload_is_refused_only_for_what_is_in_it(value: dict[str, Any]) -> None:
    raw = _dumps(value)
    try:
        read_payload(raw, DecodeLimits())
    except Refused:
        text = raw.decode()
        suspicious = ("\\u0000", "\\ud", "NaN", "Infinity")
        long_number = any(len(token.strip("-")) > 18 for token in text.replace(",", " ").split())
        assert long_number or any(mark in text for mark in suspicious)

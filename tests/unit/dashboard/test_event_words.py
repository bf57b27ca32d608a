"""Events, violations and rejections in words, for rows and drawers."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard.grid_rows import event_row, rejected_row
from dashboard.judging import field_checks
from dashboard.view_models import words
from dashboard.view_models.event_detail import MAX_PAYLOAD_CHARS, event_model
from dashboard.view_models.rejected_detail import MAX_HEX_BYTES, rejected_model
from storage.model import Source
from storage.readers import EventDetail, EventRow, RejectedRow
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind, Violation

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 11, 22, 13, 37, 42, 123_456, tzinfo=UTC)
SOURCE = Source("py/1.0", "4.2.0", "ios", "production")
WRONG_TOTAL = Violation("/total", Kind.WRONG_TYPE, "number ≥ 0", 'string "12"', '"12"')
NO_ID = Violation("/order_id", Kind.MISSING_REQUIRED, "string", "missing", "")
ROW = EventRow(
    1_234,
    AT,
    None,
    "Order Completed",
    Verdict.INVALID,
    None,
    None,
    "e-1",
    SOURCE,
    3,
    (WRONG_TOTAL, NO_ID),
)
PLAN = {
    "version": 1,
    "name": "Shop",
    "events": {
        ROW.name: {
            "schema": {
                "type": "object",
                "required": ["order_id"],
                "properties": {
                    "order_id": {"type": "string"},
                    "total": {"type": "number", "minimum": 0},
                    "note": {"type": "string"},
                },
            }
        }
    },
}
DETAIL = EventDetail(ROW, b'{"total":"12","tax":1e2}', PLAN)
REJECTED = RejectedRow(
    day=date(2026, 11, 22),
    sha256="ab" * 32,
    reason="payload_not_json",
    message="the payload is no JSON",
    name="",
    raw=b"\n\x00<b>\xff",
    raw_bytes=6,
    source=SOURCE,
    run_id=None,
    first_seen_at=AT,
    last_seen_at=AT,
    count=3,
)


@pytest.mark.parametrize(
    ("violation", "sentence"),
    [
        (WRONG_TOTAL, '/total: expected number ≥ 0, received string "12"'),
        (NO_ID, "/order_id is missing: expected string"),
        (
            Violation("/x", Kind.UNPLANNED_PROPERTY, "not in the plan", "integer 1", "1"),
            "/x is not in the plan: received integer 1",
        ),
        (
            Violation("", Kind.UNPLANNED_EVENT, "an event of the plan", 'event "x"', '"x"'),
            "the event is not in the plan",
        ),
        (
            Violation("", Kind.SCHEMA, "at least 1 property", "object", "{}"),
            "the event: expected at least 1 property, received object",
        ),
    ],
)
def test_a_violation_is_a_sentence(violation: Violation, sentence: str) -> None:
    assert words.violation(violation) == sentence


def test_a_row_is_text_that_can_be_shown_as_it_is() -> None:
    assert event_row(replace(ROW, name="Order\u202e Completed"), BERLIN) == {
        "seq": 1_234,
        "received": "2026-11-22 14:37:42.123",
        "received_utc": "2026-11-22T13:37:42.123456Z",
        "name": "Order\\u202e Completed",
        "status": "invalid",
        "subject": "",
        "follow": "",
        "follow_hint": "",
        "source": "ios v4.2.0 · production · py/1.0",
        "problem": '/total: expected number ≥ 0, received string "12" (+1 more)',
    }


def test_a_source_tells_what_is_known_of_it_if_anything_is() -> None:
    assert words.source(Source(platform="web")) == "web"
    assert words.source(Source()) == "not named"


def test_the_drawer_tells_every_field_broken_ones_first() -> None:
    model = event_model(DETAIL, field_checks(DETAIL), BERLIN)
    assert [(field.path, field.status, field.broken) for field in model.fields] == [
        ("/order_id", "missing", True),
        ("/tax", "unplanned", True),
        ("/total", "invalid", True),
        ("/note", "not received", False),
    ]
    assert model.payload == '{\n  "total": "12",\n  "tax": 1e2\n}'
    assert [each.rule for each in model.explanation] == [
        words.violation(WRONG_TOTAL),
        words.violation(NO_ID),
    ]
    assert model.title == "Order Completed"
    facts = {fact.label: fact.value for fact in model.facts}
    assert (facts["Occurred"], facts["Event id"], facts["Plan version"]) == ("—", "e-1", "3")


def test_an_event_without_a_plan_has_fields_that_are_not_planned() -> None:
    detail = replace(DETAIL, row=replace(ROW, violations=()), plan_document=None)
    model = event_model(detail, field_checks(detail), BERLIN)
    assert {field.status for field in model.fields if field.path in ("/tax", "/total")} == {"unplanned"}


def test_a_plan_that_cannot_be_read_hides_the_fields_and_nothing_else() -> None:
    detail = replace(DETAIL, plan_document={"version": 99})
    assert field_checks(detail) is None
    model = event_model(detail, None, BERLIN)
    assert model.fields == ()
    assert "cannot be read" in model.fields_note
    assert model.payload


def test_a_large_payload_is_cut_and_says_so() -> None:
    detail = replace(DETAIL, payload=b'{"a":"' + b"x" * MAX_PAYLOAD_CHARS + b'"}')
    model = event_model(detail, (), BERLIN)
    assert model.payload_note == "The first 200,000 of 200,008 characters."
    assert len(model.payload) < MAX_PAYLOAD_CHARS + 20


def test_raw_bytes_are_shown_as_text_and_in_hexadecimal() -> None:
    row = rejected_row(REJECTED, BERLIN)
    assert (row["raw"], row["count"], row["id"]) == (
        "\\n\\x00<b>\\xff",
        3,
        f"2026-11-22.{'ab' * 32}.payload_not_json",
    )
    model = rejected_model(REJECTED, BERLIN)
    assert model.text == "\\n\\x00<b>\\xff"
    assert model.hexadecimal.startswith("00000000  0a 00 3c 62 3e ff")
    assert model.note == ""


def test_a_single_raw_byte_is_told_as_one() -> None:
    facts = rejected_model(replace(REJECTED, raw=b"x", raw_bytes=1), BERLIN).facts
    assert [fact.value for fact in facts if fact.label == "Size"] == ["1 byte"]


def test_cut_raw_bytes_say_so() -> None:
    cut = replace(REJECTED, raw=b"x" * (MAX_HEX_BYTES + 1), raw_bytes=100_000)
    assert rejected_model(cut, BERLIN).note == (
        "The first 4,097 of 100,000 bytes were kept. The hexadecimal view ends after 4,096 bytes."
    )

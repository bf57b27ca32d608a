"""What Live says of a followed subject, of its own age, and of its counters."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest

from dashboard.counting import Counts, Reconciled
from dashboard.event_document import event_document
from dashboard.layout.follow import follow_strip
from dashboard.layout.keys import KEYS
from dashboard.neighbours import Neighbours, neighbours
from dashboard.view_models.follow import follow_model
from dashboard.view_models.freshness import freshness
from dashboard.view_models.reconciled import reconciled_words
from storage.heartbeats import Heartbeat
from storage.model import Ledger, Source
from storage.readers import EventDetail, EventRow
from tests.support.dashboards import ASSETS
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind, Violation

UTC_ZONE = ZoneInfo("UTC")
AT = datetime(2026, 11, 22, 13, 37, 42, 500_000, tzinfo=UTC)
LEDGER = Ledger(1, 1, 9, 3, 7, AT, 1)


def row(seq: int, status: Verdict = Verdict.VALID) -> EventRow:
    return EventRow(seq, AT, None, "Order Completed", status, "user-7", None, None, Source(), 1, ())


@pytest.mark.parametrize(
    ("statuses", "state", "passes"),
    [
        ([], "Nothing came yet; its first event appears here within two seconds", None),
        ([Verdict.VALID], "The only event passes · last one at 13:37:42", True),
        ([Verdict.INVALID], "The only event fails · last one at 13:37:42", False),
        ([Verdict.VALID] * 3, "The newest 3 events pass · last one at 13:37:42", True),
        (
            [Verdict.VALID, Verdict.UNPLANNED],
            "1 of the newest 2 events fails · last one at 13:37:42",
            False,
        ),
        (
            [Verdict.INVALID, Verdict.INVALID, Verdict.VALID],
            "2 of the newest 3 events fail · last one at 13:37:42",
            False,
        ),
    ],
)
def test_a_followed_device_passes_or_fails_at_a_glance(
    statuses: list[Verdict], state: str, passes: bool | None
) -> None:
    newest = [row(9 - place, status) for place, status in enumerate(statuses)]
    model = follow_model("user-7", "", newest, UTC_ZONE)
    assert (model.what, model.state, model.passes) == ("subject user-7", state, passes)
    assert [event.seq for event in model.events] == sorted(each.seq for each in newest)


def test_a_run_of_a_subject_is_named_and_its_events_open() -> None:
    model = follow_model("u\u202e", "ci-1", [row(4, Verdict.INVALID)], UTC_ZONE)
    assert model.what == "run ci-1 of subject u\\u202e"
    strip = str(follow_strip(model))
    assert "'data-lvd-open': '4'" in strip or "data-lvd-open='4'" in strip
    assert "Order Completed: invalid, at 13:37:42" in strip


def beat(silent_for: float) -> Heartbeat:
    return Heartbeat(UUID(int=1), AT, AT - timedelta(seconds=silent_for), {}, AT)


@pytest.mark.parametrize(
    ("beats", "alarm"),
    [
        ([], "No ingest server is running"),
        ([beat(4)], ""),
        ([beat(40), beat(4)], ""),
        ([beat(40), beat(90)], "Ingest has been silent for 40 s"),
    ],
)
def test_a_page_knows_whether_a_server_speaks(beats: list[Heartbeat], alarm: str) -> None:
    told = freshness(LEDGER, AT + timedelta(seconds=1.25), beats)
    assert told == {"stored": "2026-11-22T13:37:42.500000+00:00", "age": 1.25, "alarm": alarm}


def test_an_empty_app_has_no_age_and_a_clock_behind_makes_none_negative() -> None:
    empty = Ledger(1, 1, 0, 1, 0, None, 0)
    assert freshness(empty, AT, [])["age"] is None
    assert freshness(LEDGER, AT - timedelta(seconds=1), [])["age"] == 0.0


COUNTS = Counts(
    1_234,
    {
        Verdict.VALID: 1_000,
        Verdict.INVALID: 100,
        Verdict.UNPLANNED: 50,
        Verdict.DUPLICATE: 60,
        Verdict.REJECTED: 24,
    },
)
SUM = "1,234 received = 1,000 valid + 100 invalid + 50 unplanned + 60 duplicate + 24 rejected"


@pytest.mark.parametrize(
    ("check", "more"),
    [
        (None, ""),
        (Reconciled(0, 0), ""),
        (Reconciled(1_234, 1_234), " · ✓ as counted on arrival"),
        (Reconciled(1_240, 1_234), " · ✕ 1,240 were counted on arrival, 6 are not accounted for"),
    ],
)
def test_the_counters_are_one_sum_and_say_whether_it_holds(check: Reconciled | None, more: str) -> None:
    assert reconciled_words(COUNTS, check) == SUM + more


@pytest.mark.parametrize(
    ("seq", "expected"), [(3, Neighbours(None, 4)), (5, Neighbours(4, 6)), (7, Neighbours(6, None))]
)
def test_the_first_and_the_last_event_have_one_neighbour(seq: int, expected: Neighbours) -> None:
    assert neighbours(LEDGER, seq) == expected


def test_an_event_as_a_document_keeps_its_producers_numbers() -> None:
    broken = Violation("/total", Kind.WRONG_TYPE, "number", 'string "12"', '"12"')
    source = Source("py/1", "4.2.0", "ios", "test")
    stored = EventRow(7, AT, AT, "Order", Verdict.INVALID, "user-7", "ci-1", "e-1", source, 3, (broken,))
    text = event_document(EventDetail(stored, b'{"total":"12","big":18446744073709551615,"e":1e2}', None))
    assert '"big": 18446744073709551615' in text
    assert '"e": 1e2' in text
    document = orjson.loads(text)
    assert document["occurred_at"] == document["received_at"] == "2026-11-22T13:37:42.500000Z"
    assert (document["status"], document["violations"][0]["path"]) == ("invalid", "/total")
    assert document["source"]["app_version"] == "4.2.0"


def test_every_key_that_is_told_is_heard() -> None:
    script = (ASSETS / "42_keys.js").read_text()
    heard = {key for key in KEYS if f"{key}:" in script or f'"{key}":' in script}
    # Enter is the grid's own, Esc that of what is open.
    assert KEYS.keys() - heard == {"Enter", "Esc"}

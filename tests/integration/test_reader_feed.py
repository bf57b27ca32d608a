"""The feed: whatever was committed comes once, in order; and what the figures of an app are made of."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from storage.errors import BadRequest, NotFound
from storage.readers import Cursor, Reader
from tests.support.events import new_event, submission
from tests.support.reading import seqs_of
from tests.support.seeding import NAMES, SOURCES, recent_days, seed
from tests.support.writing import new_app, writer_on

ROWS = 1_500


def start_of(engine: Engine, app_id: int) -> Cursor:
    """Of a reader that has read nothing yet."""
    return Cursor(Reader(engine).ledger(app_id).epoch, version=0, seq=0)


@pytest.fixture(scope="module")
def seeded(engine: Engine) -> int:
    return seed(engine, "shop", recent_days(days=3, rows_per_day=ROWS // 3))


def write(engine: Engine, app_id: int, *event_ids: str) -> None:
    with writer_on(engine) as writer:
        writer.write([submission(app_id, [new_event(event_id, None) for event_id in event_ids])])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(begin=st.integers(0, ROWS), limits=st.lists(st.integers(20, 500), min_size=1, max_size=5))
def test_readings_follow_each_other_without_a_gap(
    engine: Engine, seeded: int, begin: int, limits: list[int]
) -> None:
    reader, seqs = Reader(engine), list[int]()
    cursor = replace(start_of(engine, seeded), seq=begin)
    for turn in range(ROWS):
        changes = reader.since(seeded, cursor, limits[turn % len(limits)])
        seqs += seqs_of(changes.new_rows)
        cursor = changes.next
        if not changes.truncated:
            break
    assert seqs == list(range(begin + 1, ROWS + 1))
    assert cursor == Cursor(changes.ledger.epoch, changes.ledger.version, ROWS)


def test_rows_that_come_meanwhile_are_new_and_duplicates_change_the_version_only(engine: Engine) -> None:
    app_id, reader = new_app(engine), Reader(engine)
    empty = reader.since(app_id, start_of(engine, app_id), 100)
    assert (empty.gap, empty.new_rows, empty.truncated) == (False, (), False)
    write(engine, app_id, "a", "b")
    first = reader.since(app_id, empty.next, 100)
    assert [row.event_id for row in first.new_rows] == ["a", "b"]
    write(engine, app_id, "a")
    second = reader.since(app_id, first.next, 100)
    assert second.new_rows == ()
    assert second.next.version > first.next.version
    write(engine, app_id, "b", "c")
    assert [row.event_id for row in reader.since(app_id, second.next, 100).new_rows] == ["c"]


def test_a_cursor_whose_rows_are_gone_is_told_and_starts_anew(engine: Engine) -> None:
    app_id, reader = new_app(engine), Reader(engine)
    write(engine, app_id, "a", "b", "c")
    with engine.begin() as conn:
        conn.execute(text("UPDATE app_ledger SET first_seq = 3 WHERE app_id = :id"), {"id": app_id})
    start = start_of(engine, app_id)
    for cursor in (start, replace(start, seq=4), replace(start, epoch=start.epoch + 1, seq=3)):
        changes = reader.since(app_id, cursor, 100)
        assert (changes.gap, changes.new_rows) == (True, ())
        assert (changes.next.epoch, changes.next.seq) == (start.epoch, 3)
    assert seqs_of(reader.since(app_id, replace(start, seq=2), 100).new_rows) == [3]


def test_an_event_comes_with_its_payload_and_the_plan_that_judged_it(engine: Engine, seeded: int) -> None:
    detail = Reader(engine).event(seeded, 700)
    assert detail.row.seq == 700
    assert detail.row.source.sdk in {sdk for sdk, *_ in SOURCES}
    assert orjson.loads(detail.payload)["order"] == "o-700"
    assert detail.plan_document is not None
    assert set(NAMES) < set(detail.plan_document["events"])


@pytest.mark.parametrize("seq", [0, -1, ROWS + 1, 2**70])
def test_an_event_that_never_was_is_not_found(engine: Engine, seeded: int, seq: int) -> None:
    with pytest.raises(NotFound, match="the app has 1 to 1500"):
        Reader(engine).event(seeded, seq)


def test_apps_come_by_name_with_their_ledgers(engine: Engine, seeded: int) -> None:
    apps = Reader(engine).apps()
    assert [app.name for app in apps] == sorted(app.name for app in apps)
    assert [app.ledger.last_seq for app in apps if app.app_id == seeded] == [ROWS]
    assert all(app.ledger == Reader(engine).ledger(app.app_id) for app in apps)


def test_sources_of_the_app_only(engine: Engine, seeded: int) -> None:
    found = Reader(engine).sources(seeded)
    assert [(s.source.sdk, s.source.app_version, s.source.platform, s.source.environment) for s in found] == [
        *SOURCES
    ]
    with pytest.raises(BadRequest):
        Reader(engine).since(seeded, start_of(engine, seeded), 0)

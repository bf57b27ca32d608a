"""The writer on a real Postgres: what is stored, what is answered, and what the rollups say."""

from collections.abc import Iterator
from time import time_ns

import pytest
from sqlalchemy import Engine, text

from storage.errors import Unavailable
from storage.memory import Memory
from storage.model import Limits, NewEvent, Rejection, Source
from storage.plans import PlanStore
from storage.reasons import Reason
from storage.writer import Writer
from tests.support.databases import end_connections
from tests.support.events import DAY_US, LIMITS, SOURCE, new_event, submission
from tests.support.oracle import check_app, check_received, stored_identities
from tests.support.waiting import wait_until
from tests.support.writing import engine_of, new_app, writer_on
from tracking_plan.verdict import Verdict


def now_us() -> int:
    return time_ns() // 1_000


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    with writer_on(engine) as writer:
        yield writer


@pytest.fixture
def app_id(engine: Engine) -> int:
    return new_app(engine)


def counts(writer: Writer, app_id: int, *batches: list[NewEvent]) -> list[tuple[int, ...]]:
    outcomes = writer.write([submission(app_id, events) for events in batches]).outcomes
    return [outcomes[position].counts for position in range(len(batches))]


def test_each_verdict_is_stored_counted_and_numbered(engine: Engine, writer: Writer, app_id: int) -> None:
    events = [new_event(f"e-{verdict}", now_us(), verdict=verdict) for verdict in list(Verdict)[:3]]
    rejection = Rejection(3, Reason.PAYLOAD_NOT_JSON.value, "no JSON", "Order Completed", b"\x00raw")
    result = writer.write([submission(app_id, events, rejections=[rejection])])
    assert result.outcomes[0].counts == (1, 1, 1, 0, 1, 0)
    assert result.outcomes[0].last_seq == 3
    assert check_app(engine, app_id) == 3
    check_received(engine, app_id, 4)


def test_a_retry_is_a_duplicate_also_where_events_may_be_less_ahead_by_now(
    engine: Engine, writer: Writer, app_id: int
) -> None:
    """LVD_MAX_FUTURE was lowered, or is another one at another server."""
    event = new_event("ahead", now_us() + 1_000_000)
    assert counts(writer, app_id, [event]) == [(1, 0, 0, 0, 0, 0)]
    wait_until(lambda: now_us() > (event.occurred_us or 0), 5)
    strict = Writer(engine, Limits(0, LIMITS.retention_us, LIMITS.undated_window_us), Memory())
    assert counts(strict, app_id, [event]) == [(0, 0, 0, 1, 0, 0)]
    strict.close()


def test_a_retry_is_a_duplicate_also_for_a_server_that_remembers_nothing(
    engine: Engine, writer: Writer, app_id: int
) -> None:
    events = [new_event(f"e-{n}", now_us() + n) for n in range(100)]
    assert counts(writer, app_id, events) == [(100, 0, 0, 0, 0, 0)]
    assert counts(writer, app_id, events) == [(0, 0, 0, 100, 0, 0)]
    with writer_on(engine) as other:
        assert counts(other, app_id, [*events, new_event("new", now_us())]) == [(1, 0, 0, 100, 0, 0)]
    assert check_app(engine, app_id) == 101
    check_received(engine, app_id, 301)


def test_an_id_conflict_is_kept_as_rejected(engine: Engine, writer: Writer, app_id: int) -> None:
    event = new_event("e-1", now_us())
    other = new_event("e-1", event.occurred_us, payload={"total": 99})
    writer.write([submission(app_id, [event])])
    outcome = writer.write([submission(app_id, [other])]).outcomes[0]
    assert outcome.counts == (0, 0, 0, 0, 0, 1)
    assert [rejection.code for rejection in outcome.rejections] == [Reason.ID_CONFLICT]
    with engine.connect() as conn:
        kept = conn.execute(
            text("SELECT reason, encode(raw, 'hex'), count FROM rejected_event WHERE app_id = :app_id"),
            {"app_id": app_id},
        ).one()
    assert tuple(kept) == ("id_conflict", other.raw.hex(), 1)
    check_received(engine, app_id, 2)


def test_a_retried_rejection_adds_to_its_count(engine: Engine, writer: Writer, app_id: int) -> None:
    rejection = Rejection(0, Reason.PAYLOAD_NOT_JSON.value, "no JSON", "", b"same bytes")
    for _ in range(3):
        writer.write([submission(app_id, [], rejections=[rejection])])
    with engine.connect() as conn:
        rows = conn.execute(
            text("SELECT count, first_seen_at < last_seen_at FROM rejected_event WHERE app_id = :app_id"),
            {"app_id": app_id},
        ).all()
    assert [tuple(row) for row in rows] == [(3, True)]
    check_received(engine, app_id, 3)


def test_values_that_postgres_refuses_harm_only_themselves(
    engine: Engine, writer: Writer, app_id: int
) -> None:
    """Ingest lets no such value through; the writer must not hang on one that it would."""
    events = [new_event(f"e-{n}", now_us() + n) for n in range(20)]
    events[7] = events[7]._replace(payload=b"{no json")
    events[13] = events[13]._replace(name="nul \0 in the name")
    outcome = writer.write([submission(app_id, events)]).outcomes[0]
    assert outcome.counts == (18, 0, 0, 0, 2, 0)
    assert [(r.position, r.code) for r in outcome.rejections] == [(7, "not_storable"), (13, "not_storable")]
    assert check_app(engine, app_id) == 18
    check_received(engine, app_id, 20)


def test_a_refused_event_does_not_take_its_twin_along(engine: Engine, writer: Writer, app_id: int) -> None:
    good = new_event("e-1", now_us())
    bad = good._replace(payload=b"{no json")
    assert counts(writer, app_id, [bad, good]) == [(1, 0, 0, 0, 1, 0)]
    assert check_app(engine, app_id) == 1


def test_the_payload_is_stored_byte_for_byte(engine: Engine, writer: Writer, app_id: int) -> None:
    payload = '{"b": 1e2,\t"a":-0.0,\n"t":"tab\\t \\\\. \\u00e9 é 🎉","b":1.0}'.encode()
    writer.write([submission(app_id, [new_event("e", now_us())._replace(payload=payload)])])
    assert stored_identities(engine, app_id)[0][2].encode() == payload


def test_several_apps_in_one_group(engine: Engine, writer: Writer) -> None:
    apps = [new_app(engine) for _ in range(3)]
    events = [new_event(f"e-{n}", now_us()) for n in range(5)]
    result = writer.write([submission(app_id, events) for app_id in apps * 2])
    assert [result.outcomes[position].counts[0] for position in range(6)] == [5, 5, 5, 0, 0, 0]
    for app_id in apps:
        assert check_app(engine, app_id) == 5
        check_received(engine, app_id, 10)


def test_a_group_judged_by_another_plan_is_given_back(engine: Engine, writer: Writer, app_id: int) -> None:
    version = PlanStore(engine).push(app_id, {"version": 1, "name": "p", "events": {}})
    other = new_app(engine)
    events = [new_event("e-1", now_us())]
    result = writer.write([submission(app_id, events), submission(other, events)])
    assert result.replanned == {app_id: version}
    assert list(result.outcomes) == [1]
    again = writer.write([submission(app_id, events, plan_version=version)])
    assert again.outcomes[0].counts[Verdict.VALID] == 1


def test_an_app_that_is_gone_is_said_to_be(writer: Writer) -> None:
    nowhere = 2_000_000_000
    result = writer.write([submission(nowhere, [new_event("e", now_us())])])
    assert (result.gone, result.outcomes) == ((0,), {})


def test_an_app_that_is_deleted_under_way_is_said_to_be(engine: Engine, writer: Writer, app_id: int) -> None:
    writer.write([submission(app_id, [new_event("e", now_us())])])
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM app WHERE app_id = :app_id"), {"app_id": app_id})
    assert writer.write([submission(app_id, [new_event("f", now_us())])]).gone == (0,)


def test_an_app_that_another_writer_holds_is_busy(engine: Engine, writer: Writer, app_id: int) -> None:
    other = new_app(engine)
    events = [new_event("e-1", now_us())]
    writer.write([submission(other, events)])
    with engine.begin() as conn:
        conn.execute(text("SELECT FROM app_ledger WHERE app_id = :app_id FOR UPDATE"), {"app_id": other})
        result = writer.write([submission(app_id, events), submission(other, events)])
    assert result.busy == (1,)
    assert result.outcomes[0].counts[Verdict.VALID] == 1


def test_a_group_whose_first_app_is_held_goes_on_without_it(
    engine: Engine, writer: Writer, app_id: int
) -> None:
    other = new_app(engine)
    events = [new_event("e-1", now_us())]
    with engine.begin() as conn:
        conn.execute(text("SELECT FROM app_ledger WHERE app_id = :app_id FOR UPDATE"), {"app_id": app_id})
        result = writer.write([submission(app_id, events), submission(other, events)])
        alone = writer.write([submission(app_id, events)])
    assert (result.busy, result.gone) == ((0,), ())
    assert result.outcomes[1].counts[Verdict.VALID] == 1
    assert (alone.busy, alone.gone, alone.outcomes) == ((0,), (), {})
    assert counts(writer, app_id, events) == [(1, 0, 0, 0, 0, 0)]


def test_an_app_whose_row_is_held_is_busy_for_new_sources_and_holds_up_no_other(
    engine: Engine, writer: Writer, app_id: int
) -> None:
    """By a server that froze while it numbered one, or a person with an open transaction."""
    other = new_app(engine)
    known, new, later = (
        submission(app_id, [new_event(f"e-{number}", now_us())], source=Source("py/1.0", f"4.2.{number % 2}"))
        for number in range(3)
    )
    assert writer.write([known]).outcomes[0].last_seq == 1
    again = submission(app_id, [new_event("e-4", now_us())], source=known.source)
    with engine.begin() as conn:
        conn.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        conn.execute(text("SELECT FROM app WHERE app_id = :app_id FOR UPDATE"), {"app_id": app_id})
        batches = [again, new, later, submission(other, known.events)]
        result = writer.write(batches)
        alone = writer.write([new])
    # All of the app, in their order.
    assert (result.busy, result.gone, list(result.outcomes)) == ((0, 1, 2), (), [3])
    assert (alone.busy, alone.gone, alone.outcomes) == ((0,), (), {})
    assert [writer.write([batch]).outcomes[0].last_seq for batch in batches[:3]] == [2, 3, 4]


def test_late_events_are_compared_with_the_days_since_they_occurred(
    engine: Engine, writer: Writer, app_id: int
) -> None:
    late = [new_event(f"late-{n}", now_us() - 3 * DAY_US) for n in range(10)]
    assert counts(writer, app_id, late) == [(10, 0, 0, 0, 0, 0)]
    _move_on(engine, app_id, days=2)
    with writer_on(engine) as forgetful:
        assert counts(forgetful, app_id, late) == [(0, 0, 0, 10, 0, 0)]
    assert check_app(engine, app_id) == 10


def test_a_partition_that_is_missing_is_made(engine: Engine, writer: Writer, app_id: int) -> None:
    writer.write([submission(app_id, [new_event("e-1", now_us())])])
    _move_on(engine, app_id, days=20)
    assert counts(writer, app_id, [new_event("e-2", now_us())]) == [(1, 0, 0, 0, 0, 0)]
    assert check_app(engine, app_id) == 2


def test_an_app_whose_groups_keep_colliding_is_looked_up_first(engine: Engine, app_id: int) -> None:
    memory = Memory()
    with writer_on(engine) as first, writer_on(engine, memory) as second:
        for round_ in range(4):
            events = [new_event(f"e-{round_}-{n}", now_us()) for n in range(5)]
            first.write([submission(app_id, events)])
            assert (app_id in memory.distrust) == (round_ >= 2)
            assert counts(second, app_id, events) == [(0, 0, 0, 5, 0, 0)]
        second.write([submission(app_id, [new_event("new", now_us())])])
    assert app_id not in memory.distrust


def test_names_beyond_the_limit_count_as_other(
    engine: Engine, app_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory()
    monkeypatch.setattr(memory.names, "_limit", 3)
    with writer_on(engine, memory) as writer:
        for name in ("a", "b", "c", "d", "e", "a"):
            writer.write([submission(app_id, [new_event(f"{name}-{now_us()}", now_us(), name=name)])])
    query = "SELECT name, sum(count) FROM rollup_minute WHERE app_id = :app_id GROUP BY 1 ORDER BY 1"
    with engine.connect() as conn:
        rows = conn.execute(text(query), {"app_id": app_id}).all()
    assert [tuple(row) for row in rows] == [("(other)", 2), ("a", 2), ("b", 1), ("c", 1)]


def test_a_lost_connection_is_unavailable_and_the_next_write_recovers(
    module_database: str, writer: Writer, app_id: int
) -> None:
    events = [new_event("e-1", now_us())]
    writer.write([submission(app_id, events)])
    end_connections(module_database)
    with pytest.raises(Unavailable):
        writer.write([submission(app_id, events)])
    assert counts(writer, app_id, events) == [(0, 0, 0, 1, 0, 0)]


def test_sources_are_numbered_per_app(engine: Engine, writer: Writer, app_id: int) -> None:
    writer.write([submission(app_id, [new_event(f"e-{n}", now_us())], source=SOURCE) for n in range(3)])
    query = "SELECT sdk, app_version, platform, environment FROM source WHERE app_id = :app_id"
    with engine.connect() as conn:
        rows = conn.execute(text(query), {"app_id": app_id}).all()
    assert [tuple(row) for row in rows] == [("py/1.0", "4.2.0", "ios", "test")]


def test_an_issue_knows_the_versions_that_show_it(engine: Engine, writer: Writer, app_id: int) -> None:
    for version, verdict in (
        ("4.1.0", Verdict.VALID),
        ("4.2.0", Verdict.INVALID),
        ("4.2.1", Verdict.INVALID),
    ):
        events = [new_event(f"{version}-{n}", now_us(), verdict=verdict) for n in range(2)]
        writer.write([submission(app_id, events, source=Source(app_version=version))])
    query = (
        "SELECT i.path, i.kind, s.app_version, i.first_seq, i.last_seq, i.count FROM issue_source i "
        "JOIN source s USING (app_id, source_id) WHERE app_id = :app_id ORDER BY s.app_version"
    )
    with engine.connect() as conn:
        rows = conn.execute(text(query), {"app_id": app_id}).all()
    assert [tuple(row) for row in rows] == [
        ("/total", "wrong_type", "4.2.0", 3, 4, 2),
        ("/total", "wrong_type", "4.2.1", 5, 6, 2),
    ]


def _move_on(engine: Engine, app_id: int, *, days: int) -> None:
    """As if the app's last arrival had been received by a server whose clock is ahead: time goes on there."""
    with engine.begin() as conn:
        conn.execute(
            text(
                "UPDATE app_ledger SET last_received_at = last_received_at + make_interval(days => :days) "
                "WHERE app_id = :app_id"
            ),
            {"app_id": app_id, "days": days},
        )


def test_a_database_that_only_reads_takes_no_events_now(database: str) -> None:
    """As a standby that was made the address of the primary."""
    with engine_of(database) as setting:
        app_id = new_app(setting)
        with setting.begin() as conn:
            name = conn.execute(text("SELECT current_database()")).scalar_one()
            conn.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    with engine_of(database) as engine, writer_on(engine) as writer, pytest.raises(Unavailable):
        writer.write([submission(app_id, [new_event("e-1", now_us())], source=SOURCE)])


def test_sources_are_forgotten_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.memory.MAX_SOURCES", 3)
    memory = Memory()
    for number in range(5):
        memory.learn_source(1, Source(app_version=str(number)), number)
    assert list(memory.sources.values()) == [3, 4]

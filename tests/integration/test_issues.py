"""Issues as the real writer leaves them: what is read of them, and what people say of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, text

from storage.errors import BadRequest, NotFound
from storage.issues import MAX_REASON_BYTES, IssueKey, IssueStore, Standing
from storage.model import Source
from storage.readers import Issue, Issues, Reader
from storage.schema import MAX_TEXT_BYTES
from tests.support.events import WRONG_TOTAL, new_event, submission
from tests.support.oracle import check_app
from tests.support.reading import stored_rows
from tests.support.seeding import BROKEN_NAME, NAMES, recent_days, seed
from tests.support.writing import engine_of, new_app, writer_on
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind, Violation

HOUR = timedelta(hours=1)
NAME = "Order Completed"
WRONG = IssueKey(NAME, "/total", "wrong_type")
NO_SKU = IssueKey(NAME, "/items/*/sku", "missing_required")
MISSING = Violation("/items/3/sku", Kind.MISSING_REQUIRED, "string", "missing", "")
OLD, NEW = Source("kt/1", "4.1.9", "android", "prod"), Source("kt/1", "4.2.0", "android", "prod")


@dataclass(frozen=True)
class Shop:
    """An app with a writer, a reader and a store of its own."""

    engine: Engine
    app_id: int
    store: IssueStore
    reader: Reader

    def send(self, count: int, source: Source, *broken: Violation, prefix: str = "e") -> None:
        """So many events of one program, with these violations."""
        verdict = Verdict.INVALID if broken else Verdict.VALID
        events = [
            new_event(f"{prefix}-{source.app_version}-{number}", None, verdict=verdict)._replace(
                violations=broken
            )
            for number in range(count)
        ]
        with writer_on(self.engine) as writer:
            writer.write([submission(self.app_id, events, source=source)])

    def issue(self, key: IssueKey = WRONG) -> Issue:
        (found,) = [issue for issue in self.reader.issues(self.app_id).issues if issue.key == key]
        return found

    def version(self) -> int:
        return self.reader.ledger(self.app_id).version


@pytest.fixture
def shop(database: str) -> Iterator[Shop]:
    with engine_of(database) as engine:
        yield Shop(engine, new_app(engine), IssueStore(engine), Reader(engine))


def test_an_app_without_violations_has_no_issues(shop: Shop) -> None:
    shop.send(3, OLD)
    found = shop.reader.issues(shop.app_id)
    assert (found.issues, found.found) == ((), 0)


def test_events_are_grouped_by_name_path_and_kind_over_all_programs(shop: Shop) -> None:
    shop.send(2, OLD)
    shop.send(3, NEW, WRONG_TOTAL)
    twice = (MISSING, replace(MISSING, path="/items/4/sku"))
    shop.send(1, replace(NEW, environment="test"), WRONG_TOTAL, *twice, prefix="test")
    found = shop.reader.issues(shop.app_id)
    assert {issue.key: issue.count for issue in found.issues} == {WRONG: 4, NO_SKU: 1}
    issue = shop.issue()
    assert _by_program(found, issue.by_source) == {NEW: 3, replace(NEW, environment="test"): 1}
    rows = stored_rows(shop.engine, shop.app_id)
    assert issue.first_seen_at == rows[2].received_at
    assert (issue.last_seen_at, issue.last_seq) == (rows[5].received_at, 6)
    assert shop.reader.event(shop.app_id, issue.last_seq).row.violations[0] == WRONG_TOTAL


def test_an_event_counts_once_for_an_issue_however_many_of_its_items_fail(shop: Shop) -> None:
    """Of an app's 17 events four have three items without sku each."""
    three = [replace(MISSING, path=f"/items/{item}/sku") for item in (0, 1, 12)]
    shop.send(2, NEW, three[0], WRONG_TOTAL, three[1], three[2])
    shop.send(13, OLD)
    shop.send(2, OLD, *three, prefix="more")
    issue, bars = shop.issue(NO_SKU), shop.reader.issue_bars(shop.app_id, None, None, HOUR)
    assert (issue.count, sorted(issue.by_source.values())) == (4, [2, 2])
    assert sum(bar.count for bar in bars.issues if bar.key == NO_SKU) == 4
    (field, _) = shop.reader.failing_fields(shop.app_id, None, None, 9)
    assert (field.path, field.count) == (NO_SKU.path, 4)
    assert field.share == pytest.approx(4 / 17)
    check_app(shop.engine, shop.app_id)


def test_events_are_counted_by_program_whether_they_are_right_or_not(shop: Shop) -> None:
    shop.send(2, OLD)
    shop.send(2, NEW, WRONG_TOTAL)
    shop.send(3, NEW, prefix="right")
    shop.send(3, NEW, prefix="right")
    with writer_on(shop.engine) as writer:
        writer.write([submission(shop.app_id, [new_event("o", None, name="Other")], source=Source("js"))])
    found = shop.reader.issues(shop.app_id)
    assert {name: _by_program(found, counts) for name, counts in found.sent.items()} == {
        NAME: {OLD: 2, NEW: 5}
    }


def _by_program(found: Issues, counts: Mapping[int, int]) -> dict[Source, int]:
    return {found.sources[source_id].source: count for source_id, count in counts.items()}


def test_two_writers_count_what_one_would(shop: Shop) -> None:
    with writer_on(shop.engine) as one, writer_on(shop.engine) as other:
        for number, source in enumerate((OLD, NEW, OLD, NEW)):
            for writer, name in ((one, "x"), (other, "y")):
                events = [
                    new_event(f"{number}-{name}-{event}", None, name=name) for event in range(number + 1)
                ]
                writer.write([submission(shop.app_id, events, source=source)])
    check_app(shop.engine, shop.app_id)


def test_a_resolved_issue_opens_by_itself_once_it_is_seen_again(shop: Shop) -> None:
    shop.send(2, NEW, WRONG_TOTAL)
    assert shop.issue().standing is Standing.OPEN
    before = shop.version()
    shop.store.resolve(shop.app_id, WRONG, who="Ada")
    issue = shop.issue()
    assert issue.said is not None
    assert (issue.standing, issue.came_back, issue.said.changed_by) == (Standing.RESOLVED, False, "Ada")
    assert issue.said.changed_at > issue.last_seen_at
    assert shop.version() == before + 1
    shop.send(2, OLD)
    assert shop.issue().standing is Standing.RESOLVED
    shop.send(1, NEW, WRONG_TOTAL, prefix="back")
    issue = shop.issue()
    assert (issue.standing, issue.came_back) == (Standing.OPEN, True)
    shop.store.resolve(shop.app_id, WRONG, who="Bo")
    assert shop.issue().standing is Standing.RESOLVED


def test_a_muted_issue_stays_muted_with_its_reason_until_it_is_opened(shop: Shop) -> None:
    shop.send(2, NEW, WRONG_TOTAL)
    shop.store.mute(shop.app_id, WRONG, reason="  known, mended in 4.3 \n", who="Ada")
    shop.send(2, NEW, WRONG_TOTAL, prefix="more")
    issue = shop.issue()
    assert issue.said is not None
    assert (issue.standing, issue.said.reason) == (Standing.MUTED, "known, mended in 4.3")
    assert abs(issue.said.changed_at - datetime.now(UTC)) < timedelta(minutes=5)
    before = shop.version()
    shop.store.reopen(shop.app_id, WRONG)
    assert (shop.issue().standing, shop.issue().said) == (Standing.OPEN, None)
    assert shop.version() == before + 1


def test_an_arrival_ahead_of_the_clock_does_not_open_what_was_resolved_after_it(shop: Shop) -> None:
    shop.send(2, NEW, WRONG_TOTAL)
    with shop.engine.begin() as conn:
        for table, column in (("app_ledger", "last_received_at"), ("issue_source", "last_seen_at")):
            statement = f"UPDATE {table} SET {column} = {column} + interval '1 hour' WHERE app_id = :app_id"
            conn.execute(text(statement), {"app_id": shop.app_id})
    shop.store.resolve(shop.app_id, WRONG)
    assert shop.issue().standing is Standing.RESOLVED


@pytest.mark.parametrize("reason", ["", " \n", "a\0b", "x" * (MAX_REASON_BYTES + 1), "ä" * MAX_REASON_BYTES])
def test_a_reason_that_cannot_be_kept_is_refused_and_nothing_changes(shop: Shop, reason: str) -> None:
    shop.send(1, NEW, WRONG_TOTAL)
    before = shop.version()
    with pytest.raises(BadRequest, match="reason"):
        shop.store.mute(shop.app_id, WRONG, reason=reason)
    with pytest.raises(BadRequest, match="who"):
        shop.store.resolve(shop.app_id, WRONG, who="x" * (MAX_TEXT_BYTES + 1))
    assert (shop.issue().said, shop.version()) == (None, before)


@pytest.mark.parametrize("key", [replace(WRONG, path="/other"), replace(WRONG, name="Nothing")])
def test_nothing_can_be_said_of_an_issue_that_was_never_seen(shop: Shop, key: IssueKey) -> None:
    shop.send(1, NEW, WRONG_TOTAL)
    before = shop.version()
    for say in (
        partial(shop.store.resolve, shop.app_id, key),
        partial(shop.store.mute, shop.app_id, key, reason="why not"),
        partial(shop.store.reopen, shop.app_id, key),
        partial(shop.store.resolve, shop.app_id + 1, WRONG),
    ):
        with pytest.raises(NotFound):
            say()
    with pytest.raises(BadRequest, match="NUL"):
        shop.store.resolve(shop.app_id, replace(WRONG, path="/a\0"))
    assert shop.version() == before


@pytest.fixture(scope="module")
def seeded(module_database: str) -> Iterator[tuple[Engine, int]]:
    with engine_of(module_database) as engine:
        yield engine, seed(engine, "shop", recent_days(days=2, rows_per_day=2_000))


@pytest.mark.parametrize("hours", [1, 6, 24])
def test_bars_of_issues_and_events_are_what_the_rows_say(seeded: tuple[Engine, int], hours: int) -> None:
    engine, app_id = seeded
    start = recent_days(days=2, rows_per_day=1).first_day + timedelta(hours=6)
    end = start + timedelta(hours=30)
    step = hours * HOUR
    bars = Reader(engine).issue_bars(app_id, start, end, step)
    with engine.connect() as conn:
        statement = text(
            "SELECT date_bin(:step, received_at, 'epoch'), name, count(*),"
            " count(*) FILTER (WHERE status = 1) FROM event"
            " WHERE app_id = :app_id AND received_at >= :start AND received_at < :end GROUP BY 1, 2"
        )
        asked = {"app_id": app_id, "start": start, "end": end, "step": step}
        expected = {(at, name): (stored, bad) for at, name, stored, bad in conn.execute(statement, asked)}
    assert {(bar.start, bar.name): (bar.stored, bar.invalid) for bar in bars.events} == expected
    assert {(bar.start, bar.key): bar.count for bar in bars.issues} == {
        (at, IssueKey(name, "/total", "wrong_type")): bad for (at, name), (_, bad) in expected.items() if bad
    }
    assert {bar.name for bar in bars.events} >= {*NAMES[:3], BROKEN_NAME}


@pytest.mark.parametrize(
    ("minutes", "step"), [(30, HOUR), (0, timedelta(minutes=30)), (0, timedelta(minutes=90))]
)
def test_what_is_not_counted_by_hours_is_refused(
    seeded: tuple[Engine, int], minutes: int, step: timedelta
) -> None:
    engine, app_id = seeded
    start = recent_days(days=2, rows_per_day=1).first_day + timedelta(minutes=minutes)
    with pytest.raises(BadRequest, match="whole hours"):
        Reader(engine).issue_bars(app_id, start, None, step)


def test_an_app_that_does_not_exist_has_no_issues(seeded: tuple[Engine, int]) -> None:
    engine, app_id = seeded
    reader = Reader(engine)
    for reading in (
        partial(reader.issues, app_id + 1),
        partial(reader.issue_bars, app_id + 1, None, None, HOUR),
    ):
        with pytest.raises(NotFound):
            reading()

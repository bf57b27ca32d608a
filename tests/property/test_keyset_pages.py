"""Whatever the filters: the pages together are what one plain query says, in both directions."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.readers import (
    MAX_ROWS,
    After,
    Comparison,
    Filters,
    Page,
    PageQuery,
    Property,
    Reader,
    View,
    key_rows,
)
from tests.support.reading import (
    StoredRow,
    page_at_row,
    read_to_the_end,
    seqs_of,
    stored_rows,
    wanted_seqs,
)
from tests.support.seeding import NAMES, RARE_NAME, RUNS, recent_days, seed
from tests.support.writing import engine_of
from tracking_plan.verdict import STORED
from tracking_plan.violation import Kind

#: Few enough to read them all a hundred times, more than the first stretch of a search.
SEED = recent_days(days=3, rows_per_day=2_200)
_MINUTES = int((SEED.end - SEED.first_day) / timedelta(minutes=1))


@dataclass(frozen=True)
class Stored:
    """A reader, what it reads, and the same as a plain list."""

    reader: Reader
    impatient: Reader
    app_id: int
    rows: list[StoredRow]


@pytest.fixture(scope="module", autouse=True, params=["planned each time", "kept"])
def plans(request: pytest.FixtureRequest) -> Iterator[None]:
    """How rows of one key are planned: plans are kept of many days, here of any."""
    with pytest.MonkeyPatch.context() as patched:
        if request.param == "kept":
            patched.setattr(key_rows, "_FAR", timedelta(0))
        yield


@pytest.fixture(scope="module")
def stored(module_database: str) -> Iterator[Stored]:
    with engine_of(module_database) as engine:
        app_id = seed(engine, "shop", SEED)
        seed(engine, "another app in the same partitions", replace(SEED, rows_per_day=300))
        # Each look at this clock takes a second: every search stops after its first stretch.
        ticks = count()
        impatient = Reader(engine, clock=lambda: float(next(ticks)), scan_seconds=0.5)
        yield Stored(Reader(engine), impatient, app_id, stored_rows(engine, app_id))


def some(values: list[str] | tuple[str, ...], most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=most).map(tuple)


statuses = st.lists(st.sampled_from(STORED), max_size=2).map(tuple)
minutes = st.none() | st.integers(-5, _MINUTES + 5).map(lambda n: SEED.first_day + timedelta(minutes=n))
names = [*NAMES[:6], NAMES[-1], RARE_NAME, "no such name"]
subjects = st.integers(0, 4_999).map(lambda n: f"user {n}")
properties = st.builds(
    Property,
    st.sampled_from([("total",), ("order",), ("items", "0", "count"), ("items", "*", "sku"), ("none",)]),
    st.sampled_from(Comparison),
    st.sampled_from(["12", "o-300", "a-17", Decimal("12.5"), Decimal(2)]).map(lambda value: (value,)),
)
#: What rows are asked beside their columns, and what they must not be; mostly nothing.
looked_into = {
    name: st.just(()) | st.just(()) | st.just(()) | strategy
    for name, strategy in {
        "subjects": st.lists(subjects, max_size=3).map(tuple),
        "subjects_not": st.lists(subjects, max_size=3).map(tuple),
        "run_ids_not": some(RUNS, 1),
        "source_ids_not": st.just((4,)),
        "app_versions_not": st.just(("4.2.0",)),
        "kinds": st.lists(st.sampled_from([Kind.WRONG_TYPE, Kind.RANGE]), max_size=2).map(tuple),
        "kinds_not": st.just((Kind.WRONG_TYPE,)),
        "paths": some(("/total", "/order"), 1),
        "paths_not": st.just(("/total",)),
        "properties": st.lists(properties, max_size=2).map(tuple),
    }.items()
}
filters = st.builds(
    Filters,
    names=some(names),
    names_not=some(names, 1),
    statuses=statuses,
    statuses_not=st.just(()) | statuses,
    subject=st.none() | st.integers(0, 4_999).map(lambda n: f"user {n}"),
    run_id=st.none() | st.none() | st.sampled_from([*RUNS, "no such run"]),
    source_ids=st.just(()) | st.just(()) | st.lists(st.integers(1, 5), max_size=2).map(tuple),
    app_versions=st.just(()) | some(["4.2.0", "4.3.0", "no such version"], 1),
    start=minutes,
    end=minutes,
    **looked_into,
)
#: What the rollups know, so that rows have numbers.
countable = st.builds(
    Filters,
    names=some(names),
    names_not=some(names, 1),
    statuses=statuses,
    statuses_not=st.just(()) | statuses,
    start=minutes,
    end=minutes,
)
thorough = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@thorough
@given(wanted=filters | countable, newest_first=st.booleans(), limit=st.integers(150, MAX_ROWS))
def test_the_pages_of_a_view_are_all_its_rows_in_order(
    stored: Stored, wanted: Filters, newest_first: bool, limit: int
) -> None:
    query = PageQuery(stored.app_id, wanted, newest_first, limit)
    expected = wanted_seqs(stored.rows, wanted, newest_first=newest_first)

    def full_but_for_the_last(page: Page) -> None:
        assert len(page.rows) == limit or not page.more
        assert page.view.total in (None, len(expected))

    assert read_to_the_end(stored.reader, query, full_but_for_the_last) == expected


@thorough
@given(wanted=filters, newest_first=st.booleans(), limit=st.integers(150, MAX_ROWS))
def test_a_search_that_is_cut_short_goes_on_where_it_stopped(
    stored: Stored, wanted: Filters, newest_first: bool, limit: int
) -> None:
    query = PageQuery(stored.app_id, wanted, newest_first, limit)
    expected = wanted_seqs(stored.rows, wanted, newest_first=newest_first)
    places: list[int | None] = []

    def gets_ahead(page: Page) -> None:
        assert page.more or page.scanned_to is None
        assert page.scanned_to is None or page.scanned_to not in places
        places.append(page.scanned_to)

    assert read_to_the_end(stored.impatient, query, gets_ahead) == expected


@thorough
@given(
    wanted=countable,
    newest_first=st.booleans(),
    limit=st.integers(1, MAX_ROWS),
    fraction=st.floats(0, 1.02),
)
def test_the_page_at_a_row_number_is_that_slice_of_all_rows(
    stored: Stored, wanted: Filters, newest_first: bool, limit: int, fraction: float
) -> None:
    query = PageQuery(stored.app_id, wanted, newest_first, limit)
    expected = wanted_seqs(stored.rows, wanted, newest_first=newest_first)
    view = stored.reader.page(query).view
    assert view.total == len(expected)
    assert View.from_token(view.to_token()) == view
    offset = int(fraction * len(expected))
    page = page_at_row(stored.reader, query, offset, view)
    assert seqs_of(page.rows) == expected[offset : offset + limit]
    assert page.more == (offset + limit < len(expected))


@settings(thorough, max_examples=25)
@given(wanted=filters | countable, newest_first=st.booleans(), minute=st.integers(-5, _MINUTES + 5))
def test_a_view_lands_on_its_first_row_of_a_minute(
    stored: Stored, wanted: Filters, newest_first: bool, minute: int
) -> None:
    query = PageQuery(stored.app_id, wanted, newest_first, limit=5)
    at = SEED.first_day + timedelta(minutes=minute)
    rows = {row.seq: row.received_at for row in stored.rows}
    seqs = wanted_seqs(stored.rows, wanted, newest_first=newest_first)
    edge = at + timedelta(minutes=1)
    there = [seq for seq in seqs if (rows[seq] < edge if newest_first else rows[seq] >= at)]
    found = stored.reader.land(query, at)
    assert found.row in (None, len(seqs) - len(there))
    behind = read_to_the_end(
        stored.reader, replace(query, limit=MAX_ROWS, at=After(found.after)), lambda _page: None
    )
    assert behind == there


@settings(thorough, max_examples=25)
@given(wanted=filters | countable, newest_first=st.booleans())
def test_a_view_is_counted_as_far_as_it_can_be(stored: Stored, wanted: Filters, newest_first: bool) -> None:
    query = PageQuery(stored.app_id, wanted, newest_first, limit=5)
    expected = len(wanted_seqs(stored.rows, wanted, newest_first=newest_first))
    counted = stored.reader.count(query)
    assert (counted.rows, counted.complete) == (expected, True)
    cut_short = stored.impatient.count(query)
    assert cut_short.rows == expected if cut_short.complete else cut_short.rows <= expected

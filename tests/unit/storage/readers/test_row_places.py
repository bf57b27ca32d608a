"""From a row number to its minute, and views on their way through a browser."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import BadRequest
from storage.readers import View
from storage.readers.lasting import Hours
from storage.readers.places import Place, find, reached, walk

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
VIEW = View(epoch=3, snapshot_seq=1_000, first_seq=17, total=412, minute=NOON, in_minute=9)

buckets = st.lists(st.integers(1, 9), max_size=8).map(
    lambda counts: [(NOON - timedelta(minutes=n), count) for n, count in enumerate(counts)]
)


@given(buckets, st.integers(0, 80))
def test_a_walk_finds_the_row_that_a_list_of_all_rows_has_there(
    counts: list[tuple[datetime, int]], row: int
) -> None:
    rows = [Place(bucket, count, above) for bucket, count in counts for above in range(count)]
    expected = rows[row] if row < len(rows) else row - len(rows)
    assert walk(counts, row) == find(Hours(tuple(counts)), row) == expected


@given(buckets, st.integers(-2, 9), st.integers(1, 30), st.booleans())
def test_so_many_rows_reach_as_far_as_a_list_of_all_rows_does(
    counts: list[tuple[datetime, int]], above: int, rows: int, newest_first: bool
) -> None:
    edge, listed = NOON - timedelta(minutes=above), [at for at, count in counts for _ in range(count)]
    if newest_first:
        window, within = (NOON - timedelta(days=1), edge), [at for at in listed if at < edge]
    else:
        window, within = (edge, NOON + timedelta(days=1)), [at for at in listed[::-1] if at >= edge]
    expected = within[rows - 1] if rows <= len(within) else None
    assert reached(tuple(counts), window, rows, newest_first=newest_first) == expected


@pytest.mark.parametrize(
    "view", [VIEW, replace(VIEW, total=None, in_minute=None), replace(VIEW, minute=None)]
)
def test_a_view_comes_back_from_its_token(view: View) -> None:
    token = view.to_token()
    assert View.from_token(token) == view
    assert len(token) < 100


@pytest.mark.parametrize(
    "token",
    [
        "",
        "1",
        "1.2.3.4.5",
        "1.2.3.4.5.6.7",
        ".2.3.4.5.6",
        "1.2.x.4.5.6",
        "1.2.3.4.9999999999.6",
        "1.2.3.4.-9.6",
    ],
)
def test_a_token_that_is_none_is_refused(token: str) -> None:
    with pytest.raises(BadRequest):
        View.from_token(token)

"""A search for what no index finds gets ahead, however long its rows take to be looked at."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from storage.errors import Unavailable
from storage.readers import After, Comparison, Filters, Page, PageQuery, Property, Reader, pages
from storage.readers.access import Access
from storage.readers.event_rows import fetch_rows
from storage.readers.stretches import Stretch
from tests.support.events import new_event, submission
from tests.support.writing import new_app, writer_on

EVENTS = 9
#: Of the first and of the last of them alone.
WANTED = Filters(properties=(Property(("total",), Comparison.MORE, (Decimal(1),)),))


@pytest.fixture(scope="module")
def app_id(engine: Engine) -> int:
    made = new_app(engine)
    totals = [2, *[1] * (EVENTS - 2), 2]
    with writer_on(engine) as writer:
        events = [new_event(f"e-{n}", None, payload={"total": total}) for n, total in enumerate(totals)]
        writer.write([submission(made, events)])
    return made


def at_once(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Stretches of more than so many rows take longer than any page has."""

    def fetch(conn: Connection, access: Access, stretch: Stretch, limit: int, **order: Any) -> Sequence[Any]:
        if stretch.last_seq - stretch.first_seq >= most:
            conn.execute(text("SELECT pg_sleep(60)"))
        return fetch_rows(conn, access, stretch, limit, **order)

    monkeypatch.setattr(pages, "fetch_rows", fetch)


def pages_of(reader: Reader, app_id: int, *, newest_first: bool) -> Iterator[Page]:
    """One after the other; at most as many as there are events, and the last one."""
    at = None
    for _ in range(EVENTS + 1):
        page = reader.page(PageQuery(app_id, WANTED, newest_first, 100, at))
        yield page
        if page.scanned_to is None:
            return
        at = After(page.scanned_to, page.view)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("most", [1, 3])
def test_each_page_gets_ahead_where_the_first_rows_take_too_long(
    engine: Engine, app_id: int, monkeypatch: pytest.MonkeyPatch, most: int, newest_first: bool
) -> None:
    at_once(monkeypatch, most)
    found = list(pages_of(Reader(engine, scan_seconds=0.1), app_id, newest_first=newest_first))
    places = [page.scanned_to for page in found[:-1] if page.scanned_to is not None]
    assert places == sorted(set(places), reverse=newest_first)
    assert found[-1].scanned_to is None
    ends = [EVENTS, 1] if newest_first else [1, EVENTS]
    assert [row.seq for page in found for row in page.rows] == ends


def test_a_single_row_may_take_as_long_as_any_statement(
    engine: Engine, app_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no longer: whoever asked is told, and does not ask for the same again and again."""
    at_once(monkeypatch, 0)
    reader = Reader(engine, statement_timeout_ms=500, scan_seconds=0.1)
    with pytest.raises(Unavailable):
        reader.page(PageQuery(app_id, WANTED, newest_first=True, limit=100))

"""Of all searches and exports of a process one reads at a time; those who wait get ahead, or tell how far."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from dashboard.api.exports import EXPORT
from dashboard.api.routes import EXPLORE_ROWS
from storage.readers import Comparison, Filters, PageQuery, Property, Reader
from tests.support.dashboards import dashboard_on
from tests.support.seeding import recent_days, seed
from tests.support.writing import engine_of

ROWS = 2_000
#: What every row has, but no index knows.
EVERY = Filters(properties=(Property(("currency",), Comparison.IS, ("EUR",)),))
#: In seconds: a turn that is not given is not waited for in vain for long.
BRIEF = 0.2


@pytest.fixture(scope="module")
def engine(module_database: str) -> Iterator[Engine]:
    with engine_of(module_database, pool_size=8) as engine:
        yield engine


@pytest.fixture(scope="module")
def app_id(engine: Engine) -> int:
    return seed(engine, "turns", recent_days(days=1, rows_per_day=ROWS))


def _query(app_id: int, filters: Filters) -> PageQuery:
    return PageQuery(app_id, filters, newest_first=True, limit=100)


class _Holder:
    """Another thread that reads much."""

    def __init__(self, reader: Reader) -> None:
        self._over, self._has = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold, args=(reader,))

    def _hold(self, reader: Reader) -> None:
        with reader.turns.taken():
            self._has.set()
            self._over.wait(30)

    def __enter__(self) -> "_Holder":
        self._thread.start()
        assert self._has.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def test_a_search_that_waits_for_its_turn_in_vain_goes_on_where_it_stood(engine: Engine, app_id: int) -> None:
    reader = Reader(engine, scan_seconds=BRIEF)
    with _Holder(reader):
        waited = reader.page(_query(app_id, EVERY))
    assert waited.rows == ()
    assert waited.more
    assert waited.scanned_to == ROWS + 1, "nothing was looked at"
    assert len(reader.page(_query(app_id, EVERY)).rows) == 100


def test_pages_that_indexes_find_wait_for_nobody(engine: Engine, app_id: int) -> None:
    reader = Reader(engine, scan_seconds=BRIEF)
    with _Holder(reader):
        assert len(reader.page(_query(app_id, Filters())).rows) == 100


def test_an_export_waits_for_its_turn_and_is_whole(engine: Engine, app_id: int, tmp_path: Path) -> None:
    reader = Reader(engine)
    client = dashboard_on(engine, tmp_path, reader=reader).server.test_client()
    view: dict[str, Any] = {"app_id": app_id, "range_key": "all"}
    token = client.post(EXPLORE_ROWS, json={"view": view, "limit": 1}).get_json()["token"]
    order = client.post(EXPORT, json={"view": view, "token": token, "format": "jsonl"}).get_json()
    files: list[bytes] = []
    fetching = threading.Thread(target=lambda: files.append(client.get(order["address"], buffered=True).data))
    with _Holder(reader):
        fetching.start()
        fetching.join(BRIEF)
        assert fetching.is_alive()
    fetching.join(30)
    assert len(files[0].splitlines()) == ROWS


def test_an_export_that_searches_takes_its_turn_once(engine: Engine, app_id: int, tmp_path: Path) -> None:
    """Its search is read within the export's own turn."""
    client = dashboard_on(engine, tmp_path).server.test_client()
    view: dict[str, Any] = {"app_id": app_id, "range_key": "all", "where": ["/currency = EUR"]}
    token = client.post(EXPLORE_ROWS, json={"view": view, "limit": 1}).get_json()["token"]
    order = client.post(EXPORT, json={"view": view, "token": token, "format": "jsonl"}).get_json()
    assert len(client.get(order["address"], buffered=True).data.splitlines()) == ROWS

"""Exports of the page Explore, in a browser: what a file holds, and one that is cancelled."""

import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from pyarrow import parquet
from sqlalchemy import Engine

from dashboard.api.exports import EXPORT_PROGRESS
from dashboard.exports.book import MOST_AT_ONCE
from dashboard.ids import Ids
from storage.readers import Reader
from tests.e2e.conftest import Opens
from tests.support.dashboards import dashboard_on
from tests.support.explore_site import Site, explore, explore_site, export, order_export, total
from tests.support.seeding import NAMES
from tests.support.served import served
from tests.support.visits import PATIENCE


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with explore_site(module_database, tmp_path_factory.mktemp("cache")) as site:
        yield site


def test_json_lines_and_parquet_hold_what_is_listed(site: Site, visit: Opens, tmp_path: Path) -> None:
    page = explore(site, visit, name=NAMES[-1], order="oldest")
    wanted = site.seqs(f"name = '{NAMES[-1]}'")
    page.until(lambda: total(page) == str(len(wanted)), "events of a name")
    lines, table = tmp_path / "events.jsonl", tmp_path / "events.parquet"
    export(page, "JSON lines").save_as(lines)
    assert [json.loads(line)["seq"] for line in lines.read_text().splitlines()] == wanted
    export(page, "Parquet").save_as(table)
    assert parquet.read_table(table).column("seq").to_pylist() == wanted
    page.until(lambda: f"Exported {len(wanted)} rows" in page.text(Ids.EXPORT_TEXT), "it is told of")
    page.assert_clean()


class Held(Reader):
    """Gives no payload, which exports alone read by pages, until it is told to."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.goes_on = threading.Event()

    def payloads(self, app_id: int, seqs: Sequence[int], most_bytes: int) -> dict[int, bytes]:
        assert self.goes_on.wait(PATIENCE)
        return super().payloads(app_id, seqs, most_bytes)


def test_an_export_is_cancelled_and_its_file_is_not_taken_for_whole(
    site: Site, visit: Opens, tmp_path: Path
) -> None:
    reader = Held(site.engine)
    with served(dashboard_on(site.engine, tmp_path, reader=reader)) as (address, faults):
        page = explore(Site(address, faults, site.engine, site.app_id), visit)
        page.until(lambda: total(page) == "6,000", "all events")
        download = export(page, "CSV")
        page.until(lambda: "Exporting: 0 of 6,000 rows" in page.text(Ids.EXPORT_TEXT), "it is under way")
        page.page.click(f"#{Ids.EXPORT_CANCEL}")
        page.until(lambda: "Cancelling" in page.text(Ids.EXPORT_TEXT), "it is heard")
        # The first answer may be of a question that was asked before.
        for _ in range(2):
            with page.page.expect_response(f"**{EXPORT_PROGRESS}"):
                pass
        page.page.wait_for_timeout(200)
        assert "Cancelling" in page.text(Ids.EXPORT_TEXT)
        reader.goes_on.set()
        page.until(lambda: "Cancelled after 0 rows" in page.text(Ids.EXPORT_TEXT), "its end")
        assert not page.shows(Ids.EXPORT_CANCEL)
        assert download.failure()
        page.assert_clean()


def test_an_export_too_many_is_told_of_and_can_be_ordered_again(
    site: Site, visit: Opens, tmp_path: Path
) -> None:
    reader = Held(site.engine)
    with served(dashboard_on(site.engine, tmp_path, reader=reader)) as (address, faults):
        page = explore(Site(address, faults, site.engine, site.app_id), visit)
        page.until(lambda: total(page) == "6,000", "all events")
        under_way = [export(page, "CSV") for _ in range(MOST_AT_ONCE)]
        order_export(page, "CSV")
        why = f"Nothing was exported: {MOST_AT_ONCE} exports are under way"
        page.until(lambda: why in page.text(Ids.EXPORT_TEXT), "why there is no file")
        assert why in page.text(Ids.NOTICE)
        assert not page.shows(Ids.EXPORT_CANCEL)
        reader.goes_on.set()
        assert [download.failure() for download in under_way] == [None] * MOST_AT_ONCE
        export(page, "CSV")
        page.until(lambda: "Exported 6,000 rows" in page.text(Ids.EXPORT_TEXT), "it has a place now")
        page.assert_clean()

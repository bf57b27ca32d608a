"""Fifty open pages cost the database what one does."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.dashboards import Page, dashboard_on
from tests.support.events import new_event, submission
from tests.support.statements import statements
from tests.support.writing import engine_of, new_app, writer_on

VIEWERS = 50
#: As long as the test: whatever is asked within it is one tick.
ONE_TICK = 60.0


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    with engine_of(database, pool_size=8) as made:
        yield made


def test_a_tick_of_fifty_viewers_sends_the_statements_of_one(engine: Engine, tmp_path: Path) -> None:
    app_id = new_app(engine)
    with writer_on(engine) as writer:
        writer.write([submission(app_id, [new_event(f"e-{number}", None) for number in range(300)])])

    # A range that ends now begins anew with each minute: no minute ends here.
    now = datetime.now(UTC)

    def ticks(folder: Path, viewers: int) -> int:
        """Statements for the first tick of so many pages."""
        dashboard = dashboard_on(engine, folder, coalesce_seconds=ONE_TICK, now=lambda: now)
        pages = [Page(dashboard, app_id, range_key="1h")]
        pages += [Page(pages[0].app, app_id, range_key="1h") for _ in range(viewers - 1)]
        tokens = [page.rows()["token"] for page in pages]
        with statements(engine) as sent, ThreadPoolExecutor(8) as pool:
            answers = list(
                pool.map(
                    lambda asked: asked[0].feed(token=asked[1], live=True), zip(pages, tokens, strict=True)
                )
            )
        # How old the newest event is depends on when it is told.
        assert len({str(answer | {"freshness": None}) for answer in answers}) == 1
        return len(sent)

    one = ticks(tmp_path / "one", 1)
    assert one > 0
    assert ticks(tmp_path / "fifty", VIEWERS) == one


def test_an_unchanged_app_costs_its_ledger_and_its_rate(engine: Engine, tmp_path: Path) -> None:
    app_id = new_app(engine)
    with writer_on(engine) as writer:
        writer.write([submission(app_id, [new_event("e-1", None)])])
    page = Page(dashboard_on(engine, tmp_path), app_id, range_key="1h")
    token = page.rows()["token"]
    told = page.feed(token=token, live=True)
    with statements(engine) as sent:
        page.feed(token=token, live=True, tag=told["tag"], names_tag=told["names_tag"])
    read = [statement for statement in sent if "FROM app_ledger" in statement or "app_minute" in statement]
    assert not any("FROM event" in statement or "rollup" in statement for statement in sent)
    assert read

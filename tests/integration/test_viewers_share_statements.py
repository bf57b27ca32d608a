"""Fifty open pages cost the database what one does."""

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from math import ceil
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import Engine

from dashboard import cached_reader
from dashboard.settings import DashboardSettings
from tests.support.dashboards import Page, dashboard_on, keep_readings
from tests.support.events import new_event, submission
from tests.support.statements import statements
from tests.support.writing import engine_of, new_app, writer_on

VIEWERS = 50
#: As long as the test: whatever is asked within it is one tick.
ONE_TICK = 60.0
TICKS = 8
SEED = 7


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    with engine_of(database, pool_size=8) as made:
        yield made


def test_a_tick_of_fifty_viewers_sends_the_statements_of_one(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_readings(monkeypatch)
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


def test_fifty_viewers_at_any_moments_of_the_tick_send_the_statements_of_one(
    database: str, tmp_path: Path
) -> None:
    """In real time, each page asking once a tick at its own moment; the one beside the fifty, in one run."""
    settings = DashboardSettings()
    now = datetime.now(UTC)
    phases = Random(SEED)
    with engine_of(database) as alone, engine_of(database, pool_size=8) as crowded:
        app_id = new_app(alone)
        with writer_on(alone) as writer:
            writer.write([submission(app_id, [new_event(f"e-{number}", None) for number in range(300)])])

        def opened(engine: Engine, folder: str, viewers: int) -> list[Page]:
            dashboard = dashboard_on(
                engine, tmp_path / folder, coalesce_seconds=settings.coalesce_seconds, now=lambda: now
            )
            return [Page(dashboard, app_id, range_key="1h") for _ in range(viewers)]

        pages = opened(alone, "one", 1) + opened(crowded, "fifty", VIEWERS)
        opening = [{"token": page.rows()["token"]} for page in pages]
        # What everything read once and kept costs is not counted.
        held = [_told(page, known) for page, known in zip(pages, opening, strict=True)]
        begin = monotonic() + settings.tick_seconds
        moments = [begin + phases.random() * settings.tick_seconds for _ in pages]
        with (
            statements(alone) as of_one,
            statements(crowded) as of_fifty,
            ThreadPoolExecutor(len(pages)) as pool,
        ):
            list(pool.map(partial(_watch, settings.tick_seconds), pages, held, moments))
    one, fifty = _readings(of_one), _readings(of_fifty)
    # A question that comes late on a busy machine may find the slot of the next one's.
    assert {TICKS, TICKS - 1} & set(one.values())
    too_many = {text: (one[text], sent) for text, sent in fifty.items() if sent > _in_slots(one[text])}
    assert not too_many


def _in_slots(in_ticks: int) -> int:
    """How often at most: the fifty's moments reach into one slot more than the one's, late ones into two."""
    return ceil(in_ticks * (TICKS + 2) / TICKS)


def _readings(sent: list[str]) -> Counter[str]:
    """How often each was sent, without what opens each transaction."""
    return Counter(text for text in sent if "set_config" not in text)


def _watch(tick_seconds: float, page: Page, held: Mapping[str, Any], begin: float) -> None:
    """Asks once a tick, as an open page does."""
    for tick in range(TICKS):
        sleep(max(0.0, begin + tick * tick_seconds - monotonic()))
        held = _told(page, held)


def _told(page: Page, held: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a page holds after one answer."""
    answer = page.feed(live=True, **held)
    return {**held} | {tag: answer[tag] for tag in ("tag", "problems_tag", "names_tag") if tag in answer}


def test_an_unchanged_app_costs_its_ledger_and_its_rate(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However old they are, lists of an unchanged app are those of now.
    monkeypatch.setattr(cached_reader, "LISTS_MAX_AGE", 0.0)
    app_id = new_app(engine)
    with writer_on(engine) as writer:
        writer.write([submission(app_id, [new_event("e-1", None)])])
    # A range that ends now begins anew with each minute: no minute ends here.
    now = datetime.now(UTC)
    page = Page(dashboard_on(engine, tmp_path, now=lambda: now), app_id, range_key="1h")
    token = page.rows()["token"]
    told = page.feed(token=token, live=True)
    with statements(engine) as sent:
        page.feed(token=token, live=True, tag=told["tag"], names_tag=told["names_tag"])
    read = [statement for statement in sent if "FROM app_ledger" in statement or "app_minute" in statement]
    assert not any("FROM event" in statement or "rollup" in statement for statement in sent)
    assert read

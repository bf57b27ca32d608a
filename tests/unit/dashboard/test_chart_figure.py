"""The verdict chart as plain dicts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson

from dashboard.counting import SHOWN, Bars
from dashboard.figures import chart_data, verdict_chart
from tracking_plan.verdict import Verdict


def test_the_figure_is_plain_json_without_a_transition() -> None:
    figure = verdict_chart()
    assert orjson.loads(orjson.dumps(figure)) == figure
    assert "transition" not in figure["layout"]
    assert figure["layout"]["uirevision"]
    assert [trace["name"] for trace in figure["data"]] == [
        "valid", "invalid", "unplanned", "duplicate", "rejected",
    ]  # fmt: skip


def test_bars_start_where_the_viewers_clock_says() -> None:
    start = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    step = timedelta(minutes=15)
    bars = Bars(step, (start, start + step), {verdict: (verdict, 2 * verdict) for verdict in SHOWN})
    data = chart_data(bars, ZoneInfo("Europe/Berlin"))
    assert data["x"] == ["2026-07-02 01:30:00", "2026-07-02 01:45:00"]
    assert data["y"][SHOWN.index(Verdict.REJECTED)] == [4, 8]
    assert 0.8 * step.total_seconds() * 1000 < data["width"] < step.total_seconds() * 1000

"""Which events were invalid, and when."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.filters import MAX_VALUE_CHARS
from dashboard.layout.heatmap import heat_table
from dashboard.palette import HEAT
from dashboard.time_ranges import DAY, HOUR, history
from dashboard.view_models.heatmap import LEVELS, MOST_ROWS, Heatmap, heatmap, level
from dashboard.view_models.setting import Setting
from storage.readers import EventBar, IssueBars
from storage.schema import OTHER
from tests.support.issues import NOW

HISTORY = history("24h", NOW)
LAST = HISTORY.starts[-1]


def heat(
    *bars: EventBar, key: str = "24h", zone: str = "Europe/Berlin", chosen: tuple[str, ...] = ()
) -> Heatmap:
    return heatmap(IssueBars((), bars), Setting("Shop", history(key, NOW), NOW, ZoneInfo(zone)), chosen)


def test_a_cell_gives_its_share_in_words_and_leads_to_its_events() -> None:
    found = heat(EventBar(LAST - HOUR, "Order", 1_000, 123), EventBar(LAST, "Order", 10, 0))
    (row,) = found.rows
    empty, cell, last = row.cells[0], row.cells[-2], row.cells[-1]
    assert (cell.text, cell.level) == ("12", 3)
    assert cell.title == ("Order, 2026-11-22 13:00 to 2026-11-22 14:00: 123 of 1,000 invalid (12.3 %)")
    assert cell.href == (
        "/live?app=Shop&range=custom&from=2026-11-22T12%3A00%3A00%2B00%3A00"
        "&to=2026-11-22T13%3A00%3A00%2B00%3A00&name=Order&status=invalid"
    )
    assert (last.text, last.level, last.href) == ("0", 0, "")
    assert (empty.text, empty.href, empty.title.endswith("no events")) == ("", "", True)


@pytest.mark.parametrize("name", [OTHER, "n" * (MAX_VALUE_CHARS + 1)])
def test_what_cannot_be_filtered_by_is_left_out_of_the_address(name: str) -> None:
    ((*_, cell),) = (row.cells for row in heat(EventBar(LAST, name, 10, 1)).rows)
    assert "name=" not in cell.href
    assert cell.href.endswith("&status=invalid")


def test_events_with_most_invalid_ones_come_first_and_the_rest_is_told_of() -> None:
    many = [EventBar(LAST, f"e{number:02}", 100, number) for number in range(MOST_ROWS + 3)]
    found = heat(*many)
    assert [row.title for row in found.rows[:2]] == ["e10", "e09"]
    assert len(found.rows) == MOST_ROWS
    assert found.note == (
        "2 more events have fewer invalid ones: choose events by name, below, to see them here."
    )
    assert heat(*many[: MOST_ROWS + 2]).note.startswith("1 more event has fewer")


def test_of_chosen_names_the_map_shows_all_and_no_other() -> None:
    many = [EventBar(LAST, f"e{number:02}", 100, number) for number in range(MOST_ROWS + 6)]
    found = heat(*many, chosen=tuple(bar.name for bar in many[: MOST_ROWS + 2]))
    assert [row.title for row in found.rows] == [f"e{number:02}" for number in range(MOST_ROWS + 1, 0, -1)]
    assert found.note == ""


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ((), "No event was invalid in this range."),
        (("Order",), "No event of the chosen names was invalid in this range."),
        (("Never seen",), "No event of the chosen names was invalid in this range."),
    ],
)
def test_without_invalid_events_the_map_is_a_sentence(chosen: tuple[str, ...], words: str) -> None:
    assert words in str(heat_table(heat(EventBar(LAST, "Order", 10, 0), chosen=chosen)))


@pytest.mark.parametrize(
    ("key", "zone", "unit", "labels", "days"),
    [
        ("24h", "Europe/Berlin", "hour", ("15", "14"), ("11-21", "11-22")),
        ("24h", "Asia/Kolkata", "hour", ("19:30", "18:30"), ("11-21", "11-22")),
        ("7d", "UTC", "6 hours", ("18", "12"), ("11-15", "11-16")),
        ("30d", "Asia/Kolkata", "day (UTC)", ("24", "22"), ("2026-10", "2026-11")),
    ],
)
def test_columns_are_named_in_the_viewers_time(
    key: str, zone: str, unit: str, labels: tuple[str, str], days: tuple[str, str]
) -> None:
    found = heat(key=key, zone=zone)
    assert found.unit == unit
    assert (found.columns[0].label, found.columns[-1].label) == labels
    assert tuple(column.day for column in found.columns if column.day)[:2] == days


def test_levels_rise_with_the_share_and_each_has_a_look_in_both_themes() -> None:
    assert [level(share) for share in (0, 0.001, 0.01, 0.049, 0.05, 0.2, 0.5, 1)] == [0, 1, 2, 2, 3, 4, 5, 5]
    assert {len(looks) for looks in HEAT.values()} == {len(LEVELS)}


def test_the_legend_says_what_each_level_means() -> None:
    shown = str(heat_table(heat(EventBar(LAST, "Order", 10, 5))))
    assert all(f"'{words}'" in shown for words in ("0", "<1", "1 to 5", "5 to 20", "20 to 50", "≥50"))


def test_bars_of_the_last_day_are_hours_and_of_a_month_days() -> None:
    assert (HISTORY.step, HISTORY.bars) == (HOUR, 24)
    month = history("30d", NOW)
    assert (month.step, month.bars, month.starts[-1]) == (DAY, 30, NOW.replace(hour=0, minute=0, second=0))
    assert HISTORY.starts[-1] <= NOW < HISTORY.starts[-1] + HOUR
    assert history("7d", NOW).starts[0] == NOW.replace(hour=18, minute=0, second=0) - timedelta(days=7)

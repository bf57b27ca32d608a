"""Which events were invalid, and when: events by hours (or days), the share of invalid ones in each; pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard import formats, links
from dashboard.time_ranges import DAY, History
from dashboard.view_models.setting import Setting
from dashboard.visible_text import cell
from storage.readers import EventBar, IssueBars
from tracking_plan.verdict import Verdict

#: Events that the map shows unless some are chosen: those with most invalid ones.
MOST_ROWS = 8
#: Where each level of colour begins, as a share of invalid events; below the first is level 0, for none.
LEVELS = (0.0, 0.01, 0.05, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One event within one bar."""

    #: In per cent; "" where no event came.
    text: str
    #: 0 (no invalid event) to len(LEVELS).
    level: int
    #: The whole of it in words.
    title: str
    #: Its invalid events; "" where there are none.
    href: str


@dataclass(frozen=True, slots=True)
class HeatColumn:
    """A bar of time."""

    label: str
    #: Above `label`, where a new day begins; else "".
    day: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One event name."""

    title: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class Heatmap:
    """The map; it may have no rows."""

    columns: tuple[HeatColumn, ...]
    rows: tuple[HeatRow, ...]
    #: Width of a column in words: `hour`.
    unit: str
    #: What is left out, and how to see it; or why there are no rows.
    note: str


def heatmap(bars: IssueBars, setting: Setting, chosen: Collection[str] = ()) -> Heatmap:
    """The events with most invalid ones in the range, worst first; of chosen names all that have some."""
    by_name: dict[str, dict[datetime, EventBar]] = {}
    for bar in bars.events:
        if not chosen or bar.name in chosen:
            by_name.setdefault(bar.name, {})[bar.start] = bar
    invalid = {name: sum(bar.invalid for bar in found.values()) for name, found in by_name.items()}
    worst = sorted((name for name in invalid if invalid[name]), key=lambda name: (-invalid[name], name))
    shown = worst if chosen else worst[:MOST_ROWS]
    return Heatmap(
        columns=tuple(_columns(setting.history, setting.zone)),
        rows=tuple(_row(name, by_name[name], setting) for name in shown),
        unit=_unit(setting.history),
        note=_note(len(shown), len(worst) - len(shown), chosen),
    )


def level(share: float) -> int:
    """Of the colour for a share of invalid events."""
    return sum(share > begin if begin == 0 else share >= begin for begin in LEVELS)


def _note(shown: int, hidden: int, chosen: Collection[str]) -> str:
    if not shown:
        return f"No event{' of the chosen names' if chosen else ''} was invalid in this range."
    if not hidden:
        return ""
    more = "1 more event has" if hidden == 1 else f"{formats.number(hidden)} more events have"
    return f"{more} fewer invalid ones: choose events by name, below, to see them here."


def _unit(history: History) -> str:
    hours = history.step.total_seconds() / 3600
    return "hour" if hours == 1 else "day (UTC)" if history.step == DAY else f"{hours:.0f} hours"


def _columns(history: History, zone: ZoneInfo) -> Iterable[HeatColumn]:
    before = ""
    for start in history.starts:
        label, above = _day_label(start) if history.step == DAY else _hour_label(start.astimezone(zone))
        yield HeatColumn(label, above if above != before else "")
        before = above


def _day_label(start: datetime) -> tuple[str, str]:
    return f"{start:%d}", f"{start:%Y-%m}"


def _hour_label(local: datetime) -> tuple[str, str]:
    return f"{local:%H}" if local.minute == 0 else f"{local:%H:%M}", f"{local:%m-%d}"


def _row(name: str, found: Mapping[datetime, EventBar], setting: Setting) -> HeatRow:
    starts = setting.history.starts
    none = (EventBar(start, name, 0, 0) for start in starts)
    bars = (found.get(empty.start, empty) for empty in none)
    return HeatRow(cell(name), tuple(_cell(bar, setting) for bar in bars))


def _cell(bar: EventBar, setting: Setting) -> HeatCell:
    start, end = bar.start, bar.start + setting.history.step
    when = " to ".join(formats.to_the_minute(at, setting.zone) for at in (start, end))
    what = f"{cell(bar.name)}, {when}"
    if not bar.stored:
        return HeatCell("", 0, f"{what}: no events", "")
    share = bar.invalid / bar.stored
    told = f"{formats.number(bar.invalid)} of {formats.number(bar.stored)} invalid ({formats.share(share)})"
    href = links.events_between(setting.app, bar.name, Verdict.INVALID, start, end) if bar.invalid else ""
    return HeatCell(formats.whole_percent(share), level(share), f"{what}: {told}", href)

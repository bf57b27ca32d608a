"""The feed: one answer per tick with everything that changed on the page since its last one."""

from typing import Any
from zlib import crc32

from dashboard import formats
from dashboard.api.follow import follow
from dashboard.api.news import grid_news
from dashboard.api.rejected import rejected
from dashboard.api.schemas import Asked, FeedAsked, RejectedAsked
from dashboard.figures import chart_data
from dashboard.filters import is_filter
from dashboard.ids import Ids, tile_note, tile_value
from dashboard.layout.problems import problem_list
from dashboard.layout.states import how_to_send
from dashboard.time_ranges import DAY, TimeRange, in_sight
from dashboard.view_models.freshness import freshness
from dashboard.view_models.problems import problems
from dashboard.view_models.reconciled import reconciled_words
from dashboard.view_models.tiles import tiles
from dashboard.view_state import Tab
from dashboard.viewer import Viewer
from dashboard.visible_text import cell
from storage.model import Ledger
from storage.readers import Rate

Json = dict[str, Any]

#: Longest range of which every minute is added up again to see whether the counters agree: 1,440 rows.
_LONGEST_RECONCILED = DAY


def feed(viewer: Viewer, asked: FeedAsked) -> Json:
    """What changed; only what ages is sent while the app's version stands still.

    What is broken and the names are read less often than the version: they may change after it, and are told
    apart from their like by tags of their own.
    """
    view = asked.view
    span = view.span(viewer.now)
    ledger = viewer.ledger(view.app_id)
    rate = viewer.rate(view.app_id)
    tag = _tag(ledger, span)
    answer: Json = {
        "tag": tag,
        "texts": _texts(viewer, view, span, rate),
        "freshness": freshness(ledger, viewer.database_clock(view.app_id), viewer.servers()),
        **_problems(viewer, asked, span, ledger),
        **_names(viewer, asked, span),
    }
    if tag != asked.tag:
        answer |= _changes(viewer, asked, span, ledger)
    return answer


def _tag(ledger: Ledger, span: TimeRange) -> str:
    """Equal as long as the same range of an unchanged app is shown."""
    return f"{ledger.app_id}.{ledger.epoch}.{ledger.version}.{span.start}.{span.end}"


def _texts(viewer: Viewer, view: Asked, span: TimeRange, rate: Rate) -> Json:
    counts = viewer.counts(view.app_id, span)
    texts: Json = {}
    for text in tiles(counts, rate):
        texts[tile_value(text.tile)] = text.value
        texts[tile_note(text.tile)] = text.note
    short = span.start is not None and (span.end or viewer.now) - span.start <= _LONGEST_RECONCILED
    check = viewer.reconciled(view.app_id, span) if short else None
    texts[Ids.RECONCILED.value] = reconciled_words(counts, check)
    texts[Ids.TIME_ZONE.value] = f"Times in {formats.zone_name(viewer.zone, viewer.now)}"
    return texts


def _changes(viewer: Viewer, asked: FeedAsked, span: TimeRange, ledger: Ledger) -> Json:
    view = asked.view
    bars = viewer.bars(view.app_id, span)
    seen = in_sight(span, next(iter(bars.starts), None), viewer.now)
    answer: Json = {
        "empty": "" if ledger.last_received_at else how_to_send(viewer.app_name(view.app_id)),
        "seen": {"start": seen.start, "end": seen.end},
        "chart": chart_data(bars, viewer.zone),
        "follow": follow(viewer, view, asked.follow_tag),
    }
    if view.tab is Tab.REJECTED:
        return answer | {"rejected": rejected(viewer, RejectedAsked(view=view))}
    return answer | ({"grid": grid_news(viewer, asked, asked.token, ledger)} if asked.token else {})


def _problems(viewer: Viewer, asked: FeedAsked, span: TimeRange, ledger: Ledger) -> Json:
    """What is broken, unless the page has it already."""
    app_id = asked.view.app_id
    found = tuple(problems(viewer.problems(app_id, span), span, viewer.now, viewer.zone))
    app_name, has_plan = viewer.app_name(app_id), ledger.plan_version > 0
    # By what it is made of: to draw it for each tick of each page would double what a tick costs.
    tag = f"{len(found)}.{crc32(repr((found, app_name, has_plan)).encode())}"
    if tag == asked.problems_tag:
        return {}
    return {"problems_tag": tag, "problems": problem_list(found, app_name, has_plan=has_plan)}


def _names(viewer: Viewer, asked: FeedAsked, span: TimeRange) -> Json:
    """The names that can be filtered by, unless the page has them already."""
    counts = viewer.names(asked.view.app_id, span)
    names = sorted(count.name for count in counts if count.stored and is_filter(count.name))
    tag = f"{len(names)}.{crc32(chr(0).join(names).encode())}"
    if tag == asked.names_tag:
        return {}
    return {"names_tag": tag, "names": [{"value": name, "label": cell(name)} for name in names]}

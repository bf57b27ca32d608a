"""The page Explore: its histogram, its rows, how many they are, and where they are at a time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dashboard import formats
from dashboard.api.explore_schemas import (
    ExploreAliveAsked,
    ExploreCountAsked,
    ExploreLandAsked,
    ExploreRowsAsked,
    ExploreSummaryAsked,
)
from dashboard.api.rows import view_of
from dashboard.explore_view import Field
from dashboard.figures import chart_data
from dashboard.filters import is_filter
from dashboard.grid_rows import event_row
from dashboard.layout.states import how_to_send
from dashboard.time_ranges import TimeRange, in_sight
from dashboard.view_models import words
from dashboard.view_state import Order
from dashboard.viewer import Viewer
from dashboard.visible_text import cell
from storage.readers import After, Filters, NameCount, Page, PageQuery, RowNumber, countable
from storage.schema import MAX_NAMES_PER_APP, OTHER
from tracking_plan.verdict import STORED
from tracking_plan.violation import Kind

Json = dict[str, Any]

#: Most values of a field that are offered.
_MOST_OFFERED = 1_000
_COARSE = "Bars know event and status only: they count more than is listed below."
_BEYOND = (
    f"Bars know the first {formats.number(MAX_NAMES_PER_APP)} event names only: they may count other events"
    " than are listed below."
)


def explore_summary(viewer: Viewer, asked: ExploreSummaryAsked) -> Json:
    """The histogram, the range in words, and the values that can be chosen from."""
    view = asked.view
    span = view.span(viewer.now, viewer.zone)
    filters = view.filters(span)
    bars = viewer.histogram(view.app_id, filters)
    ledger = viewer.ledger(view.app_id)
    names = viewer.names(view.app_id, span)
    seen = in_sight(span, next(iter(bars.starts), None), viewer.now)
    return {
        "chart": {
            **chart_data(bars, viewer.zone, STORED),
            "starts": [start.isoformat() for start in bars.starts],
            "ends": [(start + bars.step).isoformat() for start in bars.starts],
        },
        "bar": _bar(bars.step) if bars.starts else "",
        "note": _note(filters, names),
        "empty": "" if ledger.last_received_at else how_to_send(viewer.app_name(view.app_id)),
        "range": _range(viewer, span),
        "seen": {"start": seen.start, "end": seen.end},
        "zone": f"Times in {formats.zone_name(viewer.zone, viewer.now)}",
        "offered": _offered(viewer, view.app_id, names),
    }


def explore_alive(viewer: Viewer, asked: ExploreAliveAsked) -> Json:
    """The app's newest seq: read, so that it is known whether the database is there."""
    return {"seq": viewer.ledger(asked.app_id).last_seq}


def explore_rows(viewer: Viewer, asked: ExploreRowsAsked) -> Json:
    """Rows of a frozen view; without a token a new one is frozen."""
    view, token = asked.view, asked.token
    span = token.span() if token else view.span(viewer.now, viewer.zone)
    filters = view.filters(span)
    newest_first = view.order is Order.NEWEST
    if token is None and asked.offset == 0 and asked.after is None:
        page = viewer.newest(view.app_id, filters, newest_first=newest_first, limit=asked.limit)
    else:
        frozen = token.frozen() if token else None
        place = RowNumber(asked.offset, frozen) if asked.after is None else After(asked.after, frozen)
        page = viewer.page(PageQuery(view.app_id, filters, newest_first, asked.limit, place))
    return {
        **view_of(page, span),
        "rows": [event_row(row, viewer.zone) for row in page.rows],
        **_following(viewer, page),
    }


def explore_count(viewer: Viewer, asked: ExploreCountAsked) -> Json:
    """How many rows a view has that the rollups do not know, as far as that can be told in time."""
    found = viewer.count(_query(asked))
    return {"complete": found.complete, "rows": found.rows}


def explore_land(viewer: Viewer, asked: ExploreLandAsked) -> Json:
    """The number of the first row from a time on, or the seq behind which it is."""
    found = viewer.land(_query(asked), asked.minute())
    return {"row": found.row, "after": found.after}


def _query(asked: ExploreCountAsked | ExploreLandAsked) -> PageQuery:
    view, token = asked.view, asked.token
    filters: Filters = view.filters(token.span())
    return PageQuery(view.app_id, filters, view.order is Order.NEWEST, 1, RowNumber(0, token.frozen()))


def _following(viewer: Viewer, page: Page) -> Json:
    """Where the next rows are, and how far a search came that did not end."""
    last = page.rows[-1].seq if page.rows else None
    stopped = page.scanned_to is not None
    at = formats.to_the_minute(page.scanned_at, viewer.zone) if page.scanned_at else ""
    return {"more": page.more, "after": page.scanned_to if stopped else last, "stopped": stopped, "until": at}


def _bar(step: timedelta) -> str:
    return f"{formats.duration(step.total_seconds())} per bar"


def _range(viewer: Viewer, span: TimeRange) -> str:
    start, end = (
        formats.to_the_minute(at, viewer.zone) if at else words_
        for at, words_ in ((span.start, "the first event"), (span.end, "now"))
    )
    return f"{start} to {end}"


def _note(filters: Filters, names: Sequence[NameCount]) -> str:
    """What keeps the bars from counting what is listed; "": nothing."""
    if not countable(filters):
        return _COARSE
    counted = {found.name for found in names} - {OTHER}
    others = any(found.name == OTHER and found.stored for found in names)
    return _BEYOND if others and not counted.issuperset((*filters.names, *filters.names_not)) else ""


def _offered(viewer: Viewer, app_id: int, names: Sequence[NameCount]) -> dict[str, list[dict[str, str]]]:
    """What can be chosen from, by field; of other fields any text is taken."""
    sources = viewer.sources(app_id)
    stored = sorted(found.name for found in names if found.stored)
    paths = sorted({issue.key.path for issue in viewer.issues(app_id).issues})
    offered = {
        Field.NAME: filter(is_filter, stored),
        Field.STATUS: [verdict.word for verdict in STORED],
        Field.PATH: filter(is_filter, paths),
        Field.VERSION: sorted({found.source.app_version for found in sources}),
        Field.ENVIRONMENT: sorted({found.source.environment for found in sources}),
        Field.PLATFORM: sorted({found.source.platform for found in sources}),
        Field.SDK: sorted({found.source.sdk for found in sources}),
    }
    choices = {field.value: [_option(value, value) for value in offered[field] if value] for field in offered}
    choices[Field.KIND.value] = [_option(kind.value, words.kind(kind)) for kind in Kind]
    choices[Field.SOURCE.value] = [
        _option(str(found.source_id), words.source(found.source)) for found in sources
    ]
    return {field: options[:_MOST_OFFERED] for field, options in choices.items()}


def _option(value: str, label: str) -> dict[str, str]:
    return {"value": value, "label": cell(label)}

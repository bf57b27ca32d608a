"""The page Issues, put together."""

from collections.abc import Iterable, Sequence

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.ids import Ids
from dashboard.issues_view import IssuesView, Sort
from dashboard.layout.attributes import labelled, nothing_found
from dashboard.layout.controls import app_choice
from dashboard.layout.issue_list import issue_table
from dashboard.layout.states import banner, notices
from dashboard.time_ranges import HISTORIES
from dashboard.view_models import words
from dashboard.viewer import Viewer
from dashboard.visible_text import cell
from storage.issues import MAX_REASON_BYTES, Standing
from storage.readers import AppInfo

_SORTS = {
    Sort.COUNT: "Most in this range",
    Sort.SHARE: "Largest share",
    Sort.LAST_SEEN: "Seen last",
    Sort.FIRST_SEEN: "Newest",
}


def issues_page(
    viewer: Viewer, apps: Sequence[AppInfo], chosen: AppInfo, view: IssuesView, tick_ms: int
) -> Component:
    """The page for one app; its data come with the first answer of the feed."""
    return html.Div(
        [
            html.H1("Issues", className="lvd-hidden"),
            banner(),
            _controls(viewer, apps, chosen, view),
            _heat(),
            notices(Ids.ISSUES_DONE),
            _list(view),
            _mute_dialog(),
            dcc.Store(id=Ids.ISSUES_VIEW),
            dcc.Store(id=Ids.ISSUES_APPS, data={str(app.app_id): app.name for app in apps}),
            dcc.Interval(id=Ids.TICK, interval=tick_ms),
        ],
        id=Ids.ISSUES,
        className="lvd-page",
    )


def standings(by_standing: Iterable[tuple[Standing, int]]) -> list[dict[str, str]]:
    """The tabs, each with how many issues it has."""
    return [
        {"value": standing.value, "label": f"{standing.value.capitalize()} {formats.number(count)}"}
        for standing, count in by_standing
    ]


def name_options(names: Iterable[str]) -> list[dict[str, str]]:
    """Event names that can be filtered by."""
    return [{"value": name, "label": cell(name)} for name in names]


def kind_options(kinds: Iterable[str]) -> list[dict[str, str]]:
    """Kinds of violations that can be filtered by."""
    return [{"value": kind, "label": words.kind(kind)} for kind in kinds]


def _controls(viewer: Viewer, apps: Sequence[AppInfo], chosen: AppInfo, view: IssuesView) -> Component:
    return html.Div(
        [
            app_choice(Ids.ISSUES_APP, apps, chosen),
            dmc.SegmentedControl(
                id=Ids.ISSUES_RANGE,
                data=[{"value": key, "label": key} for key in HISTORIES],
                value=view.range_key,
                **labelled("Range of counts"),
            ),
            html.Span(
                f"Times in {formats.zone_name(viewer.zone, viewer.now)}",
                id=Ids.ISSUES_ZONE,
                className="lvd-dimmed lvd-push",
            ),
        ],
        className="lvd-controls",
    )


def _heat() -> Component:
    return html.Section(
        [
            html.H2("When events were invalid", className="lvd-card-title"),
            html.Div(id=Ids.ISSUES_HEAT, className="lvd-drawn"),
        ],
        className="lvd-card lvd-fades",
    )


def _list(view: IssuesView) -> Component:
    return html.Section(
        [
            html.Div([_standing_choice(view), *_filters(view)], className="lvd-toolbar"),
            issue_table(),
            html.P("loading…", id=Ids.ISSUES_EMPTY, className="lvd-relief"),
            html.Div(
                [
                    html.Span(id=Ids.ISSUES_NOTE, className="lvd-dimmed"),
                    dmc.Button("Show all", id=Ids.ISSUES_EVERY, variant="default", size="xs", display="none"),
                ],
                className="lvd-footer",
            ),
        ],
        className="lvd-card lvd-lists lvd-fades",
    )


def _standing_choice(view: IssuesView) -> Component:
    return dmc.SegmentedControl(
        id=Ids.ISSUES_STANDING,
        data=[{"value": standing.value, "label": standing.value.capitalize()} for standing in Standing],
        value=view.standing.value,
        **labelled("Which issues"),
    )


def _filters(view: IssuesView) -> Iterable[Component]:
    yield dmc.MultiSelect(
        id=Ids.ISSUES_NAMES,
        data=name_options(view.names),
        value=list(view.names),
        placeholder="" if view.names else "All events",
        searchable=True,
        clearable=True,
        limit=100,
        **nothing_found("No event of that name has issues"),
        className="lvd-names",
        **labelled("Filter by event name"),
    )
    yield dmc.MultiSelect(
        id=Ids.ISSUES_KINDS,
        data=kind_options(view.kinds),
        value=list(view.kinds),
        placeholder="" if view.kinds else "All kinds",
        clearable=True,
        className="lvd-names",
        **labelled("Filter by kind of violation"),
    )
    yield dmc.Select(
        id=Ids.ISSUES_SORT,
        data=[{"value": sort.value, "label": label} for sort, label in _SORTS.items()],
        value=view.sort.value,
        allowDeselect=False,
        w=190,
        className="lvd-push",
        **labelled("Order"),
    )


def _mute_dialog() -> Component:
    return dmc.Modal(
        [
            html.P(id=Ids.MUTE_WHAT, className="lvd-violation"),
            html.P(
                "A muted issue stays aside, however often it is seen, until somebody opens it again.",
                className="lvd-dimmed",
            ),
            dmc.TextInput(
                id=Ids.MUTE_REASON,
                label="Why does nobody have to look at it?",
                placeholder="mended in 4.3, which is out next week",
                # A character has at most four bytes.
                attributes={"input": {"maxLength": MAX_REASON_BYTES // 4}},
                required=True,
                value="",
            ),
            dmc.Group(
                [
                    dmc.Button("Cancel", id=Ids.MUTE_CANCEL, variant="default"),
                    dmc.Button("Mute", id=Ids.MUTE_SAVE),
                ],
                justify="flex-end",
                mt="md",
            ),
        ],
        id=Ids.MUTE,
        title="Mute an issue",
        opened=False,
        closeButtonProps={"aria-label": "Close"},
        transitionProps={"duration": 120},
    )

"""The page Plan, put together; its lists and tables come with the answers of its routes."""

from collections.abc import Sequence
from dataclasses import asdict

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.ids import Ids
from dashboard.layout.attributes import labelled
from dashboard.layout.controls import app_choice
from dashboard.layout.plan_dialogs import event_dialog, property_dialog, settings_dialog
from dashboard.layout.states import banner, notices
from dashboard.plan_view import EditAs, PlanTab, PlanView
from dashboard.viewer import Viewer
from storage.plans import MAX_NOTE_BYTES
from storage.readers import AppInfo

_TABS = {PlanTab.READ: "Read", PlanTab.EDIT: "Edit", PlanTab.VERSIONS: "Versions"}
_WAYS = {EditAs.FORM: "As a form", EditAs.TEXT: "As text"}


def plan_page(
    viewer: Viewer, apps: Sequence[AppInfo], chosen: AppInfo, view: PlanView, tick_ms: int
) -> Component:
    """The page for one app."""
    return html.Div(
        [
            html.H1("Plan", className="lvd-hidden"),
            banner(),
            _controls(viewer, apps, chosen, view),
            notices(Ids.PLAN_DONE),
            _read(view),
            _edit(view),
            _versions(view),
            settings_dialog(),
            event_dialog(),
            property_dialog(),
            dcc.Store(id=Ids.PLAN_VIEW),
            dcc.Store(id=Ids.PLAN_START, data=asdict(view)),
            dcc.Store(id=Ids.PLAN_APPS, data={str(app.app_id): app.name for app in apps}),
            dcc.Interval(id=Ids.TICK, interval=tick_ms),
        ],
        id=Ids.PLAN,
        className="lvd-page",
    )


def _controls(viewer: Viewer, apps: Sequence[AppInfo], chosen: AppInfo, view: PlanView) -> Component:
    return html.Div(
        [
            app_choice(Ids.PLAN_APP, apps, chosen),
            dmc.SegmentedControl(
                id=Ids.PLAN_TAB,
                data=[{"value": tab.value, "label": label} for tab, label in _TABS.items()],
                value=view.tab.value,
                **labelled("Read, edit, or look at versions"),
            ),
            dmc.TextInput(
                id=Ids.PLAN_SEARCH,
                value=view.search,
                placeholder="Search events",
                # No debounce: a value that is set while it waits is lost. The page's script waits itself.
                w=220,
                **labelled("Search events by name"),
            ),
            html.Span(
                f"Times in {formats.zone_name(viewer.zone, viewer.now)}",
                id=Ids.PLAN_ZONE,
                className="lvd-dimmed lvd-push",
            ),
        ],
        className="lvd-controls",
    )


def _card(component: Ids, title: str = "") -> Component:
    """A card that a script draws, below its title."""
    drawn = html.Div(id=component, className="lvd-plan-drawn lvd-drawn")
    head = [html.H2(title, className="lvd-card-title")] if title else []
    return html.Section([*head, drawn], className="lvd-card")


def _read(view: PlanView) -> Component:
    return html.Div(
        [
            html.Div(id=Ids.PLAN_HEAD),
            html.Div([_card(Ids.PLAN_EVENTS), _card(Ids.PLAN_EVENT)], className="lvd-plan-columns"),
        ],
        id=Ids.PLAN_READ,
        className="lvd-page lvd-fades",
        hidden=view.tab is not PlanTab.READ,
    )


def _edit(view: PlanView) -> Component:
    return html.Div(
        [
            _edit_toolbar(view),
            html.Div(
                [
                    html.Div(
                        [_form(view), _text(view)],
                        className="lvd-plan-editor",
                    ),
                    html.Div([_saving(), _card(Ids.PLAN_CHANGES, "What would change")], className="lvd-page"),
                ],
                className="lvd-plan-editing",
            ),
        ],
        id=Ids.PLAN_EDIT,
        className="lvd-page",
        hidden=view.tab is not PlanTab.EDIT,
    )


def _edit_toolbar(view: PlanView) -> Component:
    return html.Div(
        [
            dmc.SegmentedControl(
                id=Ids.PLAN_AS,
                data=[{"value": way.value, "label": label} for way, label in _WAYS.items()],
                value=view.edit_as.value,
                **labelled("How to edit"),
            ),
            dmc.Button("Upload a file…", id=Ids.PLAN_UPLOAD, variant="default", size="sm"),
            dmc.Button("Discard changes", id=Ids.PLAN_DISCARD, variant="default", size="sm"),
            html.Span(id=Ids.PLAN_BASE, className="lvd-dimmed"),
        ],
        className="lvd-toolbar",
    )


def _form(view: PlanView) -> Component:
    buttons = html.Div(
        [
            dmc.Button("Add event…", id=Ids.PLAN_ADD_EVENT, variant="default", size="xs"),
            dmc.Button("Plan settings…", id=Ids.PLAN_SETTINGS, variant="default", size="xs"),
        ],
        className="lvd-toolbar",
    )
    drawn = html.Div(id=Ids.PLAN_DRAFT_EVENTS, className="lvd-plan-drawn lvd-drawn")
    return html.Div(
        [html.Section([buttons, drawn], className="lvd-card lvd-plan-drawn"), _card(Ids.PLAN_DRAFT_EVENT)],
        id=Ids.PLAN_FORM,
        className="lvd-plan-columns",
        hidden=view.edit_as is not EditAs.FORM,
    )


def _text(view: PlanView) -> Component:
    return html.Section(
        [
            html.H2("The plan in YAML or JSON", className="lvd-card-title", id=f"{Ids.PLAN_TEXT}-title"),
            html.Textarea(
                id=Ids.PLAN_TEXT,
                className="lvd-plan-text",
                spellCheck="false",
                rows=28,
                wrap="off",
                **labelled("The plan in YAML or JSON"),
            ),
        ],
        id=Ids.PLAN_TEXT_PANEL,
        className="lvd-card",
        hidden=view.edit_as is not EditAs.TEXT,
    )


def _saving() -> Component:
    return html.Section(
        [
            html.H2("Save", className="lvd-card-title"),
            html.Div(id=Ids.PLAN_PROBLEMS, className="lvd-plan-drawn", role="status"),
            dmc.TextInput(
                id=Ids.PLAN_NOTE,
                label="Note",
                description="What changed and why; kept with the version",
                placeholder="coupon is sent since 4.3",
                # A character has at most four bytes.
                attributes={"input": {"maxLength": MAX_NOTE_BYTES // 4}},
                value="",
            ),
            html.Div(
                [
                    dmc.Button("Save", id=Ids.PLAN_SAVE, disabled=True, size="sm"),
                    dmc.Button("Compare", id=Ids.PLAN_REBASE, variant="default", size="sm", display="none"),
                ],
                className="lvd-toolbar",
            ),
        ],
        className="lvd-card lvd-plan-drawn",
    )


def _versions(view: PlanView) -> Component:
    return html.Div(
        [_card(Ids.PLAN_VERSION_LIST, "Versions"), _card(Ids.PLAN_DIFF)],
        id=Ids.PLAN_VERSIONS,
        className="lvd-plan-columns lvd-plan-history lvd-fades",
        hidden=view.tab is not PlanTab.VERSIONS,
    )

"""The drawer: everything about one event, or about one rejected event."""

from collections.abc import Iterable, Sequence

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.ids import Ids
from dashboard.layout.attributes import DECORATIVE, labelled
from dashboard.layout.drawer_actions import Opened, actions, copy_link
from dashboard.layout.tiles import mark
from dashboard.palette import LOOKS
from dashboard.view_models.event_detail import EventModel, FieldModel
from dashboard.view_models.explanation import Explained
from dashboard.view_models.facts import Fact
from dashboard.view_models.rejected_detail import RejectedModel
from tracking_plan.verdict import Verdict

#: In pixels; narrower screens give all they have.
_WIDTH = 720


def drawer() -> Component:
    """Closed and empty."""
    return dmc.Drawer(
        html.Div(id=Ids.DRAWER_BODY),
        id=Ids.DRAWER,
        title=html.Span(id=Ids.DRAWER_TITLE),
        opened=False,
        position="right",
        size=_WIDTH,
        padding="md",
        transitionProps={"duration": 120},
        closeButtonProps={"aria-label": "Close"},
    )


def event_body(event: EventModel, opened: Opened) -> list[Component]:
    """One event: what is wrong first, then every field, the payload, and where it came from."""
    return [
        html.P([mark(event.status), " ", html.B(LOOKS[event.status].word), f" · {event.received}"]),
        *_explanation(event.explanation),
        *actions(opened),
        *_section("Fields", _fields(event.fields), event.fields_note),
        *_section("Payload", _text(event.payload), event.payload_note),
        *_section("Facts", _facts(event.facts)),
    ]


def rejected_body(rejected: RejectedModel, link: str) -> list[Component]:
    """One rejected event: why, then its bytes as text and in hexadecimal. `link` opens it."""
    return [
        html.P(rejected.message, className="lvd-violation"),
        html.Div(copy_link(link), className="lvd-drawer-bar"),
        *_section("Facts", _facts(rejected.facts)),
        *_section("Raw bytes as text", _text(rejected.text), rejected.note),
        *_section("Raw bytes in hexadecimal", _text(rejected.hexadecimal)),
    ]


def failed_body(message: str) -> list[Component]:
    """Why there is nothing to see; the page's script adds a way to try again."""
    return [html.P(message, className="lvd-violation", role="alert")]


def _explanation(told: Sequence[Explained]) -> list[Component]:
    if not told:
        return []
    return [
        html.Ul(
            [
                html.Li(
                    [
                        html.Span(each.plain, className="lvd-violation"),
                        html.Span(each.rule, className="lvd-rule"),
                    ]
                )
                for each in told
            ],
            className="lvd-explanation",
            **labelled("Why it fails"),
        )
    ]


def _section(title: str, content: Component, note: str = "") -> Iterable[Component]:
    yield html.H3(title, className="lvd-section-title")
    if note:
        yield html.P(note, className="lvd-dimmed")
    yield content


def _fields(fields: Sequence[FieldModel]) -> Component:
    """Its rows are drawn by the page's script: some hundred of them would hold Dash for many seconds."""
    head = html.Tr(
        [html.Th(title, scope="col") for title in ("Field", "Value", "Expected", "Received", "Status")]
    )
    return html.Div(
        [
            html.Table([html.Thead(head), html.Tbody(id=Ids.FIELDS)], className="lvd-table"),
            dcc.Store(id=Ids.FIELDS_DATA, data=[_field(field) for field in fields]),
            dcc.Store(id=Ids.FIELDS_DRAWN),
        ],
        className="lvd-table-box",
        tabIndex=0,
        role="region",
        **labelled("Fields"),
    )


def _field(field: FieldModel) -> Component:
    return html.Tr(
        [
            html.Th(field.path, scope="row", className="lvd-mono"),
            html.Td(field.value, className="lvd-mono"),
            html.Td(field.expected),
            html.Td(field.received),
            html.Td([*_sign(field.look), " ", field.status], className="lvd-nowrap"),
        ],
        className="lvd-row-broken" if field.broken else "",
    )


def _sign(look: Verdict | None) -> list[Component]:
    """Before a field's status; of one that may be absent a sign that is no verdict's."""
    if look is not None:
        return [mark(look)]
    sign = html.Span("·", className="lvd-mark", **DECORATIVE)
    return [sign, html.Span("optional,", className="lvd-hidden")]


def _text(text: str) -> Component:
    """Text of unknown origin, as text and nothing else."""
    return html.Pre(text, className="lvd-code", tabIndex=0)


def _facts(facts: Sequence[Fact]) -> Component:
    return html.Dl(
        [part for fact in facts for part in (html.Dt(fact.label), html.Dd(fact.value, title=fact.tooltip))],
        className="lvd-facts",
    )

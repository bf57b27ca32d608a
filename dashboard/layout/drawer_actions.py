"""What can be done with an opened event: go to its neighbours, follow, find others like it, copy."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import formats, links
from dashboard.layout.attributes import found, labelled, told_to_scripts
from dashboard.neighbours import Neighbours
from dashboard.visible_text import cell
from storage.readers import EventRow

#: Live without filters.
_NOTHING: dict[str, Any] = {"names": [], "statuses": [], "subject": "", "run": ""}


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened event, and what surrounds it."""

    app: str
    row: EventRow
    neighbours: Neighbours
    #: None: the event has no subject.
    of_subject: Neighbours | None


def actions(opened: Opened) -> list[Component]:
    """Two rows of buttons: where to go, and what to take along."""
    return [
        html.Div(list(_ways(opened)), className="lvd-drawer-bar"),
        html.Div(list(_uses(opened)), className="lvd-drawer-bar"),
    ]


def _ways(opened: Opened) -> Iterator[Component]:
    yield _pair("Event", "event", opened.neighbours)
    if opened.of_subject is not None:
        yield _pair("Same subject", "event of this subject", opened.of_subject)


def _pair(title: str, what: str, sides: Neighbours) -> Component:
    return html.Div(
        [
            html.Span(title, className="lvd-dimmed"),
            _go("← Older", f"Older {what}", sides.older),
            _go("Newer →", f"Newer {what}", sides.newer),
        ],
        className="lvd-drawer-pair",
        role="group",
        **labelled(title),
    )


def _go(label: str, name: str, seq: int | None) -> Component:
    if seq is None:
        return _button(label, disabled=True, title="There is none")
    told = told_to_scripts(open=str(seq)) | labelled(name)
    return _button(label, title=f"{name}: {formats.number(seq)}", **told)


def _uses(opened: Opened) -> Iterator[Component]:
    row = opened.row
    if row.subject:
        of_subject = _NOTHING | {"subject": row.subject}
        yield _button(f"Follow {cell(row.subject)}", title="Only this subject's events", **found(of_subject))
    if row.run_id:
        of_run = _NOTHING | {"run": row.run_id}
        yield _button(f"Follow run {cell(row.run_id)}", title="Only this run's events", **found(of_run))
    like = _NOTHING | {"names": [row.name], "statuses": [row.status.word]}
    yield _button("Find events like this", title="Of this name and status", **found(like))
    yield _button("Copy as JSON", **told_to_scripts(copy="event", seq=str(row.seq)))
    yield copy_link(links.event(opened.app, row.seq))


def copy_link(link: str) -> Component:
    """Takes a way into the dashboard along."""
    return _button("Copy link", **told_to_scripts(copy="link", link=link))


def _button(label: str, **attributes: Any) -> Component:
    return html.Button(label, type="button", className="lvd-small-button", **attributes)

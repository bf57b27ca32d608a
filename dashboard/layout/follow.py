"""The strip that tells how a followed subject or run fares."""

from dash import html
from dash.development.base_component import Component

from dashboard.layout.attributes import DECORATIVE, found, labelled, told_to_scripts
from dashboard.layout.tiles import mark
from dashboard.view_models.follow import FollowedEvent, FollowModel

_LOOKS = {True: "passes", False: "fails", None: "waits"}
_MARKS = {True: "✓", False: "✕", None: "…"}


def follow_strip(model: FollowModel) -> list[Component]:
    """What is followed, its state, and its newest events as buttons, oldest first."""
    return [
        html.Div(
            [
                html.Span(_MARKS[model.passes], className="lvd-follow-mark", **DECORATIVE),
                html.Span(
                    [html.B(f"Following {model.what}"), html.Span(model.state, className="lvd-follow-state")],
                    className="lvd-follow-words",
                ),
                html.Div([_event(event) for event in model.events], className="lvd-follow-events"),
                html.Button(
                    "Stop following",
                    type="button",
                    className="lvd-small-button",
                    **found({"subject": "", "run": ""}),
                ),
            ],
            className=f"lvd-follow lvd-follow-{_LOOKS[model.passes]}",
            role="group",
            **labelled(f"Following {model.what}"),
        )
    ]


def _event(event: FollowedEvent) -> Component:
    return html.Button(
        mark(event.status),
        type="button",
        title=event.title,
        className="lvd-follow-event",
        **told_to_scripts(open=str(event.seq), key=str(event.seq)),
        **labelled(f"Open {event.title}"),
    )

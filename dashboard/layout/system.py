"""The body of the page System."""

from collections.abc import Iterable, Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.layout.attributes import DECORATIVE
from dashboard.layout.tables import card, figure, figures, table
from dashboard.view_models.system import ServerRow, SystemModel


def system_body(system: SystemModel) -> list[Component]:
    """What needs somebody first, then the figures and where they come from."""
    return [
        *_alarms(system.alarms),
        figures([figure(each.label, each.value, each.note) for each in system.figures]),
        card("Ingest servers", _servers(system.servers), note="Each tells its state every few seconds."),
        html.Div(
            [
                card("Connected producers", _producers(system), note="What sent events just now."),
                card("Plans in force", _plans(system), note="By which plan each app's events are judged."),
                card("Stored events", _partitions(system), note=system.partitions_note),
            ],
            className="lvd-report-columns",
        ),
    ]


def _alarms(alarms: Sequence[str]) -> Iterable[Component]:
    if alarms:
        lines = [html.P([html.Span("▲ ", **DECORATIVE), alarm]) for alarm in alarms]
        yield html.Div(lines, className="lvd-alarm", role="status")


def _servers(servers: Sequence[ServerRow]) -> Component:
    columns = (
        "Address",
        "State",
        "Events/s",
        "Commit (median · p99)",
        "Queued",
        "Open calls",
        "Up for",
    )
    rows = [
        (
            html.Span(each.address, className="lvd-nowrap"),
            _state(each),
            each.rate,
            each.commit,
            each.queue,
            each.calls,
            each.running_for,
        )
        for each in servers
    ]
    return table("Ingest servers", columns, rows, "None was heard of within a day.", numbers=columns[2:])


def _state(server: ServerRow) -> Component:
    mark = "▲ " if server.silent else "✓ "
    return html.Span(
        [html.Span(mark, **DECORATIVE), server.state],
        className="lvd-nowrap lvd-silent" if server.silent else "lvd-nowrap",
    )


def _producers(system: SystemModel) -> Component:
    columns = ("App", "Program", "Events/s")
    return table("Producers", columns, system.producers, "Nothing sends events now.", numbers=("Events/s",))


def _plans(system: SystemModel) -> Component:
    columns = ("App", "In force", "Judged by")
    empty = "There are no apps yet: make one by `lvd app create`."
    return table("Plans in force", columns, system.plans, empty)


def _partitions(system: SystemModel) -> Component:
    columns = ("Day", "Rows", "Size")
    return table("Partitions", columns, system.partitions, "No day has a partition yet.", numbers=columns[1:])

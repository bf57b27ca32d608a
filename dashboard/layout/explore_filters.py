"""The filters of the page Explore: one is put together, then stands among those that hold."""

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard import property_text
from dashboard.explore_view import WHERE, Field
from dashboard.filters import MAX_VALUES
from dashboard.ids import Ids
from dashboard.layout.attributes import labelled, nothing_found

#: Fields and the property, as people say them.
LABELS = {
    Field.NAME.value: "Event",
    Field.STATUS.value: "Status",
    Field.KIND.value: "Violation kind",
    Field.PATH.value: "Violation path",
    Field.SUBJECT.value: "Subject",
    Field.RUN.value: "Run",
    Field.SOURCE.value: "Source",
    Field.VERSION.value: "App version",
    Field.ENVIRONMENT.value: "Environment",
    Field.PLATFORM.value: "Platform",
    Field.SDK.value: "SDK",
    WHERE: "Property",
}
_HOW = {"is": "is", "in": "in", "is_not": "is not"}


def filter_card() -> Component:
    """The row in which a filter is put together, and the list of those that hold, which its script draws."""
    return html.Section(
        [
            html.H2("Filters", className="lvd-hidden"),
            html.Div(
                [
                    _choice(Ids.EXPLORE_FIELD, LABELS, Field.NAME.value, 150, "Filter by"),
                    _choice(Ids.EXPLORE_HOW, _HOW, "is", 90, "How to compare"),
                    *_values(),
                    dmc.Button("Add filter", id=Ids.EXPLORE_ADD, variant="default"),
                ],
                className="lvd-controls",
            ),
            html.Ul(id=Ids.EXPLORE_FILTERS, className="lvd-filter-list", **labelled("Filters that hold")),
            html.P(id=Ids.EXPLORE_PROBLEM, className="lvd-violation", role="alert", hidden=True),
        ],
        className="lvd-card lvd-lists",
    )


def _choice(component: Ids, options: dict[str, str], value: str, width: int, says: str) -> Component:
    return dmc.Select(
        id=component,
        data=[{"value": key, "label": label} for key, label in options.items()],
        value=value,
        allowDeselect=False,
        w=width,
        maxDropdownHeight=480,
        **labelled(says),
    )


def _values() -> list[Component]:
    """Three ways to say what is wanted, of which the chosen field shows one."""
    return [
        dmc.MultiSelect(
            id=Ids.EXPLORE_CHOSEN,
            data=[],
            value=[],
            placeholder="Value, then Enter",
            searchable=True,
            clearable=True,
            limit=100,
            maxValues=1,
            **nothing_found("Type a value"),
            className="lvd-names",
            **labelled("Value to filter by"),
        ),
        dmc.TagsInput(
            id=Ids.EXPLORE_TYPED,
            value=[],
            placeholder="Value, then Enter",
            clearable=True,
            maxTags=MAX_VALUES,
            acceptValueOnBlur=True,
            splitChars=[],
            className="lvd-names",
            display="none",
            **labelled("Value to filter by; Enter takes it"),
        ),
        dmc.TextInput(
            id=Ids.EXPLORE_PROPERTY,
            value="",
            placeholder='/total > 100 or /currency = "EUR"',
            className="lvd-names",
            display="none",
            attributes={"input": {"maxLength": property_text.MAX_CHARS}},
            **labelled('Property of the payload, like /total > 100 or /currency = "EUR"'),
        ),
    ]

"""The dialogs of the page Plan: its settings, an event's name, a property's rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.filters import MAX_VALUE_CHARS
from dashboard.ids import Ids
from tracking_plan.model import Formats, UnplannedEvents, UnplannedProperties
from tracking_plan.property_form import JSON_TYPES

#: What each switch does, by its value in the plan.
_FORMATS = {
    Formats.ASSERT: "A value that breaks its format makes its event invalid",
    Formats.ANNOTATE: "Formats are documentation",
}
_UNPLANNED_EVENTS = {
    UnplannedEvents.FLAG: "Stored, with the verdict “unplanned”",
    UnplannedEvents.ALLOW: "Stored as valid",
    UnplannedEvents.REJECT: "Rejected, and kept apart",
}
_UNPLANNED_PROPERTIES = {
    UnplannedProperties.FLAG: "Make their event invalid, unless its schema says otherwise",
    UnplannedProperties.ALLOW: "Are allowed",
}


def settings_dialog() -> Component:
    """For the plan's own name and switches."""
    return _dialog(
        _SETTINGS,
        "Plan settings",
        [
            _text(Ids.SETTINGS_NAME, "Name", "Of the plan", required=True),
            _choice(Ids.SETTINGS_FORMATS, "Formats, such as date or email", _FORMATS),
            _choice(Ids.SETTINGS_EVENTS, "Events that are not in the plan", _UNPLANNED_EVENTS),
            _choice(
                Ids.SETTINGS_PROPERTIES,
                "Properties that are not in their event's schema",
                _UNPLANNED_PROPERTIES,
            ),
        ],
    )


def _choice(component: Ids, label: str, options: Mapping[Any, str]) -> Component:
    data = [{"value": value.value, "label": words} for value, words in options.items()]
    return dmc.Select(id=component, label=label, data=data, value=data[0]["value"], allowDeselect=False)


def event_dialog() -> Component:
    """For a new event, and for another name or description of one."""
    return _dialog(
        _EVENT,
        "Event",
        [
            _text(Ids.EVENT_NAME, "Name", "As producers send it", required=True),
            dmc.Textarea(
                id=Ids.EVENT_DESCRIPTION,
                label="Description",
                description="When is it sent?",
                value="",
                minRows=3,
                autosize=True,
                maxRows=10,
            ),
        ],
    )


def property_dialog() -> Component:
    """For a new property, and for the rules of one."""
    return _dialog(
        _PROPERTY,
        "Property",
        [
            _text(
                Ids.PROPERTY_PATH,
                "Property",
                "A name, or a path: /customer/email, /items/*/price",
                required=True,
            ),
            dmc.MultiSelect(
                id=Ids.PROPERTY_TYPES,
                label="Type",
                description="None: any value",
                data=list(JSON_TYPES),
                value=[],
                searchable=True,
                clearable=True,
            ),
            dmc.Checkbox(id=Ids.PROPERTY_REQUIRED, label="Required: every event must have it", checked=False),
            dmc.Textarea(
                id=Ids.PROPERTY_VALUES,
                label="Allowed values",
                description="One a line; of other types than string as JSON. None: every value",
                value="",
                minRows=3,
                autosize=True,
                maxRows=10,
            ),
            _text(Ids.PROPERTY_PATTERN, "Pattern", "A regular expression that texts must match"),
            dmc.Group(
                [
                    _text(Ids.PROPERTY_LEAST, "At least", "A number, a text's length, a list's items"),
                    _text(Ids.PROPERTY_MOST, "At most", "The same"),
                ],
                grow=True,
                align="flex-end",
            ),
            dmc.Textarea(
                id=Ids.PROPERTY_DESCRIPTION,
                label="Description",
                value="",
                minRows=2,
                autosize=True,
                maxRows=10,
            ),
        ],
    )


def _text(component: Ids, label: str, description: str, *, required: bool = False) -> Component:
    return dmc.TextInput(
        id=component,
        label=label,
        description=description,
        value="",
        required=required,
        attributes={"input": {"maxLength": MAX_VALUE_CHARS, "autoComplete": "off"}},
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """The ids around a dialog's fields."""

    dialog: Ids
    error: Ids
    cancel: Ids
    save: Ids


_SETTINGS = _Frame(Ids.SETTINGS_DIALOG, Ids.SETTINGS_ERROR, Ids.SETTINGS_CANCEL, Ids.SETTINGS_SAVE)
_EVENT = _Frame(Ids.EVENT_DIALOG, Ids.EVENT_ERROR, Ids.EVENT_CANCEL, Ids.EVENT_SAVE)
_PROPERTY = _Frame(Ids.PROPERTY_DIALOG, Ids.PROPERTY_ERROR, Ids.PROPERTY_CANCEL, Ids.PROPERTY_SAVE)


def _dialog(frame: _Frame, title: str, fields: list[Component]) -> Component:
    return dmc.Modal(
        [
            dmc.Stack(fields, gap="sm"),
            html.P(id=frame.error, className="lvd-plan-error", role="alert"),
            dmc.Group(
                [
                    dmc.Button("Cancel", id=frame.cancel, variant="default"),
                    dmc.Button("Put into the draft", id=frame.save),
                ],
                justify="flex-end",
                mt="md",
            ),
        ],
        id=frame.dialog,
        title=title,
        opened=False,
        size="lg",
        closeButtonProps={"aria-label": "Close"},
        transitionProps={"duration": 120},
    )

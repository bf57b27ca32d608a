"""HTML attributes that are no Python words: names for those who hear the page, marks for its scripts."""

from collections.abc import Mapping
from typing import Any

import orjson

#: For marks whose word stands beside them.
DECORATIVE: dict[str, Any] = {"aria-hidden": "true"}


def labelled(text: str) -> dict[str, Any]:
    """The name of a control or a region that has no visible one."""
    return {"aria-label": text}


def nothing_found(text: str) -> dict[str, Any]:
    """What a list that can be searched says when it is empty: a list must have an entry."""
    entry = {"role": "option", "aria-disabled": "true", "aria-selected": "false"}
    return {"nothingFoundMessage": text, "attributes": {"empty": entry}}


#: Names of the buttons and fields in a picker of a moment, which have signs alone.
PICKER_NAMES: dict[str, Any] = {
    "clearButtonProps": labelled("Clear"),
    "submitButtonProps": labelled("Done"),
    "timePickerProps": {"hoursInputLabel": "Hours", "minutesInputLabel": "Minutes"},
    "ariaLabels": {
        "monthLevelControl": "Choose a month",
        "yearLevelControl": "Choose a year",
        "previousMonth": "Previous month",
        "nextMonth": "Next month",
        "previousYear": "Previous year",
        "nextYear": "Next year",
        "previousDecade": "Previous decade",
        "nextDecade": "Next decade",
    },
}


def told_to_scripts(**values: str) -> dict[str, Any]:
    """What assets/ finds as `data-lvd-…`."""
    return {f"data-lvd-{key}": value for key, value in values.items()}


def found(view: Mapping[str, Any]) -> dict[str, Any]:
    """Of a button that narrows Live down: names, statuses, subject and run, as far as they are given."""
    return told_to_scripts(find=orjson.dumps(view).decode())

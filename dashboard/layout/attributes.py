"""HTML attributes that are no Python words: names for those who hear the page, marks for its scripts."""

from collections.abc import Mapping
from typing import Any

import orjson

#: For marks whose word stands beside them.
DECORATIVE: dict[str, Any] = {"aria-hidden": "true"}


def labelled(text: str) -> dict[str, Any]:
    """The name of a control or a region that has no visible one."""
    return {"aria-label": text}


def told_to_scripts(**values: str) -> dict[str, Any]:
    """What assets/ finds as `data-lvd-…`."""
    return {f"data-lvd-{key}": value for key, value in values.items()}


def found(view: Mapping[str, Any]) -> dict[str, Any]:
    """Of a button that narrows Live down: names, statuses, subject and run, as far as they are given."""
    return told_to_scripts(find=orjson.dumps(view).decode())

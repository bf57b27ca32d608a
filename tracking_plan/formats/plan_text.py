"""A plan's document as a text to edit."""

from dataclasses import dataclass
from typing import Any

import orjson

from tracking_plan.formats.yaml_reader import read_yaml
from tracking_plan.formats.yaml_writer import write_yaml
from tracking_plan.problems import PlanError, Problem

#: Documents beyond it, as JSON in bytes, are written as JSON: YAML is fifty times slower to read.
_MAX_YAML_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class PlanText:
    """A plan as text; `load_plan(text, filename)` reads it back."""

    text: str
    #: Its extension tells the format.
    filename: str


def plan_text(document: dict[str, Any]) -> PlanText:
    """The document as YAML; as JSON where it is large, or where YAML would not give the same back.

    Raises PlanError for one that is nested too deeply to be written.
    """
    try:
        compact = orjson.dumps(document)
    except orjson.JSONEncodeError as error:
        raise PlanError(
            [Problem(what="it is nested too deeply to be written", mend="flatten it in the text")]
        ) from error
    if len(compact) <= _MAX_YAML_BYTES:
        text = write_yaml(document)
        if _reads_back(text, compact):
            return PlanText(text, "plan.yaml")
    return PlanText(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n", "plan.json")


def _reads_back(text: str, compact: bytes) -> bool:
    """False for a property named `<<`, which YAML's readers take for a merge."""
    try:
        return orjson.dumps(read_yaml(text)) == compact
    except PlanError:
        return False

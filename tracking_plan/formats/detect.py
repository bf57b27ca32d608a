"""Which format a plan document is written in, and the plan it holds."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from tracking_plan.formats.json_reader import read_json
from tracking_plan.formats.native import plan_from_document
from tracking_plan.formats.prototype_csv import plan_from_csv
from tracking_plan.formats.yaml_reader import read_yaml
from tracking_plan.model import MAX_DOCUMENT_BYTES, TrackingPlan
from tracking_plan.problems import PlanError, Problem
from tracking_plan.schema_check import schema_problems


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """A format of YAML or JSON documents."""

    name: str
    recognizes: Callable[[Any], bool]
    read: Callable[[Any], TrackingPlan]


#: Asked in order; a further format is a further line. The native one comes last: it explains what is missing.
DOCUMENT_FORMATS: tuple[DocumentFormat, ...] = (DocumentFormat("native", lambda _: True, plan_from_document),)


def load_plan(text: bytes, filename: str) -> TrackingPlan:
    """The plan in a document of any known format: native YAML or JSON, or the prototype's CSV.

    `filename` is not opened: its extension tells CSV from YAML and JSON, and its stem names a plan whose
    format has no name of its own. Raises PlanError with all problems that were found.
    """
    plan = read_plan(text, filename)
    problems = [
        problem for event in plan.events.values() for problem in schema_problems(event.name, event.schema)
    ]
    if problems:
        raise PlanError(problems)
    return plan


def read_plan(text: bytes, filename: str) -> TrackingPlan:
    """`load_plan` without a look into the schemas, which may be unusable."""
    return _read(_decoded(text), PurePath(filename))


def _decoded(text: bytes) -> str:
    if len(text) > MAX_DOCUMENT_BYTES:
        limit = MAX_DOCUMENT_BYTES // (1024 * 1024)
        raise PlanError(
            [Problem(what=f"larger than {limit} MB", mend="split the plan, or share schemas by $ref")]
        )
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise PlanError([Problem(line=line, what="not UTF-8", mend="save the file as UTF-8")]) from error


def _read(text: str, path: PurePath) -> TrackingPlan:
    if path.suffix.lower() in (".csv", ".tsv"):
        return plan_from_csv(text, path.stem)
    document = read_json(text) if _is_json(text, path) else read_yaml(text)
    return next(each.read(document) for each in DOCUMENT_FORMATS if each.recognizes(document))


def _is_json(text: str, path: PurePath) -> bool:
    """By the extension, else by the first character: YAML reads JSON too, but fifty times slower."""
    extension = path.suffix.lower()
    if extension in (".yaml", ".yml"):
        return False
    return extension == ".json" or text.lstrip()[:1] in ("{", "[")

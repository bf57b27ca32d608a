"""Why an event fails, in plain words, with what was probably meant; pure."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from dashboard.view_models import words
from dashboard.visible_text import cell
from storage.readers import EventDetail
from storage.tally import fold_indices
from tracking_plan.field_ledger import FieldCheck, FieldStatus
from tracking_plan.near_miss import near_miss
from tracking_plan.schema_places import Requirement
from tracking_plan.schema_table import schema_table
from tracking_plan.violation import Kind, Violation

#: Violations that are explained; the table of fields has all of them.
MAX_EXPLAINED = 10

#: What a text that holds such a value should have been.
_HELD = {bool: "boolean", int: "integer", float: "number"}
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ABSENT = (FieldStatus.MISSING, FieldStatus.NOT_RECEIVED)


@dataclass(frozen=True, slots=True)
class Explained:
    """One violation."""

    #: What happened, and how to mend it.
    plain: str
    #: The broken rule: `/total: expected number, received string "12"`.
    rule: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of an event beside its violations."""

    name: str
    #: Paths that came unplanned, each with the one that was meant.
    misspelled: Mapping[str, str]
    #: The plan's events.
    planned: Mapping[str, Any]

    def may_stay_away(self, path: str) -> bool:
        """Whether the plan has such a property, and never asks for it."""
        rows = schema_table(self.planned.get(self.name, {}).get("schema"))
        found = {row.path: row.required for row in rows if not row.path.endswith("/*")}
        return found.get(fold_indices(path)) is Requirement.NEVER


def explanation(detail: EventDetail, fields: Sequence[FieldCheck] | None) -> tuple[Explained, ...]:
    """Each violation in plain words, at most MAX_EXPLAINED; `fields` None: the plan cannot be read."""
    absent = {check.path for check in fields or () if check.status in _ABSENT}
    violations = detail.row.violations
    misspelled = dict(_misspelled(violations, absent))
    planned = (detail.plan_document or {}).get("events", {}) if fields is not None else {}
    known = _Known(detail.row.name, misspelled, planned)
    told = [
        Explained(cell(_plain(each, known)), words.violation(each))
        for each in violations
        # Told with the name that came in its stead.
        if not (each.kind is Kind.MISSING_REQUIRED and each.path in misspelled.values())
    ]
    return tuple(told[:MAX_EXPLAINED])


def _misspelled(violations: Sequence[Violation], absent: set[str]) -> Iterator[tuple[str, str]]:
    """Paths that came unplanned, each with the planned one beside it that did not come."""
    for violation in violations:
        if violation.kind is not Kind.UNPLANNED_PROPERTY:
            continue
        parent, _, name = violation.path.rpartition("/")
        siblings = {path.rpartition("/")[2]: path for path in absent if path.rpartition("/")[0] == parent}
        meant = near_miss(_unescaped(name), map(_unescaped, siblings))
        if meant is not None:
            yield violation.path, f"{parent}/{_escaped(meant)}"


def _plain(broken: Violation, known: _Known) -> str:
    if broken.kind is Kind.UNPLANNED_EVENT:
        return _unplanned_event(known.name, known.planned)
    if broken.path in known.misspelled:
        return _misspelling(broken.path, known.misspelled[broken.path])
    if broken.kind is Kind.WRONG_TYPE and broken.value == "null":
        return _null(broken, may_stay_away=known.may_stay_away(broken.path))
    return _BY_KIND.get(broken.kind, _other_rule)(broken)


def _unplanned_event(name: str, planned: Collection[str]) -> str:
    meant = near_miss(name, planned)
    if meant is not None:
        return f"“{name}” is not in the plan, but “{meant}” is: was that meant?"
    return f"“{name}” is not in the plan: add it to the plan, or stop sending it."


def _misspelling(came: str, meant: str) -> str:
    return f"“{_name(came)}” came where the plan has “{_name(meant)}”: send it under that name."


def _null(broken: Violation, *, may_stay_away: bool) -> str:
    how = "send a value, or leave it out" if may_stay_away else "send a value"
    return f"“{_name(broken.path)}” came as null where the plan wants {broken.expected}: {how}."


def _wrong_type(broken: Violation) -> str:
    name, came = _name(broken.path), _value(broken)
    if isinstance(came, str) and (held := _held(came)) is not None and _asks_for(broken.expected, held):
        return f"“{name}” came as text where the plan wants {broken.expected}: send {came}, without quotes."
    if isinstance(came, int | float) and "string" in broken.expected:
        quoted = orjson.dumps(broken.value).decode()
        return f"“{name}” came without quotes where the plan wants text: send {quoted}."
    return f"“{name}” is of the wrong type: the plan wants {broken.expected}, and {broken.received} came."


def _not_in_enum(broken: Violation) -> str:
    """The allowed texts are those that `expected` quotes; a long list quotes its first ones."""
    name, came = _name(broken.path), _value(broken)
    allowed = [orjson.loads(text) for text in _QUOTED.findall(broken.expected)]
    meant = near_miss(came, allowed) if isinstance(came, str) else None
    if meant is not None:
        return f"“{name}” is “{came}”, but the plan has “{meant}”: send it spelled so."
    return f"“{name}” has a value that the plan does not allow: it wants {broken.expected}."


def _unplanned_property(broken: Violation) -> str:
    name = _name(broken.path)
    return f"“{name}” came, but the plan does not know it: add it to the plan, or stop sending it."


def _missing(broken: Violation) -> str:
    return f"“{_name(broken.path)}” did not come, and every event of this name needs it."


def _other_rule(broken: Violation) -> str:
    name = _name(broken.path)
    return f"“{name}” breaks a rule: the plan wants {broken.expected}, and {broken.received} came."


_BY_KIND: Mapping[Kind, Callable[[Violation], str]] = {
    Kind.UNPLANNED_PROPERTY: _unplanned_property,
    Kind.MISSING_REQUIRED: _missing,
    Kind.WRONG_TYPE: _wrong_type,
    Kind.NOT_IN_ENUM: _not_in_enum,
}


def _value(broken: Violation) -> Any:
    """What came; None also where it was cut, and cannot be read again."""
    try:
        return orjson.loads(broken.value)
    except orjson.JSONDecodeError:
        return None


def _held(text: str) -> str | None:
    """The JSON type of the number or boolean that a text holds."""
    try:
        return _HELD.get(type(orjson.loads(text)))
    except orjson.JSONDecodeError:
        return None


def _asks_for(expected: str, held: str) -> bool:
    return held in expected or (held == "integer" and "number" in expected)


def _name(path: str) -> str:
    """A path as people say it: `siteId`, `items/0/price`."""
    return "/".join(map(_unescaped, path.split("/")[1:])) or "the payload"


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")

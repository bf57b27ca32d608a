"""SQL for what the index at hand does not answer: columns, violations, and properties of the payload.

Values are always bound. Whatever a producer sent, no test fails on it: it is met or not.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Numeric,
    Table,
    Text,
    and_,
    case,
    cast,
    collate,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
)

from storage.readers.condition import Condition
from storage.readers.looked_into import Comparison, Property, Scalar
from storage.schema import event
from tracking_plan.violation import Kind

#: A step that stands for any item of a list.
ANY_ITEM = "*"
#: Longer numbers, and powers of ten of more digits, are no values that anybody compares with; Postgres would
#: refuse to read some of them.
_MAX_NUMBER_CHARS = 1_000
_HUGE_POWER = "[eE][+-]?[0-9]{5}"


def row_tests(condition: Condition) -> list[ColumnElement[bool]]:
    """The tests of all that a condition asks."""
    return [*_of_columns(condition), *_none_of(condition), *_of_documents(condition)]


def tests_of_name_and_status(table: Table, condition: Condition) -> list[ColumnElement[bool]]:
    """Those that a rollup can answer, too."""
    tests: list[ColumnElement[bool]] = []
    if condition.names is not None:
        tests.append(table.c.name.in_(condition.names))
    if condition.names_not:
        tests.append(table.c.name.not_in(condition.names_not))
    if condition.statuses is not None:
        tests.append(table.c.status.in_(condition.statuses))
    return tests


def _of_columns(condition: Condition) -> Iterable[ColumnElement[bool]]:
    yield from tests_of_name_and_status(event, condition)
    if condition.subjects is not None:
        yield event.c.subject.in_(condition.subjects)
    if condition.run_ids is not None:
        yield event.c.run_id.in_(condition.run_ids)
    if condition.source_ids is not None:
        yield event.c.source_id.in_(condition.source_ids)


def _none_of(condition: Condition) -> Iterable[ColumnElement[bool]]:
    """Rows without a subject, or a run, have none of the unwanted ones."""
    if condition.subjects_not:
        yield or_(event.c.subject.is_(None), event.c.subject.not_in(condition.subjects_not))
    if condition.run_ids_not:
        yield or_(event.c.run_id.is_(None), event.c.run_id.not_in(condition.run_ids_not))


def _of_documents(condition: Condition) -> list[ColumnElement[bool]]:
    tests = [_property(wanted) for wanted in condition.properties]
    if condition.kinds is not None or condition.paths is not None:
        tests.append(_has_violation(condition.kinds, condition.paths))
    if condition.kinds_not:
        tests.append(not_(_has_violation(condition.kinds_not, None)))
    if condition.paths_not:
        tests.append(not_(_has_violation(None, condition.paths_not)))
    return tests


def _has_violation(kinds: Sequence[Kind] | None, paths: Sequence[str] | None) -> ColumnElement[bool]:
    """Whether one violation is of any of the kinds, at any of the paths; None: whichever."""
    violation = func.json_array_elements(event.c.violations, type_=JSON()).column_valued("violation")
    met: list[ColumnElement[bool]] = []
    if kinds is not None:
        met.append(_text(violation, ("kind",)).in_([kind.value for kind in kinds]))
    if paths is not None:
        met.append(_at_any(_text(violation, ("path",)), paths))
    return exists(select(literal(1)).where(*met))


def _at_any(path: ColumnElement[str], wanted: Iterable[str]) -> ColumnElement[bool]:
    """Whether the path is one of these, in which `*` is any index, as issues write it."""
    plain = [one for one in wanted if ANY_ITEM not in one.split("/")]
    folded = [one for one in wanted if ANY_ITEM in one.split("/")]
    return or_(path.in_(plain), *(path.regexp_match(pattern_of(one)) for one in folded))


def pattern_of(path: str) -> str:
    r"""A path with `*` for indices as an expression of Postgres.

    >>> pattern_of("/items/*/a.b")
    '^/items/([0-9]+|\\*)/a\\.b$'
    """
    steps = (r"([0-9]+|\*)" if step == ANY_ITEM else _literally(step) for step in path.split("/"))
    return f"^{'/'.join(steps)}$"


def _literally(text: str) -> str:
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def _property(wanted: Property) -> ColumnElement[bool]:
    if wanted.comparison is not Comparison.IS_NOT:
        return _found(event.c.payload, wanted.steps, wanted)
    return not_(func.coalesce(_found(event.c.payload, wanted.steps, wanted), false()))


def _found(
    document: ColumnElement[Any], steps: Sequence[str], wanted: Property, depth: int = 0
) -> ColumnElement[bool]:
    """Whether the value at the steps, or one of those that they lead to, is as it is wanted."""
    if ANY_ITEM not in steps:
        return or_(*(_compared(document, steps, wanted.comparison, value) for value in wanted.values))
    place = steps.index(ANY_ITEM)
    found = _value(document, steps[:place])
    # Of what is no list there are no items.
    items = case((func.json_typeof(found) == "array", found), else_=null())
    item = func.json_array_elements(items, type_=JSON()).column_valued(f"item{depth}")
    met = _found(item, steps[place + 1 :], wanted, depth + 1)
    # Named, for of a list within a list nothing else tells where its items come from.
    return exists(select(literal(1)).select_from(item.scalar_alias).where(met))


def _compared(
    document: ColumnElement[Any], steps: Sequence[str], comparison: Comparison, value: Scalar
) -> ColumnElement[bool]:
    kind = func.json_typeof(_value(document, steps))
    said = _text(document, steps)
    if value is None:
        return kind == "null"
    if isinstance(value, bool):
        return and_(kind == "boolean", said == str(value).lower())
    if isinstance(value, str):
        return and_(kind == "string", _ordered(collate(said, "C"), comparison, literal(value)))
    readable = and_(
        kind == "number", func.length(said) <= _MAX_NUMBER_CHARS, not_(said.regexp_match(_HUGE_POWER))
    )
    # CASE, for AND may read the number before it is known for one.
    return case((readable, _ordered(cast(said, Numeric), comparison, _number(value))), else_=false())


def _number(value: Decimal) -> ColumnElement[Any]:
    return cast(literal(str(value), Text), Numeric)


def _ordered(
    said: ColumnElement[Any], comparison: Comparison, value: ColumnElement[Any]
) -> ColumnElement[bool]:
    operator = "=" if comparison in (Comparison.IS, Comparison.IS_NOT) else comparison.value
    return said.bool_op(operator)(value)


def _value(document: ColumnElement[Any], steps: Sequence[str]) -> ColumnElement[Any]:
    return document.op("#>", return_type=JSON())(_path(steps))


def _text(document: ColumnElement[Any], steps: Sequence[str]) -> ColumnElement[str]:
    return document.op("#>>", return_type=Text())(_path(steps))


def _path(steps: Sequence[str]) -> ColumnElement[Any]:
    return cast(literal(list(steps), ARRAY(Text)), ARRAY(Text))

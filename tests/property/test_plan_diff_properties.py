"""A diff misses nothing and invents nothing, whatever the schemas."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.plans import plan_of
from tracking_plan.diff import Change, PlanDiff, plan_diff
from tracking_plan.json_values import pointer
from tracking_plan.schema_places import MAX_LEVELS
from tracking_plan.schema_table import schema_table

_NAMES = st.sampled_from(["a", "b", "", "a/b", "~", "*", "items", "required"])
_SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, "", "x", "1"])
_TYPES = st.sampled_from(["string", "integer", "number", "object", "array"])


def _schema(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {},
        optional={
            "type": _TYPES | st.lists(_TYPES, min_size=1, max_size=2, unique=True),
            "const": _SCALARS,
            "enum": st.lists(_SCALARS, min_size=1, max_size=3),
            "minimum": st.integers(0, 2),
            "pattern": st.sampled_from(["^x", "y$"]),
            "description": st.sampled_from(["", "one", "two"]),
            # What the diff takes as equal, order and repetition, is not made here.
            "required": st.sets(_NAMES, min_size=1, max_size=2).map(sorted),
            "properties": st.dictionaries(_NAMES, inner, min_size=1, max_size=2),
            "items": inner,
            "additionalProperties": inner,
            "$defs": st.dictionaries(_NAMES, inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "$ref": st.sampled_from(["#", "#/$defs/a"]),
        },
    )


_NODES = st.recursive(st.booleans() | _schema(st.booleans()), _schema, max_leaves=3)
_SCHEMAS = _schema(_NODES)


def _text(value: Any) -> Any:
    """Equal for the same JSON alone: Python takes true for 1, and 1 for 1.0."""
    if isinstance(value, dict):
        return {key: _text(child) for key, child in value.items()}
    return [_text(child) for child in value] if isinstance(value, list) else repr(value)


def _diff(before: Any, after: Any) -> PlanDiff:
    return plan_diff(plan_of(before), plan_of(after))


@settings(deadline=None, max_examples=60)
@given(before=_SCHEMAS, after=_SCHEMAS)
def test_nothing_differs_exactly_where_the_schemas_are_the_same(before: Any, after: Any) -> None:
    assert bool(_diff(before, after)) == (_text(before) != _text(after))
    assert not _diff(before, before)


@settings(deadline=None, max_examples=60)
@given(before=_SCHEMAS, after=_SCHEMAS)
def test_the_way_back_removes_what_the_way_there_adds(before: Any, after: Any) -> None:
    def paths(diff: PlanDiff, change: Change) -> list[str]:
        return sorted(
            part.path for event in diff.events for part in event.properties if part.change is change
        )

    there, back = _diff(before, after), _diff(after, before)
    assert paths(there, Change.ADDED) == paths(back, Change.REMOVED)
    assert paths(there, Change.CHANGED) == paths(back, Change.CHANGED)


@settings(deadline=None, max_examples=60)
@given(schema=_SCHEMAS)
def test_every_schema_has_a_table(schema: Any) -> None:
    rows = schema_table(schema)
    assert all(row.path.count("/") <= 2 * MAX_LEVELS for row in rows)
    named = set(schema.get("properties", {})) | set(schema.get("required", ()))
    assert {pointer((name,)) for name in named} <= {row.path for row in rows}

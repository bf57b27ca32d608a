"""Judging holds for every schema and payload, not only for the examples."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.support.oracle import equals, reached
from tests.support.plans import EVENT, compiled, plan_of
from tracking_plan import plain_required
from tracking_plan.catalog import MAX_PATH_BYTES, expand, shape_of
from tracking_plan.chosen_values import Chooser
from tracking_plan.compiled import compile_plan
from tracking_plan.explain import Explainer, sort_key
from tracking_plan.field_ledger import FieldStatus, field_ledger
from tracking_plan.formats import load_plan, to_document
from tracking_plan.json_values import MISSING, json_type, pointer, value_at
from tracking_plan.model import UnplannedProperties
from tracking_plan.near_miss import near_miss
from tracking_plan.planned_fields import planned_fields
from tracking_plan.schema_check import schema_problems
from tracking_plan.schema_document import SchemaDocument, validator_for
from tracking_plan.schema_table import schema_table
from tracking_plan.validator_paths import exact_path, is_lossy
from tracking_plan.verdict import Verdict
from tracking_plan.violation import MAX_VALUE_CHARS, MAX_VIOLATIONS, Kind

#: The validator's paths leave "" out, and call the last three alike.
_LOSSY_NAMES = ["", "7", "007", "+7"]
_NAMES = st.sampled_from(["a", "b", "kind", "a/b", "~", "0", "then", "é", *_LOSSY_NAMES])
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "x", "yy", "2026-01-31"])
    | st.text(max_size=5)
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)
_PAYLOADS = st.dictionaries(_NAMES, _VALUES, max_size=5)

_TYPES = st.sampled_from(["string", "integer", "number", "boolean", "null", "object", "array"])
_LEAF_RULES = st.one_of(
    st.fixed_dictionaries({"type": _TYPES | st.lists(_TYPES, min_size=1, max_size=3, unique=True)}),
    st.fixed_dictionaries({"const": _SCALARS}),
    st.fixed_dictionaries({"enum": st.lists(_SCALARS, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"minimum": st.integers(-5, 5)}),
    st.fixed_dictionaries({"multipleOf": st.integers(1, 5)}),
    st.fixed_dictionaries({"minLength": st.integers(0, 3)}),
    st.fixed_dictionaries({"pattern": st.sampled_from(["^x", "y$", "."])}),
    st.fixed_dictionaries({"format": st.sampled_from(["date", "uri", "email"])}),
    st.fixed_dictionaries({"required": st.lists(_NAMES, max_size=3, unique=True)}),
    st.fixed_dictionaries({"maxItems": st.integers(0, 2)}),
    st.fixed_dictionaries({"minProperties": st.integers(0, 2)}),
    st.fixed_dictionaries({"uniqueItems": st.just(True)}),
    st.fixed_dictionaries({"$ref": st.sampled_from(["#/$defs/d", "#"])}),
    st.fixed_dictionaries(
        {"dependentRequired": st.dictionaries(_NAMES, st.lists(_NAMES, unique=True), max_size=2)}
    ),
)


def _combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.fixed_dictionaries({}, optional={"properties": st.dictionaries(_NAMES, inner, max_size=3)}),
        st.fixed_dictionaries(
            {"properties": st.dictionaries(_NAMES, inner, max_size=3), "additionalProperties": inner}
        ),
        st.fixed_dictionaries({"additionalProperties": inner}),
        st.fixed_dictionaries({"oneOf": some}),
        st.fixed_dictionaries({"anyOf": some}),
        st.fixed_dictionaries({"allOf": some}),
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"if": inner, "then": inner, "else": inner}),
        st.fixed_dictionaries({"items": inner}),
        st.fixed_dictionaries({"contains": inner}),
        st.fixed_dictionaries({"propertyNames": inner}),
        st.fixed_dictionaries({"unevaluatedProperties": inner, "allOf": some}),
        st.fixed_dictionaries({"unevaluatedItems": inner, "prefixItems": some}),
        st.fixed_dictionaries({"patternProperties": st.dictionaries(st.sampled_from(["^a", "7$"]), inner)}),
        st.fixed_dictionaries({"dependentSchemas": st.dictionaries(_NAMES, inner, max_size=2)}),
    )


_RULES = st.recursive(_LEAF_RULES | st.booleans(), _combined, max_leaves=10)


_SLOW_TO_MAKE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def _schemas(draw: st.DrawFn) -> dict[str, Any]:
    """Root schemas of 2020-12 with one definition that others refer to."""
    root = draw(_combined(_RULES))
    return {**root, "$defs": {"d": draw(_LEAF_RULES.filter(lambda rule: "$ref" not in rule))}}


@_SLOW_TO_MAKE
@given(_schemas(), _PAYLOADS)
def test_the_verdict_is_the_validators_and_each_invalid_event_is_explained(
    schema: dict[str, Any], payload: dict[str, Any]
) -> None:
    judgement = compiled(schema).judge(EVENT, payload)
    valid = validator_for(schema, assert_formats=True).is_valid(payload)
    assert judgement.verdict is (Verdict.VALID if valid else Verdict.INVALID)
    assert bool(judgement.violations) is not valid
    assert len(judgement.violations) <= MAX_VIOLATIONS
    assert len({*judgement.violations}) == len(judgement.violations)
    for violation in judgement.violations:
        assert violation.expected
        assert len(violation.value) <= MAX_VALUE_CHARS
        assert (violation.received == "missing") is (violation.value == "")
        if violation.kind is Kind.MISSING_REQUIRED:
            assert violation.received == "missing"


@st.composite
def _with_required(draw: st.DrawFn) -> dict[str, Any]:
    """Schemas with `required` at many places, some of them under references."""
    some = st.lists(_NAMES, min_size=1, max_size=3, unique=True)
    root = draw(_schemas())
    inner = draw(st.dictionaries(_NAMES, st.fixed_dictionaries({"required": some}), min_size=1, max_size=3))
    part = draw(st.fixed_dictionaries({"required": some, "properties": st.just(inner)}))
    return {**root, "required": draw(some), "allOf": [*root.get("allOf", ()), part]}


@_SLOW_TO_MAKE
@given(_with_required(), _PAYLOADS)
def test_what_is_missing_is_what_the_validator_misses(
    schema: dict[str, Any], payload: dict[str, Any]
) -> None:
    """Where it tells a place exactly, at the same place."""
    document = SchemaDocument(schema)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_required, "_may_be_split", lambda _: False)
        asked = Explainer(document, assert_formats=True).violations(payload)
    told = Explainer(document, assert_formats=True).violations(payload)
    if "unevaluated" in json.dumps(schema):
        # What a part knows that is not satisfied counts as not evaluated: a consequence that is not told.
        assert {each.kind for each in told} <= {each.kind for each in asked}
        return
    assert {(each.kind, each.expected) for each in told} == {(each.kind, each.expected) for each in asked}
    if not _has_lossy_names(schema) and not _has_lossy_names(payload):
        assert sorted(told, key=sort_key) == sorted(asked, key=sort_key)


def _has_lossy_names(value: Any) -> bool:
    if isinstance(value, dict):
        return any(is_lossy(name) for name in value) or any(map(_has_lossy_names, value.values()))
    return isinstance(value, list) and any(map(_has_lossy_names, value))


@st.composite
def _beyond_the_last_level(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], set[str]]:
    """Objects in objects whose last may have no properties: a schema, a payload, and what it has there."""
    levels = draw(st.integers(0, 2))
    schema: dict[str, Any] = {"additionalProperties": False}
    for _ in range(levels):
        schema = {"additionalProperties": schema}
    name = st.sampled_from(["a", *_LOSSY_NAMES])
    payload: dict[str, Any] = {}
    for path in draw(st.lists(st.tuples(*[name] * levels), max_size=3)):
        _object_at(payload, path)
    unplanned = draw(st.lists(st.tuples(*[name] * (levels + 1)), min_size=1, max_size=6, unique=True))
    for number, path in enumerate(unplanned):
        _object_at(payload, path[:-1])[path[-1]] = number
    return schema, payload, {pointer(path) for path in unplanned}


def _object_at(payload: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    for name in path:
        payload = payload.setdefault(name, {})
    return payload


@given(_beyond_the_last_level())
def test_properties_of_objects_that_have_none_are_named_whatever_the_others_are_called(
    case: tuple[dict[str, Any], dict[str, Any], set[str]],
) -> None:
    schema, payload, unplanned = case
    found = compiled(schema).judge(EVENT, payload).violations
    assert {(each.path, each.kind) for each in found} == {
        (path, Kind.UNPLANNED_PROPERTY) for path in unplanned
    }


@_SLOW_TO_MAKE
@given(_schemas(), _PAYLOADS)
def test_each_violation_stands_in_the_ledger(schema: dict[str, Any], payload: dict[str, Any]) -> None:
    plan = compiled(schema, unplanned_properties=UnplannedProperties.FLAG)
    rows = {check.path: check for check in field_ledger(plan, EVENT, payload)}
    for violation in plan.judge(EVENT, payload).violations:
        assert violation.kind in rows[violation.path].kinds
        assert rows[violation.path].status is not FieldStatus.VALID
    assert all(not check.kinds for check in rows.values() if check.status is FieldStatus.VALID)


@_SLOW_TO_MAKE
@given(_schemas(), _PAYLOADS)
def test_equal_payloads_are_judged_equally_whatever_their_order(
    schema: dict[str, Any], payload: dict[str, Any]
) -> None:
    plan = compiled(schema)
    turned = dict(reversed(payload.items()))
    once, again = plan.judge(EVENT, payload), plan.judge(EVENT, turned)
    assert [(each.path, each.kind) for each in once.violations] == [
        (each.path, each.kind) for each in again.violations
    ]


_FIELD = st.sampled_from(
    [
        ({"type": "string"}, "x", 1, Kind.WRONG_TYPE),
        ({"type": "integer", "minimum": 0}, 1, -1, Kind.RANGE),
        ({"enum": ["a", "b"]}, "a", "c", Kind.NOT_IN_ENUM),
        ({"pattern": "^x"}, "x", "y", Kind.PATTERN),
        ({"maxLength": 1}, "x", "xx", Kind.LENGTH),
        ({"format": "date"}, "2026-01-31", "soon", Kind.FORMAT),
        ({"type": "string"}, "x", MISSING, Kind.MISSING_REQUIRED),
    ]
)


@st.composite
def _one_broken_field(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], str, Kind]:
    """A schema, a payload that breaks it in one field, that field's pointer, and the kind."""
    fields = draw(st.dictionaries(st.text(max_size=4), _FIELD, min_size=1, max_size=6))
    broken = draw(st.sampled_from(sorted(fields)))
    values = {name: bad if name == broken else good for name, (_, good, bad, _) in fields.items()}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: rule for name, (rule, *_) in fields.items()},
        "required": list(fields),
        "additionalProperties": False,
    }
    payload: Any = {name: value for name, value in values.items() if value is not MISSING}
    path: list[str | int] = [broken]
    for wrap in draw(st.lists(st.sampled_from(["object", "array", "oneOf"]), max_size=4)):
        if wrap == "object":
            schema, payload, path = {"properties": {"in": schema}}, {"in": payload}, ["in", *path]
        elif wrap == "array":
            schema, payload, path = {"type": "array", "items": schema}, [payload], [0, *path]
        else:
            schema = {"oneOf": [{"type": "null"}, schema]}
    return {"properties": {"in": schema}}, {"in": payload}, pointer(["in", *path]), fields[broken][3]


@given(_one_broken_field())
def test_the_one_broken_field_is_named_and_no_other(
    case: tuple[dict[str, Any], dict[str, Any], str, Kind],
) -> None:
    schema, payload, place, kind = case
    found = compiled(schema).judge(EVENT, payload).violations
    assert [(each.path, each.kind) for each in found] == [(place, kind)]


@_SLOW_TO_MAKE
@given(_schemas())
def test_a_plan_is_read_back_from_its_document(schema: dict[str, Any]) -> None:
    assume(not schema_problems(EVENT, schema))
    plan = plan_of(schema)
    assert load_plan(orjson.dumps(to_document(plan)), "plan.json") == plan


_CSV_TYPE = st.sampled_from(["text", "integer", "float", "date", "boolean"])
_CSV_PATHS = st.lists(
    st.from_regex(r"[a-c](\[\])?(\.[a-c](\[\])?){0,2}", fullmatch=True), min_size=1, max_size=5, unique=True
)


@st.composite
def _consistent_csv(draw: st.DrawFn) -> str:
    """Rows in which no field is both a value and a container: each path gets a first step of its own."""
    paths = [f"f{index}_{path}" for index, path in enumerate(draw(_CSV_PATHS))]
    cells = [f",{path},{draw(_CSV_TYPE)},{draw(st.sampled_from(['true', 'false', '']))}" for path in paths]
    return "\n".join(["eventName,eventPayload,dataType,required", f"Order{cells[0]}", *cells[1:]])


@given(_consistent_csv())
def test_every_consistent_csv_becomes_a_plan_that_round_trips(text: str) -> None:
    plan = load_plan(text.encode(), "Shop.csv")
    assert load_plan(orjson.dumps(to_document(plan)), "plan.json") == plan
    found = compile_plan(plan, version=1).judge(EVENT, {}).violations
    assert {each.kind for each in found} <= {Kind.MISSING_REQUIRED}
    assert bool(found) is (",true" in text)


def _pairs(value: Any, path: str = "") -> set[tuple[str, str]]:
    """The catalog's model: walk the payload itself."""
    children = value.items() if isinstance(value, dict) else [("*", each) for each in value]
    found = set()
    for name, child in children:
        here = path + pointer([name])
        if len(here.encode()) <= MAX_PATH_BYTES:
            found.add((here, json_type(child)))
            found |= _pairs(child, here) if isinstance(child, (dict, list)) else set()
    return found


@given(_PAYLOADS)
def test_a_shape_expands_to_what_the_payload_holds(payload: dict[str, Any]) -> None:
    pairs = expand(shape_of(payload))
    assert set(pairs) == _pairs(payload)
    assert list(pairs) == sorted(set(pairs))


@_SLOW_TO_MAKE
@given(_schemas(), _PAYLOADS)
def test_chosen_are_the_planned_values_that_the_payload_holds(
    schema: dict[str, Any], payload: dict[str, Any]
) -> None:
    """Against a plain look at every place that the plan lists values for."""
    fields = planned_fields(SchemaDocument(schema))
    chosen = [(value.path, value.text) for value in Chooser(fields).chosen(payload)]
    assert sorted(chosen) == sorted(
        (field.path, text)
        for field in fields.fields
        for text in field.values
        if any(equals(value, json.loads(text)) for value in reached(payload, field.path))
    )


@_SLOW_TO_MAKE
@given(_schemas())
def test_planned_fields_are_those_of_the_schemas_table(schema: dict[str, Any]) -> None:
    rows = {row.path for row in schema_table(schema) if row.path and row.rules != ("must not come",)}
    planned = {field.path for field in planned_fields(SchemaDocument(schema)).fields}
    assert planned == rows


@given(_PAYLOADS)
def test_exact_paths_are_found_behind_lossy_ones(payload: dict[str, Any]) -> None:
    pending: list[tuple[tuple[str | int, ...], Any]] = [((), payload)]
    while pending:
        path, value = pending.pop()
        lossy = [_as_validator(step) for step in path if step != ""]
        assert value_at(payload, exact_path(payload, lossy, value)) == value
        if isinstance(value, (dict, list)):
            steps = value.items() if isinstance(value, dict) else enumerate(value)
            pending.extend(((*path, step), child) for step, child in steps)


def _as_validator(step: str | int) -> str | int:
    return int(step) if isinstance(step, str) and step.isdecimal() else step


_WORDS = st.lists(st.from_regex(r"[a-z]{2,6}", fullmatch=True), min_size=1, max_size=3)


@given(_WORDS, st.sampled_from(["", " ", "_", "-", "."]), st.booleans())
def test_case_and_separators_make_a_near_miss(words: list[str], separator: str, upper: bool) -> None:
    planned = words[0] + "".join(word.capitalize() for word in words[1:])
    received = separator.join(words).upper() if upper else separator.join(words)
    assert near_miss(received, ["zzzzzzzzzz", planned]) == (None if received == planned else planned)

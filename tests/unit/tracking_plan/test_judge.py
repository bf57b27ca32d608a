"""Verdicts of a compiled plan, and what cannot be judged."""

from typing import Any

import pytest

from tests.support.plans import EVENT, compiled, judged, reasons
from tracking_plan.compiled import NO_PLAN, VALID
from tracking_plan.json_values import MAX_DEPTH, PayloadError, PayloadTooDeepError
from tracking_plan.model import Formats, UnplannedEvents, UnplannedProperties
from tracking_plan.narrowing import EventExplainer
from tracking_plan.verdict import Verdict
from tracking_plan.violation import MAX_VALUE_CHARS, MAX_VIOLATIONS, Kind, Violation

_FLAG = UnplannedProperties.FLAG
_DRAFT_4 = {"$schema": "http://json-schema.org/draft-04/schema#"}


def nested(levels: int) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    for _ in range(levels - 1):
        payload = {"a": payload}
    return payload


def test_all_valid_events_share_one_judgement() -> None:
    plan = compiled({"properties": {"a": {}}}, unplanned_properties=_FLAG)
    assert plan.judge(EVENT, {"a": 1}) is VALID
    assert plan.judge(EVENT, {}) is VALID


def test_an_invalid_event_has_its_reasons() -> None:
    assert judged({"properties": {"total": {"type": "number", "minimum": 0}}}, {"total": -1}).violations == (
        Violation("/total", Kind.RANGE, "number ≥ 0", "integer -1", "-1"),
    )


def test_an_invalid_event_is_invalid_also_where_no_broken_rule_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(EventExplainer, "violations", lambda *_: [])
    judgement = judged({"required": ["total"]}, {"a": 1})
    assert judgement.verdict is Verdict.INVALID
    assert [(each.path, each.kind, each.received) for each in judgement.violations] == [
        ("", Kind.SCHEMA, "object")
    ]


@pytest.mark.parametrize(
    ("switch", "verdict"),
    [
        (UnplannedEvents.FLAG, Verdict.UNPLANNED),
        (UnplannedEvents.ALLOW, Verdict.VALID),
        (UnplannedEvents.REJECT, Verdict.REJECTED),
    ],
)
def test_the_plan_decides_on_unplanned_events(switch: UnplannedEvents, verdict: Verdict) -> None:
    judgement = compiled({}, unplanned_events=switch).judge("Visit", {"a": 1})
    assert judgement.verdict is verdict
    expected = Violation("", Kind.UNPLANNED_EVENT, "an event of the plan", 'event "Visit"', '"Visit"')
    assert judgement.violations == (() if verdict is Verdict.VALID else (expected,))


def test_without_a_plan_every_event_is_unplanned() -> None:
    assert NO_PLAN.version == 0
    assert NO_PLAN.judge("Visit", {}).verdict is Verdict.UNPLANNED


def test_formats_are_asserted_or_not() -> None:
    schema = {"properties": {"at": {"format": "date-time"}}}
    assert reasons(schema, {"at": "yesterday"}) == [("/at", "format")]
    assert reasons(schema, {"at": "yesterday"}, formats=Formats.ANNOTATE) == []


def test_an_unknown_format_says_nothing() -> None:
    assert reasons({"properties": {"at": {"format": "moon-phase"}}}, {"at": "full"}) == []


@pytest.mark.parametrize("keyword", [{"type": "integer"}, {"const": 1}, {"enum": [1, 2]}])
def test_1_and_1_point_0_are_the_same_number(keyword: dict[str, Any]) -> None:
    assert reasons({"properties": {"n": keyword}}, {"n": 1.0}) == []
    assert len(reasons({"properties": {"n": keyword}}, {"n": 1.5})) == 1


def test_draft_4_tells_1_from_1_point_0() -> None:
    schema = {**_DRAFT_4, "properties": {"n": {"type": "integer"}}}
    assert reasons(schema, {"n": 1.0}) == [("/n", "wrong_type")]


def test_violations_are_bounded_in_number_and_size() -> None:
    schema = {"items": {"type": "string"}}
    found = judged({"properties": {"a": schema}}, {"a": list(range(500))}).violations
    assert [each.path for each in found] == [f"/a/{index}" for index in range(MAX_VIOLATIONS)]
    (long,) = judged({"properties": {"a": {"maxLength": 1}}}, {"a": "x" * 10_000}).violations
    assert len(long.value) == MAX_VALUE_CHARS
    assert long.received == 'string "' + "x" * 58 + "…"


def test_violations_do_not_depend_on_the_order_of_keys() -> None:
    schema = {"properties": {name: {"type": "string"} for name in "zebra"}, "required": ["q"]}
    payload = dict.fromkeys("zebra", 1)
    expected = judged(schema, payload)
    assert judged(schema, dict(sorted(payload.items()))) == expected
    assert [each.path for each in expected.violations] == ["/a", "/b", "/e", "/q", "/r", "/z"]


def test_a_rule_that_is_broken_twice_at_one_place_is_told_once() -> None:
    rule = {"properties": {"a": {"type": "string"}}}
    assert reasons({"allOf": [rule, rule]}, {"a": 1}) == [("/a", "wrong_type")]


@pytest.mark.parametrize("schema", [{}, {"required": ["zz"]}, {"properties": {"a": {"$ref": "#"}}}])
def test_a_payload_of_the_deepest_level_is_judged(schema: dict[str, Any]) -> None:
    verdict = Verdict.INVALID if "required" in schema else Verdict.VALID
    assert judged(schema, nested(MAX_DEPTH)).verdict is verdict


@pytest.mark.parametrize("levels", [MAX_DEPTH + 10, 5_000])
@pytest.mark.parametrize("schema", [{"required": ["zz"]}, {"properties": {"a": {"$ref": "#"}}}])
def test_a_deeper_payload_is_an_error_of_its_own(levels: int, schema: dict[str, Any]) -> None:
    with pytest.raises(PayloadTooDeepError, match="nested more than 250 levels"):
        judged(schema, nested(levels))


@pytest.mark.parametrize("payload", [{"a": object()}, {1: "a"}, {"a": {2, 3}}])
def test_what_is_no_json_is_an_error_of_its_own(payload: dict[str, Any]) -> None:
    with pytest.raises(PayloadError, match="not JSON"):
        judged({"required": ["a"], "properties": {"a": {"type": "string"}}}, payload)


def test_values_that_json_writers_refuse_are_still_shown() -> None:
    found = judged({"additionalProperties": False}, {"big": 10**30, "half": "\ud800"}).violations
    assert [each.value for each in found] == ["1" + "0" * 30, '"\\ud800"']


def test_draft_4_writes_exclusive_bounds_as_booleans() -> None:
    schema = {**_DRAFT_4, "properties": {"n": {"minimum": 0, "exclusiveMinimum": True}}}
    assert [each.expected for each in judged(schema, {"n": 0}).violations] == ["number > 0"]


def test_a_schema_that_refers_to_itself_is_judged_to_the_bottom() -> None:
    tree = {"properties": {"kids": {"items": {"$ref": "#"}}}, "required": ["name"]}
    payload = {"name": "a", "kids": [{"name": "b"}, {"kids": [{}]}]}
    assert reasons(tree, payload) == [
        ("/kids/1/kids/0/name", "missing_required"),
        ("/kids/1/name", "missing_required"),
    ]


def test_references_that_only_name_each_other_say_nothing() -> None:
    loop = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
    assert reasons(loop, {"x": 1}) == []


def test_a_costly_pattern_ends_in_a_violation() -> None:
    schema = {"properties": {"a": {"pattern": "^(?=(a+)+$)\\1*b"}}}
    assert reasons(schema, {"a": "a" * 5_000 + "c"}) == [("/a", "pattern")]

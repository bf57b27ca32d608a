"""The native document, read from YAML and JSON, and written back."""

from typing import Any

import orjson
import pytest
import yaml

from tracking_plan.formats import load_plan, to_document
from tracking_plan.model import (
    MAX_DOCUMENT_BYTES,
    MAX_EVENTS,
    Formats,
    PlannedEvent,
    TrackingPlan,
    UnplannedEvents,
    UnplannedProperties,
    planned_event_names,
)
from tracking_plan.problems import PlanError, Problem

_SHOP = """\
version: 1
name: Shop
formats: annotate
unplanned_events: reject
unplanned_properties: allow
events:
  Order Completed:
    description: sent once per paid order
    schema: {type: object, required: [order_id], properties: {order_id: {type: string}}}
"""


def problems_of(text: str | bytes, filename: str = "plan.yaml") -> tuple[Problem, ...]:
    with pytest.raises(PlanError) as caught:
        load_plan(text.encode() if isinstance(text, str) else text, filename)
    return caught.value.problems


def places_of(text: str | bytes, filename: str = "plan.yaml") -> list[str]:
    return [problem.place for problem in problems_of(text, filename)]


def test_every_part_of_a_yaml_document_is_read() -> None:
    schema = {"type": "object", "required": ["order_id"], "properties": {"order_id": {"type": "string"}}}
    event = PlannedEvent(name="Order Completed", description="sent once per paid order", schema=schema)
    assert load_plan(_SHOP.encode(), "shop.yaml") == TrackingPlan(
        name="Shop",
        formats=Formats.ANNOTATE,
        unplanned_events=UnplannedEvents.REJECT,
        unplanned_properties=UnplannedProperties.ALLOW,
        events={"Order Completed": event},
    )


def test_switches_have_defaults() -> None:
    plan = load_plan(b"{version: 1, name: Shop, events: {}}", "shop.yml")
    assert (plan.formats, plan.unplanned_events, plan.unplanned_properties) == ("assert", "flag", "flag")


@pytest.mark.parametrize("filename", ["shop.json", "shop", "shop.txt"])
def test_json_is_recognized_by_name_or_content(filename: str) -> None:
    document = yaml.safe_load(_SHOP)
    assert load_plan(orjson.dumps(document), filename) == load_plan(_SHOP.encode(), "shop.yaml")


def test_yaml_is_read_whatever_its_name() -> None:
    assert load_plan(_SHOP.encode(), "shop") == load_plan(_SHOP.encode(), "shop.yaml")


def test_a_byte_order_mark_is_no_part_of_the_document() -> None:
    assert load_plan(b"\xef\xbb\xbf" + _SHOP.encode(), "shop.yaml").name == "Shop"


def test_the_written_document_is_read_back_as_the_same_plan() -> None:
    plan = load_plan(_SHOP.encode(), "shop.yaml")
    assert load_plan(orjson.dumps(to_document(plan)), "shop.json") == plan
    assert list(to_document(plan)) == [
        "version",
        "name",
        "formats",
        "unplanned_events",
        "unplanned_properties",
        "events",
    ]


def test_coverage_counts_the_planned_names() -> None:
    assert planned_event_names(load_plan(_SHOP.encode(), "shop.yaml")) == {"Order Completed"}


def test_all_problems_of_form_are_told_at_once() -> None:
    text = "version: 2\nnam: x\nformats: strict\nunplanned_events: drop\nevents: []\n"
    assert places_of(text) == ["/nam", "/version", "/name", "/formats", "/unplanned_events", "/events"]


def test_a_problem_says_place_fault_and_cure() -> None:
    (problem,) = problems_of("{version: 1, name: Shop, formats: strict, events: {}}")
    assert str(problem) == '/formats: `formats` is "strict"; write one of: assert, annotate.'


@pytest.mark.parametrize("text", ["", "[]", "just text", "7"])
def test_a_document_must_be_a_mapping(text: str) -> None:
    (problem,) = problems_of(text)
    assert "not a mapping" in problem.what


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        ("3", "not a mapping"),
        ("{}", "no `schema`"),
        ("{schema: {}, scheme: {}}", "unknown key `scheme`"),
        ("{schema: {}, description: 3}", "`description` is 3"),
        ("{schema: true}", "the schema is true"),
    ],
)
def test_an_event_of_bad_form_is_named(event: str, fault: str) -> None:
    (problem,) = problems_of(f"{{version: 1, name: Shop, events: {{Order: {event}}}}}")
    assert problem.event == "Order"
    assert fault in problem.what


@pytest.mark.parametrize(
    ("name", "fault"), [("", "blank"), ("é" * 129, "258 bytes"), ("tab\there", "unprintable")]
)
def test_an_impossible_event_name_is_a_problem(name: str, fault: str) -> None:
    document = {"version": 1, "name": "Shop", "events": {name: {"schema": {}}}}
    (problem,) = problems_of(orjson.dumps(document), "plan.json")
    assert fault in problem.what


def test_a_name_of_256_bytes_fits() -> None:
    document = {"version": 1, "name": "Shop", "events": {"é" * 128: {"schema": {}}}}
    assert len(load_plan(orjson.dumps(document), "plan.json").events) == 1


def test_more_events_than_fit_are_a_problem() -> None:
    events: dict[str, Any] = {f"e{index}": {"schema": {}} for index in range(MAX_EVENTS + 1)}
    document = {"version": 1, "name": "Shop", "events": events}
    assert places_of(orjson.dumps(document), "plan.json") == ["/events"]


def test_a_document_beyond_the_limit_is_not_parsed() -> None:
    (problem,) = problems_of(b" " * (MAX_DOCUMENT_BYTES + 1))
    assert problem.what == "larger than 16 MB"


def test_bytes_that_are_no_utf8_are_placed() -> None:
    (problem,) = problems_of(b"version: 1\nname: \xff\n")
    assert (problem.line, problem.what) == (2, "not UTF-8")


def test_equal_keys_of_yaml_are_each_placed() -> None:
    text = "version: 1\nname: a\nname: b\nevents:\n  A: {schema: {}}\n  A: {schema: {}}\n"
    assert places_of(text) == ["line 3, column 1", "line 6, column 3"]


@pytest.mark.parametrize("filename", ["plan.json", "plan.yaml"])
@pytest.mark.parametrize("number", ["18446744073709551617", "-9223372036854775809", "1" * 300])
def test_an_integer_that_would_become_another_number_is_placed(number: str, filename: str) -> None:
    text = '{"version": 1, "name": "Shop", "events": {\n "A": {"schema": {"maximum": ' + number + "}}}}"
    (problem,) = problems_of(text, filename)
    assert (problem.line, problem.column) == (2, 30)
    assert "cannot be stored exactly" in problem.what


def test_an_integer_that_is_written_twice_is_told_once_and_not_placed_within_a_text() -> None:
    number = "18446744073709551616"
    schema = '{"description": "below ' + number + '", "minimum": ' + number + ', "maximum": ' + number + "}"
    text = '{"version": 1, "name": "Shop", "events": {"A": {"schema": ' + schema + "}}}"
    (problem,) = problems_of(text, "plan.json")
    assert (problem.line, problem.column) == (None, None)
    assert number in problem.what


@pytest.mark.parametrize("number", ["18446744073709551615", "-9223372036854775808", "1e300"])
def test_a_number_that_is_kept_is_taken(number: str) -> None:
    text = '{"version": 1, "name": "Shop", "events": {"A": {"schema": {"minimum": ' + number + "}}}}"
    assert load_plan(text.encode(), "plan.json").events["A"].schema == {"minimum": orjson.loads(number)}


def test_equal_keys_of_json_are_placed() -> None:
    text = '{"version": 1, "name": "Shop", "events": {\n "A": {"schema": {}},\n "A": {"schema": {}}}}'
    (problem,) = problems_of(text, "plan.json")
    assert (problem.place, problem.what) == ("line 3, column 2", 'the key "A" stands twice in one object')


def test_a_syntax_error_of_json_is_placed() -> None:
    assert places_of('{"version": 1,\n "name": x}', "plan.json") == ["line 2, column 10"]


@pytest.mark.parametrize("text", ['{"a":' * 3000, "[" * 3000, '{"version": NaN}'])
def test_hostile_json_is_a_problem_not_a_crash(text: str) -> None:
    assert len(problems_of(text, "plan.json")) == 1


@pytest.mark.parametrize("filename", ["plan.json", "plan.yaml"])
@pytest.mark.parametrize("levels", [600, 1_000, 1_015])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_a_problem_not_a_crash(
    opening: str, closing: str, levels: int, filename: str
) -> None:
    deep = f"{opening * levels}1{closing * levels}"
    (problem,) = problems_of(f'{{"version": 1, "name": "Shop", "events": {deep}}}', filename)
    assert (problem.what, problem.mend) == ("nested more than 500 levels deep", "flatten the document")


def test_what_a_schema_may_nest_a_document_may() -> None:
    deep = f"{'[' * 240}{']' * 240}"
    document = f'{{"version": 1, "name": "Shop", "events": {{"A": {{"schema": {{"default": {deep}}}}}}}}}'
    assert load_plan(document.encode(), "plan.json") == load_plan(document.encode(), "plan.yaml")


def test_a_long_list_of_problems_is_cut_in_the_message() -> None:
    events = {f"e{index}": 3 for index in range(300)}
    with pytest.raises(PlanError, match=r"300 problems:") as caught:
        load_plan(orjson.dumps({"version": 1, "name": "Shop", "events": events}), "plan.json")
    assert len(caught.value.problems) == 200
    assert str(caught.value).endswith("… and 280 more.")

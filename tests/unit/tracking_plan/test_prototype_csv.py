"""The prototype's CSV, and its traps decided on purpose (docs/decisions 0103 to 0106)."""

from typing import Any

import orjson
import pytest

from tests.support.plans import EVENT
from tracking_plan.compiled import compile_plan
from tracking_plan.formats import load_plan, to_document
from tracking_plan.problems import PlanError

_HEADER = "eventName,eventPayload,dataType,required,condition,pattern"


def load(*rows: str, header: str = _HEADER) -> dict[str, Any]:
    plan = load_plan("\n".join([header, *rows]).encode(), "shop plan.csv")
    return {name: event.schema for name, event in plan.events.items()}


def reasons(rows: list[str], payload: dict[str, Any]) -> list[tuple[str, str]]:
    plan = load_plan("\n".join([_HEADER, *rows]).encode(), "shop.csv")
    found = compile_plan(plan, 1).judge(EVENT, payload).violations
    return [(each.path, each.kind.value) for each in found]


def problems_of(*lines: str) -> list[str]:
    with pytest.raises(PlanError) as caught:
        load_plan("\n".join(lines).encode(), "shop.csv")
    return [str(problem) for problem in caught.value.problems]


def test_types_and_blank_names_and_nested_paths() -> None:
    schemas = load(
        "Order,id,text,true", ",items[].price,float", ",items[].tags[],text", "Visit,at,date", ",ok,Boolean"
    )
    item = {
        "type": "object",
        "properties": {
            "price": {"type": "number"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    }
    date = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}
    assert schemas == {
        "Order": {
            "type": "object",
            "properties": {"id": {"type": "string"}, "items": {"type": "array", "items": item}},
            "required": ["id"],
        },
        "Visit": {"type": "object", "properties": {"at": date, "ok": {"type": "boolean"}}},
    }


def test_the_plan_is_named_after_the_file_and_round_trips() -> None:
    plan = load_plan(f"{_HEADER}\nOrder,items[].id,integer,true".encode(), "shop plan.csv")
    assert plan.name == "shop plan"
    assert load_plan(orjson.dumps(to_document(plan)), "plan.json") == plan


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_headers_are_read_leniently_in_any_order(separator: str) -> None:
    header = separator.join(["Data Type", "event_name", "EVENTPAYLOAD"])
    row = separator.join(["integer", "Order", "count"])
    plan = load_plan(f"\ufeff{header}\r\n{row}\r\n\r\n".encode(), "x.csv")
    assert plan.events["Order"].schema["properties"] == {"count": {"type": "integer"}}


def test_an_event_may_be_written_in_two_places() -> None:
    assert list(load("A,x,text", "B,x,text", "A,y,text")["A"]["properties"]) == ["x", "y"]


def test_a_missing_optional_field_is_fine_and_a_required_one_is_not() -> None:
    rows = ["Order,id,text,true", ",note,text,", ",other,text,false"]
    assert reasons(rows, {"id": "1"}) == []
    assert reasons(rows, {"note": "x"}) == [("/id", "missing_required")]


def test_a_required_nested_field_requires_its_parents_but_no_item() -> None:
    rows = ["Order,user.id,text,true", ",items[].price,float,true"]
    assert reasons(rows, {}) == [("/items", "missing_required"), ("/user", "missing_required")]
    assert reasons(rows, {"user": {"id": "1"}, "items": []}) == []
    assert reasons(rows, {"user": {"id": "1"}, "items": [{}]}) == [("/items/0/price", "missing_required")]


def test_an_integer_is_welcome_where_a_float_is_planned() -> None:
    assert reasons(["Order,total,float"], {"total": 3}) == []
    assert reasons(["Order,total,integer"], {"total": 3.5}) == [("/total", "wrong_type")]


def test_patterns_are_enforced() -> None:
    assert reasons(["Order,id,text,,,^o_[0-9]+$"], {"id": "o_12"}) == []
    assert reasons(["Order,id,text,,,^o_[0-9]+$"], {"id": "12"}) == [("/id", "pattern")]


def test_keys_are_compared_exactly() -> None:
    found = reasons(["Order,site_id,text,true"], {"Site Id": "x"})
    assert found == [("/Site Id", "unplanned_property"), ("/site_id", "missing_required")]


@pytest.mark.parametrize("value", ["2026-01-31", "2026-01-31T12:00:00Z"])
def test_a_date_may_have_a_time(value: str) -> None:
    assert reasons(["Order,at,date"], {"at": value}) == []
    assert reasons(["Order,at,date"], {"at": f"{value}?"}) == [("/at", "format")]


def _condition(if_field: str, if_value: object, then_field: str, then_type: str) -> str:
    keys = {"if_field": if_field, "if_value": if_value, "then_field": then_field, "then_type": then_type}
    return '"' + orjson.dumps(keys).decode().replace('"', '""') + '"'


def test_a_condition_demands_the_field_and_its_type() -> None:
    rows = ["Order,paid,boolean", f",ref,text,,{_condition('paid', 'true', 'card.no', 'integer')}"]
    assert reasons(rows, {"paid": False}) == []
    assert reasons(rows, {"paid": True, "card": {"no": 7}}) == []
    assert reasons(rows, {"paid": True}) == [("/card", "condition")]
    assert reasons(rows, {"paid": True, "card": {"no": "7"}}) == [("/card/no", "condition")]


def test_a_condition_holds_within_one_item() -> None:
    rows = [
        "Order,items[].kind,text",
        f",items[].size,text,,{_condition('items[].kind', 'shoe', 'items[].size', 'text')}",
    ]
    assert reasons(rows, {"items": [{"kind": "hat"}, {"kind": "shoe", "size": "42"}]}) == []
    assert reasons(rows, {"items": [{"kind": "hat"}, {"kind": "shoe"}]}) == [("/items/1/size", "condition")]


@pytest.mark.parametrize(
    ("data_type", "text", "value"),
    [
        ("integer", "5", 5),
        ("float", "2.5", 2.5),
        ("text", 5, "5"),
        ("text", True, "true"),
        ("boolean", "FALSE", False),
        ("boolean", True, True),
        ("integer", 5, 5),
        ("date", "2026-01-31", "2026-01-31"),
    ],
)
def test_a_condition_value_has_the_type_of_its_field(data_type: str, text: object, value: object) -> None:
    schema = load(f"Order,a,{data_type},,{_condition('a', text, 'b', 'text')}")["Order"]
    assert schema["allOf"][0]["if"] == {"required": ["a"], "properties": {"a": {"const": value}}}


@pytest.mark.parametrize(
    ("data_type", "value"),
    [
        ("integer", True),
        ("integer", 1.5),
        ("float", False),
        ("boolean", 1),
        ("boolean", "yes"),
        ("text", None),
        ("integer", None),
        ("date", "soon"),
        ("date", True),
    ],
)
def test_a_condition_value_that_its_field_never_has_is_a_problem(data_type: str, value: object) -> None:
    (found,) = problems_of(_HEADER, f"Order,a,{data_type},,{_condition('a', value, 'b', 'text')}")
    shown = orjson.dumps(value).decode()
    assert f'line 2, event "Order": condition: if_value {shown} can never stand in a: it is ' in found
    assert found.endswith("; name fields that the event has, and a value that if_field can have.")


@pytest.mark.parametrize("data_type", ["integer", "float", "boolean"])
def test_a_pattern_on_what_is_no_text_is_a_problem(data_type: str) -> None:
    assert problems_of(_HEADER, f"Order,zip,{data_type},true,,^[0-9]{{5}}$") == [
        f'line 2, event "Order": a pattern is never applied to {data_type}, only to text; '
        "remove it, or make the type text."
    ]


def test_a_date_may_have_a_pattern() -> None:
    assert reasons(["Order,at,date,,,^2026"], {"at": "2025-01-31"}) == [("/at", "pattern")]


def test_cells_beyond_the_header_are_a_problem() -> None:
    """An unquoted comma cuts a pattern in two, and shifts the cells behind it."""
    found = problems_of(
        _HEADER, "Order,code,text,true,,^(EUR|USD),[0-9]+$", ",id,text,,,", ',x,text,,,"a,b",c'
    )
    assert found == [
        'line 2, event "Order": the line has 7 cells, the header 6; put cells with separators in quotes.',
        'line 4, event "Order": the line has 7 cells, the header 6; put cells with separators in quotes.',
    ]


def test_empty_cells_beyond_the_header_are_fine() -> None:
    assert list(load("Order,code,text,true,,^A,, ,", ",id,text,,,,,,")["Order"]["properties"]) == [
        "code",
        "id",
    ]


def test_two_columns_of_one_meaning_are_a_problem() -> None:
    header = "eventName,eventPayload,dataType,expected pattern,pattern,Event Name"
    assert problems_of(header, "Order,code,text,^A$,,") == [
        'line 1: "eventName" and "Event Name" mean one column, eventName; keep one of them.',
        'line 1: "expected pattern" and "pattern" mean one column, pattern; keep one of them.',
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("Order,id,string", 'line 2, event "Order": unknown type "string"; write one of text, integer'),
        (",id,text", "line 2: no event name here or above"),
        ("Order,,text", "a step is empty"),
        ("Order,a..b,text", "a step is empty"),
        (f"Order,{'a.' * 100}b,text", "it has 101 steps, at most 100 fit"),
        ("Order,items[0].price,text", "items are written as [], without a number"),
        ("Order,id,text,maybe", '`required` is "maybe"; write true or false'),
        ("Order,id,text,,{if", "condition: the cell is not JSON"),
        ('Order,id,text,,"{""if_field"": ""a""}"', "exactly the keys if_field"),
        (f"Order,a,text,,{_condition('a', [1], 'b', 'text')}", "if_value must be a single value"),
        (f"Order,a,text,,{_condition('a', 'x', 'b', 'string')}", 'unknown then_type "string"'),
        (f"Order,a,text,,{_condition('z', 'x', 'b', 'text')}", "the event has no field z"),
        (f"Order,a,integer,,{_condition('a', 'x', 'b', 'text')}", 'if_value "x" can never stand in a'),
        (f"Order,a[].b,text,,{_condition('a[].b', 'x', 'c', 'text')}", "belong to the same item"),
        (
            "Order,id,text,,,(",
            'event "Order", schema /properties/id/pattern: "(" is not a regular expression',
        ),
        ('Order,"id,text', "line 2: not CSV: unexpected end of data"),
    ],
)
def test_a_bad_line_is_named(row: str, problem: str) -> None:
    (found,) = problems_of(_HEADER, row)
    assert problem in found


def test_rows_that_contradict_each_other_are_named() -> None:
    found = problems_of(_HEADER, "Order,a,text", ",a,text", ",b,text", ",b.c,text", ",d[],text", ",d.e,text")
    assert [problem.split(";")[0] for problem in found] == [
        'line 3, event "Order": the field a has a row above',
        'line 5, event "Order": the field b is string in a row above, object here',
        'line 7, event "Order": the field d is array in a row above, object here',
    ]


def test_a_bad_header_is_told_whole() -> None:
    found = problems_of("eventName,payload", "Order,id")
    assert [problem.split(";")[0] for problem in found] == [
        'line 1: unknown column "payload"',
        "line 1: no column eventPayload",
        "line 1: no column dataType",
    ]

"""Which planned values a payload has."""

from typing import Any

import orjson
import pytest

from tests.support.plans import EVENT, compiled
from tracking_plan.chosen_values import Chooser, PlannedValue
from tracking_plan.planned_fields import planned_fields
from tracking_plan.schema_document import SchemaDocument


def chosen(schema: dict[str, Any], payload: bytes) -> list[tuple[str, str]]:
    found = Chooser(planned_fields(SchemaDocument(schema))).chosen(orjson.loads(payload))
    return [(value.path, value.text) for value in found]


NUMBERS = {"properties": {"p": {"enum": [1, True, 0.5, None, "1"]}}}


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b'{"p":1}', "1"),
        (b'{"p":1.0}', "1"),
        (b'{"p":true}', "true"),
        (b'{"p":0.5}', "0.5"),
        (b'{"p":null}', "null"),
        (b'{"p":"1"}', '"1"'),
        # Of equal keys the last one counts.
        (b'{"p":1,"p":true}', "true"),
    ],
)
def test_a_value_is_its_own_and_no_other(payload: bytes, text: str) -> None:
    assert chosen(NUMBERS, payload) == [("/p", text)]


@pytest.mark.parametrize(
    "payload", [b"{}", b'{"p":false}', b'{"p":0}', b'{"p":"x"}', b'{"p":{}}', b'{"p":[1]}', b'{"q":1}']
)
def test_what_is_not_planned_is_not_chosen(payload: bytes) -> None:
    assert chosen(NUMBERS, payload) == []


def test_an_object_where_a_value_is_planned_hides_no_other_field() -> None:
    schema = {"properties": {"a": {"const": "x"}, "b": {"const": "y"}}}
    assert chosen(schema, b'{"a":["x"],"b":"y"}') == [("/b", '"y"')]


def test_items_that_say_the_same_count_once() -> None:
    schema = {"properties": {"items": {"items": {"properties": {"size": {"enum": ["S", "M"]}}}}}}
    payload = b'{"items":[{"size":"M"},{"size":"S"},{"size":"M"},{"size":["S"]},7,{}]}'
    assert sorted(chosen(schema, payload)) == [("/items/*/size", '"M"'), ("/items/*/size", '"S"')]
    assert chosen(schema, b'{"items":{"size":"M"}}') == []


def test_only_events_with_planned_values_have_a_chooser() -> None:
    without = compiled({"properties": {"p": {"type": "string"}}})
    assert (without.choosers[EVENT], without.choosers["Page"]) == (None, None)
    choose = compiled({"properties": {"p": {"const": "x"}}}).choosers[EVENT]
    assert choose is not None
    (value,) = choose({"p": "x"})
    assert isinstance(value, PlannedValue)
    assert (value.path, value.text) == ("/p", '"x"')

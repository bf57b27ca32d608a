"""Drafts of plans from the fields that events had."""

import pytest

from tracking_plan.compiled import compile_plan
from tracking_plan.formats.native import plan_from_document
from tracking_plan.formats.yaml_reader import read_yaml
from tracking_plan.inference import SeenField, collisions, infer_schema, plan_snippet
from tracking_plan.schema_check import schema_problems
from tracking_plan.verdict import Verdict

CART = [
    SeenField("/cart", "object", 10),
    SeenField("/cart/items", "array", 10),
    SeenField("/cart/items/*", "object", 10),
    SeenField("/cart/items/*/price", "integer", 8),
    SeenField("/cart/items/*/price", "number", 6),
    SeenField("/coupon", "string", 3),
    SeenField("/user", "null", 4),
    SeenField("/user", "string", 6),
]


def test_what_every_event_had_is_required_and_nothing_else() -> None:
    schema = infer_schema(CART, 10)
    assert schema["required"] == ["cart", "user"]
    assert schema["properties"]["user"] == {"type": ["string", "null"]}
    assert schema["properties"]["coupon"] == {"type": "string"}
    items = schema["properties"]["cart"]["properties"]["items"]
    assert items == {
        "type": "array",
        "items": {"type": "object", "properties": {"price": {"type": "number"}}},
    }


def test_a_field_that_some_events_lack_is_not_required_though_none_came_more_often() -> None:
    """Ten events by phone, five by mail, and one without any field."""
    fields = [SeenField("/phone", "string", 10), SeenField("/mail", "string", 5)]
    assert "required" not in infer_schema(fields, 16)


def test_an_event_without_fields_is_an_object() -> None:
    assert infer_schema([], 3) == {"type": "object"}


@pytest.mark.parametrize(
    "name",
    [
        "Order Completed",
        "no",
        "0o7",
        "1e3",
        "a: b",
        "- x",
        "*",
        "<b>",
        "~",
        "key: [",
        "'\"",
        "héllo",
        "# x",
        "=1",
    ],
)
def test_a_snippet_reads_back_as_a_plan_that_finds_its_events_valid(name: str) -> None:
    fields = [SeenField(f"/{name.replace('~', '~0')}", "string", 2), SeenField("/n", "integer", 2)]
    events = read_yaml(plan_snippet(name, fields, 2))
    plan = plan_from_document({"version": 1, "name": "Shop", "events": events})
    assert list(schema_problems(name, plan.events[name].schema)) == []
    compiled = compile_plan(plan, 1)
    assert compiled.judge(name, {name: "x", "n": 1}).verdict is Verdict.VALID
    assert compiled.judge(name, {"n": "x"}).verdict is Verdict.INVALID


def test_invisible_characters_of_a_name_are_written_as_escapes() -> None:
    text = plan_snippet("a\u202eb", [], 1)
    assert text.isascii()
    assert list(read_yaml(text)) == ["a\u202eb"]


def test_types_that_do_not_go_together_collide() -> None:
    seen = [*CART, SeenField("/total", "string", 1), SeenField("/total", "integer", 7)]
    assert collisions(seen) == {"/total": {"integer": 7, "string": 1}}

"""Payload shapes and their expansion."""

from typing import Any

import pytest

from tracking_plan.catalog import MAX_LEVELS, MAX_PATH_BYTES, expand, shape_of


def pairs(payload: dict[str, Any]) -> list[tuple[str, str]]:
    return list(expand(shape_of(payload)))


def test_each_json_type_has_its_name() -> None:
    payload: dict[str, Any] = {"n": None, "b": True, "i": 1, "f": 1.0, "s": "x", "a": [], "o": {}}
    assert dict(pairs(payload)) == {
        "/n": "null",
        "/b": "boolean",
        "/i": "integer",
        "/f": "number",
        "/s": "string",
        "/a": "array",
        "/o": "object",
    }


def test_an_empty_payload_has_no_fields() -> None:
    assert pairs({}) == []


def test_indices_fold_and_equal_items_count_once() -> None:
    payload = {"items": [{"price": 1}, {"price": 2.5}, {"price": 3}, "x", [None]]}
    assert pairs(payload) == [
        ("/items", "array"),
        ("/items/*", "array"),
        ("/items/*", "object"),
        ("/items/*", "string"),
        ("/items/*/*", "null"),
        ("/items/*/price", "integer"),
        ("/items/*/price", "number"),
    ]


def test_names_are_escaped() -> None:
    assert pairs({"a/b": 1, "c~d": {"": 2}}) == [
        ("/a~1b", "integer"),
        ("/c~0d", "object"),
        ("/c~0d/", "integer"),
    ]


def test_payloads_of_one_shape_share_it_whatever_their_values() -> None:
    one = shape_of({"a": 1, "b": [{"c": "x"}, {"c": "y"}]})
    assert one == shape_of({"a": 2, "b": [{"c": "z"}]})
    assert hash(one) == hash(shape_of({"a": 2, "b": [{"c": "z"}]}))
    assert one != shape_of({"a": 2.5, "b": [{"c": "z"}]})
    assert one != shape_of({"a": 1, "b": [{"c": 1}]})


def test_true_is_not_one() -> None:
    assert shape_of({"a": True}) != shape_of({"a": 1})


def test_long_paths_are_left_out_with_all_below_them() -> None:
    fits, long = "x" * (MAX_PATH_BYTES - 1), "é" * (MAX_PATH_BYTES // 2)
    assert pairs({fits: {"y": 1}, long: {"y": 1}}) == [(f"/{fits}", "object")]


@pytest.mark.parametrize("container", ["dict", "list"])
def test_depth_is_bounded(container: str) -> None:
    value: Any = 1
    for _ in range(100_000):
        value = {"a": value} if container == "dict" else [value]
    assert len(pairs({"a": value})) == MAX_LEVELS
    while isinstance(value, (dict, list)):  # Freed step by step: the interpreter would recurse.
        value = value.popitem()[1] if isinstance(value, dict) else value.pop()


def test_lone_surrogates_do_not_stop_the_catalog() -> None:
    assert pairs({"\ud800": 1}) == [("/\ud800", "integer")]

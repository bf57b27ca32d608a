"""Exact paths behind the validator's lossy ones."""

from typing import Any

import pytest

from tests.support.plans import judged, reasons
from tracking_plan.validator_paths import exact_path, is_lossy


@pytest.mark.parametrize(
    ("name", "lossy"), [("", True), ("007", True), ("+7", True), ("7", False), ("0", False)]
)
def test_which_names_are_lossy(name: str, lossy: bool) -> None:
    assert is_lossy(name) is lossy


@pytest.mark.parametrize(
    ("payload", "path", "instance", "exact"),
    [
        ({"a": [{"b": 1}]}, ["a", 0, "b"], 1, ("a", 0, "b")),
        ({"7": 1}, [7], 1, ("7",)),
        ({"007": 1}, [7], 1, ("007",)),
        ({"7": 1, "007": 2, "+7": 3}, [7], 2, ("007",)),
        ({"": {"": 1}}, [], 1, ("", "")),
        ({"": {"": 1}}, [], {"": 1}, ("",)),
        ({"": {"a": {"": [5]}}}, ["a", 0], 5, ("", "a", "", 0)),
    ],
)
def test_the_place_is_found(
    payload: Any, path: list[str | int], instance: Any, exact: tuple[Any, ...]
) -> None:
    assert exact_path(payload, path, instance) == exact


def test_rules_of_names_that_look_alike_are_not_mixed_up() -> None:
    schema = {"properties": {"7": {"maximum": 1}, "007": {"maximum": 2}, "+7": {"maximum": 3}}}
    found = judged(schema, {"7": 5, "007": 6, "+7": 7}).violations
    assert [(each.path, each.expected) for each in found] == [
        ("/+7", "number ≤ 3"),
        ("/7", "number ≤ 1"),
        ("/007", "number ≤ 2"),
    ]


_NO_PROPERTIES = {"type": "object", "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "payload", "paths"),
    [
        (_NO_PROPERTIES, {"": {}}, ["/"]),
        (_NO_PROPERTIES, {"": {}, "a": 1}, ["/", "/a"]),
        ({"additionalProperties": _NO_PROPERTIES}, {"1": {}, "01": {"x": 1}}, ["/01/x"]),
        ({"additionalProperties": _NO_PROPERTIES}, {"01": {}, "1": {"x": {}}}, ["/1/x"]),
        ({"properties": {"a": {"items": _NO_PROPERTIES}}}, {"a": [{}, {"": {}}]}, ["/a/1/"]),
    ],
)
def test_properties_of_an_object_that_has_none_are_named_beside_empty_objects(
    schema: dict[str, Any], payload: dict[str, Any], paths: list[str]
) -> None:
    assert reasons(schema, payload) == [(path, "unplanned_property") for path in paths]


def test_true_is_not_taken_for_1_of_a_name_that_looks_alike() -> None:
    schema = {"additionalProperties": {"type": "integer"}}
    assert reasons(schema, {"1": 1, "01": True}) == [("/01", "wrong_type")]

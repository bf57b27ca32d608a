"""YAML as JSON: the core schema of YAML 1.2, and documents that mean harm."""

import pytest

from tracking_plan.formats.yaml_reader import read_yaml
from tracking_plan.model import MAX_NESTING
from tracking_plan.problems import PlanError


def problem_of(text: str) -> str:
    with pytest.raises(PlanError) as caught:
        read_yaml(text)
    (problem,) = caught.value.problems
    return str(problem)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("no", "no"),
        ("on", "on"),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("012", 12),
        ("0x1F", 31),
        ("0o17", 15),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("2024-01-01", "2024-01-01"),
        ("12:30:45", "12:30:45"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("!!int 12", 12),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("[1, [2], {a: 3}]", [1, [2], {"a": 3}]),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    read = read_yaml(text)
    assert read == value
    assert type(read) is type(value)


def test_keys_are_names_as_they_are_written() -> None:
    assert read_yaml("{on: 1, 404: 2, null: 3, 1.0: 4}") == {"on": 1, "404": 2, "null": 3, "1.0": 4}


def test_aliases_and_merge_keys_are_expanded() -> None:
    merges = "merged: {<<: *b, y: 3}\nlist: {<<: [{z: 1}, *b], x: 0}"
    assert read_yaml(f"base: &b {{x: 1, y: 2}}\nalias: *b\n{merges}\nn: &n 7\nm: *n") == {
        "base": {"x": 1, "y": 2},
        "alias": {"x": 1, "y": 2},
        "merged": {"x": 1, "y": 3},
        "list": {"z": 1, "x": 0, "y": 2},
        "n": 7,
        "m": 7,
    }


def test_expanding_aliases_is_bounded() -> None:
    levels = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 20)]
    assert "more than 1,000,000 values after alias expansion" in problem_of("\n".join(levels))


def test_nesting_is_bounded() -> None:
    assert f"more than {MAX_NESTING} levels" in problem_of("[" * 100_000)
    assert read_yaml("[" * MAX_NESTING + "]" * MAX_NESTING)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &a [*a]", "line 1, column 8: alias *a has no finished anchor"),
        ("a: *b", "line 1, column 4: alias *b has no finished anchor"),
        ("a: !!binary aGk=", "line 1, column 4: unknown tag tag:yaml.org,2002:binary"),
        ("a: !thing {}", "line 1, column 4: unknown tag !thing"),
        ("? [a]\n: b", "line 1, column 3: a key is a list or mapping"),
        ("x: &k y\n*k : z", "line 2, column 1: a key is an alias"),
        ("a: 1\n---\nb: 2", "line 2, column 1: a second document begins"),
        ("a: b: c", "line 1, column 5: not YAML: mapping values are not allowed"),
        (f"a: {2**64}", "line 1, column 4: 18446744073709551616 is a number that cannot be stored exactly"),
        (f"a: {'9' * 5_000}", "a number that cannot be stored exactly"),
        (f"a: 0x{'f' * 5_000}", "a number that cannot be stored exactly"),
        ("a: 1e999", "line 1, column 4: 1e999 is a number that cannot be stored exactly"),
        ("a: \x07", "not YAML: unacceptable character #x0007"),
    ],
)
def test_a_fault_is_placed(text: str, problem: str) -> None:
    assert problem in problem_of(text)


def test_faults_before_the_one_that_stops_are_told_too() -> None:
    with pytest.raises(PlanError) as caught:
        read_yaml("a: 1\na: 2\nb: *c\n")
    assert [problem.line for problem in caught.value.problems] == [2, 3]

"""docs/reliability.md names each of the 23 tests, and only files that are there."""

import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


def test_each_of_the_23_tests_has_a_line() -> None:
    heads = re.findall(r"^\| (\d+(?:, \d+)*) ", _PAGE, re.MULTILINE)
    named = {int(number) for head in heads for number in head.split(", ")}
    assert named == set(range(1, 24))


def test_the_files_that_it_names_are_there() -> None:
    names = set(re.findall(r"\b(test_\w+\.py)\b", _PAGE))
    assert names
    there = {path.name for path in (_ROOT / "tests").rglob("test_*.py")}
    assert names <= there

"""Kinds of violations, as people say them."""

import pytest

from dashboard.view_models import words
from storage.issues import IssueKey
from tracking_plan.violation import Kind


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Kind.MISSING_REQUIRED, "missing"),
        (Kind.RANGE, "out of range"),
        (Kind.NOT_IN_ENUM, "value not allowed"),
        (Kind.WRONG_TYPE, "wrong type"),
        ("of_a_later_version", "of a later version"),
    ],
)
def test_a_kind_says_what_is_wrong(kind: str, said: str) -> None:
    assert words.kind(kind) == said
    assert words.issue(IssueKey("e", "/total", kind)) == f"/total: {said}"


def test_each_kind_has_words_of_its_own() -> None:
    assert len({words.kind(kind) for kind in Kind}) == len(Kind)

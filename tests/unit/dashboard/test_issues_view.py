"""The page Issues by its address."""

import pytest

from dashboard.issues_view import IssuesView, Sort, from_query
from dashboard.query import Query
from storage.issues import Standing


def test_an_address_says_the_whole_view() -> None:
    query: Query = {
        "app": "Shop",
        "range": "7d",
        "state": "muted",
        "name": ["a", "b", "a"],
        "kind": "wrong_type",
        "sort": "last",
        "all": "1",
    }
    assert from_query(query) == IssuesView(
        "Shop", "7d", Standing.MUTED, ("a", "b"), ("wrong_type",), Sort.LAST_SEEN, every=True
    )


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"app": ""},
        {"range": "1h"},
        {"state": "closed"},
        {"kind": "' OR 1=1"},
        {"sort": "; DROP"},
        {"all": "yes"},
        {"name": "x" * 257},
        {"nonsense": "1"},
    ],
)
def test_what_an_address_says_wrongly_falls_back(query: Query) -> None:
    assert from_query(query) == IssuesView()

"""Requests of the page's scripts, and what tampered ones are told."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from dashboard.api.answers import in_words
from dashboard.api.explore_schemas import ExploreAsked
from dashboard.api.schemas import Asked, FeedAsked, RejectedAsked, RowsAsked
from dashboard.time_ranges import TimeRange

VIEW = {"app_id": 1}


def test_a_block_is_asked_by_its_distance_from_the_first_row() -> None:
    asked = RowsAsked.model_validate({"view": VIEW, "offset": 100, "limit": 100})
    assert (asked.offset, asked.limit, asked.token) == (100, 100, None)


def test_a_frozen_view_keeps_the_range_it_was_frozen_with() -> None:
    token = {"view": "1.100.1.100..", "start": "2026-11-22T14:37:00+01:00", "end": None}
    asked = FeedAsked.model_validate({"view": VIEW, "token": token})
    assert asked.token is not None
    assert asked.token.span() == TimeRange(datetime(2026, 11, 22, 13, 37, tzinfo=UTC), None)
    assert asked.token.frozen().snapshot_seq == 100


@pytest.mark.parametrize(
    ("tampered", "place"),
    [
        ({"offset": 0, "limit": 100}, ("view",)),
        ({"view": {"app_id": "1 OR 1=1"}, "offset": 0, "limit": 100}, ("view", "app_id")),
        ({"view": {**VIEW, "column": "payload"}, "offset": 0, "limit": 100}, ("view", "column")),
        ({"view": {**VIEW, "order": "random()"}, "offset": 0, "limit": 100}, ("view", "order")),
        ({"view": {**VIEW, "range_key": "1y"}, "offset": 0, "limit": 100}, ("view", "range_key")),
        ({"view": {**VIEW, "start": "2026-11-22T10:00:00"}, "offset": 0, "limit": 100}, ("view", "start")),
        ({"view": {**VIEW, "names": ["n" * 300]}, "offset": 0, "limit": 100}, ("view", "names", 0)),
        ({"view": {**VIEW, "names": ["n"] * 101}, "offset": 0, "limit": 100}, ("view", "names")),
        ({"view": VIEW, "offset": -1, "limit": 100}, ("offset",)),
        ({"view": VIEW, "offset": 2**60, "limit": 100}, ("offset",)),
        ({"view": VIEW, "offset": 0, "limit": 100_000}, ("limit",)),
        ({"view": VIEW, "offset": 0, "limit": 100, "token": {"view": "x" * 500}}, ("token", "view")),
        ({"view": VIEW, "offset": 0, "limit": 100, "filterModel": {}}, ("filterModel",)),
    ],
)
def test_a_tampered_request_is_refused_with_the_place(
    tampered: dict[str, Any], place: tuple[str | int, ...]
) -> None:
    with pytest.raises(ValidationError) as refused:
        RowsAsked.model_validate(tampered)
    assert place in {error["loc"] for error in refused.value.errors()}


def test_a_cursor_of_rejected_events_is_no_free_text() -> None:
    after = {"last_seen_at": "2026-11-22T13:00:00Z", "sha256": "'; --", "reason": "x"}
    with pytest.raises(ValidationError):
        RejectedAsked.model_validate({"view": VIEW, "after": after})


@pytest.mark.parametrize("schema", [Asked, ExploreAsked])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-02-01T00:00Z", "2026-01-01T00:00Z"),
        ("2026-02-01T01:00+01:00", "2026-02-01T00:00Z"),
        # Ranges are whole minutes: this one would have none.
        ("2026-02-01T00:00:10Z", "2026-02-01T00:00:50Z"),
    ],
)
def test_a_range_that_ends_too_early_is_told_in_a_sentence(
    schema: type[BaseModel], start: str, end: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        schema.model_validate({"app_id": 1, "range_key": "custom", "start": start, "end": end})
    assert in_words(caught.value) == (
        "the range must end after it begins: choose a later end or an earlier start"
    )


def test_what_is_wrong_is_told_without_words_of_the_library() -> None:
    with pytest.raises(ValidationError) as caught:
        ExploreAsked.model_validate({"app_id": 0, "range_key": "5y", "start": "1066-10-14T00:00Z"})
    assert in_words(caught.value) == (
        "app_id: Input should be greater than or equal to 1;"
        " start: its year is none of 1970 to 8899;"
        " range_key: is no range: it may be 15m, 36h, 7d, 2w, today, yesterday, week, all, custom"
    )

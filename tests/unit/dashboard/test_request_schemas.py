"""Requests of the page's scripts, and what tampered ones are told."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from dashboard.api.schemas import FeedAsked, RejectedAsked, RowsAsked
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

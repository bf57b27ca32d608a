"""The allow-list between a request's words and the reader's filters."""

from datetime import UTC, datetime

import pytest

from dashboard.filters import MAX_VALUE_CHARS, MAX_VALUES, BadFilter, Chosen, to_reader
from dashboard.time_ranges import TimeRange
from storage.readers import Filters
from tracking_plan.verdict import Verdict

SPAN = TimeRange(datetime(2026, 11, 22, tzinfo=UTC), None)


def test_words_become_the_readers_filters() -> None:
    chosen = Chosen(names=("b", "a", "b"), statuses=("unplanned", "invalid", "invalid"))
    assert to_reader(chosen, SPAN) == Filters(
        names=("b", "a"), statuses=(Verdict.INVALID, Verdict.UNPLANNED), start=SPAN.start, end=None
    )


def test_a_followed_subject_and_run_are_taken_as_they_are() -> None:
    followed = to_reader(Chosen(subject="user 7", run="ci-1"), SPAN)
    assert (followed.subject, followed.run_id) == ("user 7", "ci-1")
    nobody = to_reader(Chosen(), SPAN)
    assert (nobody.subject, nobody.run_id) == (None, None)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (
            Chosen(statuses=("rejected",)),
            "status 'rejected' cannot be filtered by; it may be valid, invalid, unpl",
        ),
        (Chosen(statuses=("0) OR (1=1",)), "cannot be filtered by"),
        (Chosen(names=tuple(map(str, range(MAX_VALUES + 1)))), "names: at most 100 values, not 101"),
        (Chosen(names=("n" * (MAX_VALUE_CHARS + 1),)), "names: a value has at most 256 characters"),
        (Chosen(names=("a\0b",)), "no NUL character"),
        (Chosen(subject="a\0b"), "subject: a value has at most 256 characters and no NUL"),
        (Chosen(run="r" * (MAX_VALUE_CHARS + 1)), "run: a value has at most 256 characters"),
    ],
)
def test_anything_else_is_refused_by_name(chosen: Chosen, message: str) -> None:
    with pytest.raises(BadFilter) as refused:
        to_reader(chosen, SPAN)
    assert message in str(refused.value)

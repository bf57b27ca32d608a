"""Which index answers which filters, and what is left to check of its rows."""

import pytest

from storage.errors import BadRequest
from storage.readers import MAX_FILTER_VALUES, Filters
from storage.readers.access import EVERY_ROW, MAX_SCANS, access_of
from storage.readers.condition import Condition, condition_of
from tracking_plan.verdict import STORED, Verdict

VALID, INVALID, UNPLANNED = STORED
MANY = tuple(f"name {number:03d}" for number in range(MAX_SCANS))


@pytest.mark.parametrize(
    ("filters", "columns", "keys"),
    [
        (Filters(), (), [()]),
        (Filters(statuses=STORED), (), [()]),
        (Filters(names=("b", "a", "b")), ("name",), [("a",), ("b",)]),
        (Filters(names=MANY), ("name",), [(name,) for name in MANY]),
        (Filters(names=("a", "b"), names_not=("b",)), ("name",), [("a",)]),
        (Filters(statuses=(UNPLANNED, INVALID)), ("status",), [(1,), (2,)]),
        (Filters(statuses_not=(VALID,)), ("status",), [(1,), (2,)]),
        (Filters(names=("b", "a"), statuses=(INVALID,)), ("name", "status"), [("a", 1), ("b", 1)]),
        (Filters(subject="s"), ("subject",), [("s",)]),
        (Filters(run_id="r"), ("run_id",), [("r",)]),
    ],
)
def test_filters_that_an_index_knows_leave_nothing_to_check(
    filters: Filters, columns: tuple[str, ...], keys: list[tuple[str | int, ...]]
) -> None:
    access = access_of(condition_of(filters))
    assert (access.columns, list(access.keys), access.exact) == (columns, keys, True)


@pytest.mark.parametrize(
    ("filters", "columns", "rest"),
    [
        (Filters(statuses=(VALID,)), (), Condition(statuses=(0,))),
        (Filters(names_not=("a",)), (), Condition(names_not=("a",))),
        (Filters(source_ids=(2, 1)), (), Condition(source_ids=(1, 2))),
        (Filters(names=("a",), statuses=(VALID, INVALID)), ("name",), Condition(statuses=(0, 1))),
        (Filters(names=("a",), source_ids=(1,)), ("name",), Condition(source_ids=(1,))),
        (Filters(statuses=(INVALID,), names_not=("a",)), ("status",), Condition(names_not=("a",))),
        (Filters(names=MANY, statuses=(INVALID, UNPLANNED)), ("status",), Condition(names=MANY)),
        (Filters(subject="s", run_id="r"), ("subject",), Condition(run_id="r")),
        (
            Filters(subject="s", names=("a",), statuses=(INVALID,)),
            ("subject",),
            Condition(names=("a",), statuses=(1,)),
        ),
        (Filters(run_id="r", statuses=(INVALID,)), ("run_id",), Condition(statuses=(1,))),
    ],
)
def test_other_filters_are_searched_for_on_the_most_telling_index(
    filters: Filters, columns: tuple[str, ...], rest: Condition
) -> None:
    access = access_of(condition_of(filters))
    assert (access.columns, access.rest, access.exact) == (columns, rest, False)


def test_times_are_no_part_of_what_is_checked_of_a_row() -> None:
    assert access_of(Condition()) == EVERY_ROW
    assert EVERY_ROW.exact


@pytest.mark.parametrize(
    "filters",
    [
        Filters(names=("a",), names_not=("a",)),
        Filters(statuses=(INVALID,), statuses_not=(INVALID,)),
        Filters(statuses_not=STORED),
    ],
)
def test_filters_that_rule_each_other_out_are_met_by_no_row(filters: Filters) -> None:
    assert condition_of(filters).no_row


def test_source_fields_and_source_ids_hold_at_once() -> None:
    assert condition_of(Filters(source_ids=(1, 2)), (2, 3)).source_ids == (2,)
    assert condition_of(Filters(), (3, 2)).source_ids == (2, 3)
    assert condition_of(Filters(app_versions=("unknown",)), ()).no_row
    assert condition_of(Filters()).source_ids is None


@pytest.mark.parametrize("verdict", set(Verdict) - set(STORED))
def test_verdicts_without_rows_are_refused(verdict: Verdict) -> None:
    for filters in (Filters(statuses=(verdict,)), Filters(statuses_not=(verdict,))):
        with pytest.raises(BadRequest, match=verdict.word):
            condition_of(filters)


def test_the_longest_filter_is_taken() -> None:
    names = tuple(map(str, range(MAX_FILTER_VALUES)))
    assert len(condition_of(Filters(names=names)).names or ()) == MAX_FILTER_VALUES
    with pytest.raises(BadRequest, match="names_not"):
        condition_of(Filters(names_not=(*names, "one more")))

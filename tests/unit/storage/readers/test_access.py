"""Which index answers which filters, and what is left to check of its rows."""

from decimal import Decimal

import pytest

from storage.errors import BadRequest
from storage.readers import MAX_FILTER_VALUES, Comparison, Filters, Property
from storage.readers.access import EVERY_ROW, MAX_SCANS, access_of
from storage.readers.condition import Condition, condition_of
from tracking_plan.verdict import STORED, Verdict
from tracking_plan.violation import Kind

VALID, INVALID, UNPLANNED = STORED
TOTAL = Property(("total",), Comparison.MORE, (Decimal(100),))
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
        (Filters(subjects=("t", "s")), ("subject",), [("s",), ("t",)]),
        (Filters(subject="s", subjects=("t", "s")), ("subject",), [("s",)]),
        (Filters(run_ids=("q", "r"), run_ids_not=("q",)), ("run_id",), [("r",)]),
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
        (Filters(subject="s", run_id="r"), ("subject",), Condition(run_ids=("r",))),
        (
            Filters(subject="s", names=("a",), statuses=(INVALID,)),
            ("subject",),
            Condition(names=("a",), statuses=(1,)),
        ),
        (Filters(run_id="r", statuses=(INVALID,)), ("run_id",), Condition(statuses=(1,))),
        (Filters(subjects_not=("s",)), (), Condition(subjects_not=("s",))),
        (Filters(run_ids_not=("r",)), (), Condition(run_ids_not=("r",))),
        (Filters(kinds=(Kind.RANGE,)), ("status",), Condition(kinds=(Kind.RANGE,))),
        (Filters(paths=("/b", "/a"), names=("a",)), ("name", "status"), Condition(paths=("/a", "/b"))),
        (Filters(kinds_not=(Kind.RANGE,)), (), Condition(kinds_not=(Kind.RANGE,))),
        (Filters(properties=(TOTAL,), subject="s"), ("subject",), Condition(properties=(TOTAL,))),
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
        Filters(subject="s", subjects=("t",)),
        Filters(run_id="r", run_ids_not=("r",)),
        Filters(statuses=(VALID,), kinds=(Kind.RANGE,)),
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


@pytest.mark.parametrize(
    ("filters", "known"),
    [
        (Filters(names=("a",), statuses=(VALID,)), True),
        (Filters(names_not=("a",)), True),
        (Filters(subject="s"), False),
        (Filters(subjects_not=("s",)), False),
        (Filters(run_ids_not=("r",)), False),
        (Filters(source_ids=(1,)), False),
        (Filters(kinds_not=(Kind.RANGE,)), False),
        (Filters(paths=("/a",)), False),
        (Filters(properties=(TOTAL,)), False),
    ],
)
def test_rollups_know_names_and_statuses_alone(filters: Filters, known: bool) -> None:
    assert condition_of(filters).countable is known


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Property((), Comparison.IS, ("x",)), "1 to 16 steps"),
        (Property(("a",) * 17, Comparison.IS, ("x",)), "1 to 16 steps"),
        (Property(("a",), Comparison.IS, ()), "1 to 50 values"),
        (Property(("a",), Comparison.MORE, (Decimal(1), Decimal(2))), "one number or one text"),
        (Property(("a",), Comparison.LESS, (None,)), "one number or one text"),
        (Property(("a",), Comparison.AT_LEAST, (True,)), "one number or one text"),
        (Property(("a",), Comparison.IS, (Decimal("1e999999"),)), "no event can hold"),
        (Property(("a",), Comparison.IS, (Decimal("nan"),)), "no event can hold"),
        (Property(("a",), Comparison.IS, ("\0",)), "NUL"),
        (Property(("\ud800",), Comparison.IS, ("x",)), "half a character"),
    ],
)
def test_a_property_that_cannot_be_compared_is_refused(wanted: Property, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        condition_of(Filters(properties=(wanted,)))


def test_more_properties_than_a_search_can_bear_are_refused() -> None:
    with pytest.raises(BadRequest, match="at most 5"):
        condition_of(Filters(properties=(TOTAL,) * 6))

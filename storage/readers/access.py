"""Which index answers a condition. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from storage.readers.condition import Condition
from tracking_plan.verdict import Verdict

#: Most index scans that one page merges; more values than this are looked for by a bounded scan.
MAX_SCANS = 200


@dataclass(frozen=True, slots=True)
class Access:
    """Scans of one index of `event`, each in order of seq, and what is left to check of their rows.

    With app_id before and seq behind them, `columns` are the key of the index: none event_pkey; name
    event_by_name; subject event_by_subject; run_id event_by_run; status event_not_valid; name and status
    event_not_valid_by_name.
    """

    columns: tuple[str, ...]
    #: The values of these columns, one scan each.
    keys: tuple[tuple[str | int, ...], ...]
    #: The part of the condition that the index does not answer.
    rest: Condition

    @property
    def exact(self) -> bool:
        """Whether the index alone answers the condition, so that a page reads no row in vain."""
        return self.rest == Condition()


def access_of(condition: Condition) -> Access:
    """The most telling index first: subject, run, not valid, name, none."""
    rest = replace(condition, start=None, end=None)
    names, statuses, subjects, run_ids = rest.names, rest.statuses, rest.subjects, rest.run_ids
    if subjects is not None and len(subjects) <= MAX_SCANS:
        return Access(("subject",), _each(subjects), replace(rest, subjects=None))
    if run_ids is not None and len(run_ids) <= MAX_SCANS:
        return Access(("run_id",), _each(run_ids), replace(rest, run_ids=None))
    if statuses is not None and Verdict.VALID not in statuses:
        if names is None or len(names) * len(statuses) > MAX_SCANS:
            return Access(("status",), _each(statuses), replace(rest, statuses=None))
        keys = tuple((name, status) for name in names for status in statuses)
        return Access(("name", "status"), keys, replace(rest, names=None, statuses=None))
    if names is not None and len(names) <= MAX_SCANS:
        return Access(("name",), _each(names), replace(rest, names=None))
    return Access((), ((),), rest)


def _each(values: Iterable[str | int]) -> tuple[tuple[str | int, ...], ...]:
    return tuple((value,) for value in values)


#: All rows, by event_pkey.
EVERY_ROW = access_of(Condition())

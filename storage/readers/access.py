"""Which index answers a condition. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from storage.readers.condition import Condition
from tracking_plan.verdict import Verdict

#: Most index scans that one page merges; more values than this are looked for by a bounded scan.
MAX_BRANCHES = 50


@dataclass(frozen=True, slots=True)
class Branch:
    """Columns and the values they must equal: with seq behind them, the key of one index of `event`.

    none: event_pkey; name: event_by_name; subject: event_by_subject; run_id: event_by_run; status:
    event_not_valid; name and status: event_not_valid_by_name.
    """

    equals: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Access:
    """Index scans in order of seq, and what is left to check of each of their rows."""

    branches: tuple[Branch, ...]
    #: The part of the condition that the branches' indexes do not answer.
    rest: Condition

    @property
    def exact(self) -> bool:
        """Whether the indexes alone answer it, so that a page reads no row in vain."""
        return self.rest == Condition()


def access_of(condition: Condition) -> Access:
    """The most telling index first: subject, run, not valid, name, none."""
    names, names_not, sources = condition.names, condition.names_not, condition.source_ids
    statuses, run_id = condition.statuses, condition.run_id
    if condition.subject is not None:
        branches: tuple[Branch, ...] = (Branch({"subject": condition.subject}),)
    elif run_id is not None:
        branches, run_id = (Branch({"run_id": run_id}),), None
    elif statuses is not None and Verdict.VALID not in statuses:
        branches, names = _not_valid(statuses, names)
        statuses = None
    elif names is not None and len(names) <= MAX_BRANCHES:
        branches, names = tuple(Branch({"name": name}) for name in names), None
    else:
        branches = (Branch({}),)
    return Access(branches, Condition(names, names_not, statuses, None, run_id, sources))


def _not_valid(
    statuses: tuple[int, ...], names: tuple[str, ...] | None
) -> tuple[tuple[Branch, ...], tuple[str, ...] | None]:
    """The branches, and the names that are left to check."""
    if names is None or len(names) * len(statuses) > MAX_BRANCHES:
        return tuple(Branch({"status": status}) for status in statuses), names
    return tuple(Branch({"name": name, "status": status}) for name in names for status in statuses), None

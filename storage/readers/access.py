"""Which index answers a condition. Pure."""

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
    names, statuses = condition.names, condition.statuses
    rest = Condition(names, condition.names_not, statuses, None, condition.run_id, condition.source_ids)
    if condition.subject is not None:
        return Access(("subject",), ((condition.subject,),), rest)
    if condition.run_id is not None:
        return Access(("run_id",), ((condition.run_id,),), replace(rest, run_id=None))
    if statuses is not None and Verdict.VALID not in statuses:
        if names is None or len(names) * len(statuses) > MAX_SCANS:
            return Access(("status",), tuple((status,) for status in statuses), replace(rest, statuses=None))
        keys = tuple((name, status) for name in names for status in statuses)
        return Access(("name", "status"), keys, replace(rest, names=None, statuses=None))
    if names is not None and len(names) <= MAX_SCANS:
        return Access(("name",), tuple((name,) for name in names), replace(rest, names=None))
    return Access((), ((),), rest)


#: All rows, by event_pkey.
EVERY_ROW = access_of(Condition())

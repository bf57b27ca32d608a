"""Everything that is read from storage: grid pages, the feed, stats, coverage, rejected events.

`Reader` is the door; what it takes and gives is in `model` (rows) and `results` (figures).
"""

from storage.readers.condition import countable
from storage.readers.habits import Habit, Habits
from storage.readers.issues import EventBar, Issue, IssueBar, IssueBars, Issues
from storage.readers.looked_into import MAX_PROPERTIES, Comparison, Property, Scalar
from storage.readers.model import (
    MAX_FILTER_VALUES,
    MAX_ROWS,
    After,
    AppInfo,
    Changes,
    Counted,
    Cursor,
    EventDetail,
    EventRow,
    Filters,
    Gap,
    Landing,
    Page,
    PageQuery,
    RowNumber,
    View,
)
from storage.readers.reader import Reader
from storage.readers.reject_groups import MAX_GROUPED, RejectedBar, RejectedGroups
from storage.readers.results import (
    CatalogField,
    Coverage,
    FailingField,
    MinuteCheck,
    NameCount,
    PlannedEvent,
    Rate,
    RejectedCursor,
    RejectedPage,
    RejectedRow,
    Series,
    SourceInfo,
    Totals,
)
from storage.readers.system import PartitionSize, StoredSizes

__all__ = [
    "MAX_FILTER_VALUES",
    "MAX_GROUPED",
    "MAX_PROPERTIES",
    "MAX_ROWS",
    "After",
    "AppInfo",
    "CatalogField",
    "Changes",
    "Comparison",
    "Counted",
    "Coverage",
    "Cursor",
    "EventBar",
    "EventDetail",
    "EventRow",
    "FailingField",
    "Filters",
    "Gap",
    "Habit",
    "Habits",
    "Issue",
    "IssueBar",
    "IssueBars",
    "Issues",
    "Landing",
    "MinuteCheck",
    "NameCount",
    "Page",
    "PageQuery",
    "PartitionSize",
    "PlannedEvent",
    "Property",
    "Rate",
    "Reader",
    "RejectedBar",
    "RejectedCursor",
    "RejectedGroups",
    "RejectedPage",
    "RejectedRow",
    "RowNumber",
    "Scalar",
    "Series",
    "SourceInfo",
    "StoredSizes",
    "Totals",
    "View",
    "countable",
]

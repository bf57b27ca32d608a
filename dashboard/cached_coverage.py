"""The plan against what came, behind the cache."""

from datetime import datetime

from dashboard.cached_base import LISTS_MAX_AGE, CachedBase
from dashboard.time_ranges import TimeRange
from storage.model import Ledger
from storage.readers import (
    CatalogField,
    Coverage,
    EventFields,
    FieldCoverage,
    Habits,
    SeenEvent,
    UnplannedFields,
)

#: How old the catalog of fields, what came of all planned ones, and two weeks by hours, may be, in seconds:
#: they are long, and change slowly.
_CATALOG_MAX_AGE = 20.0
_HABITS_MAX_AGE = 60.0


class CachedCoverage(CachedBase):
    """Answers from the cache, else from the reader; raises what the reader raises."""

    def coverage_at(self, ledger: Ledger, start: datetime, max_age: float) -> Coverage:
        """The plan in force against what came since `start`, at most `max_age` old unless nothing changed."""
        if ledger.plan_version == 0:
            return Coverage(0, (), ())
        return self._recent(
            ("coverage", ledger.app_id, ledger.epoch, start),
            max_age,
            lambda: self._reader.coverage(ledger.app_id, start, None),
            ledger.version,
        )

    def coverage(self, app_id: int, span: TimeRange) -> Coverage:
        """The plan in force against what came in the range, at most LISTS_MAX_AGE seconds old."""
        ledger = self.ledger(app_id)
        return self._recent(
            ("coverage", app_id, ledger.epoch, ledger.plan_version, span),
            LISTS_MAX_AGE,
            lambda: self._reader.coverage(app_id, span.start, span.end),
        )

    def catalog(self, app_id: int) -> tuple[CatalogField, ...]:
        """The fields that events of all names had, at most _CATALOG_MAX_AGE seconds old."""
        key = ("catalog", app_id, self.ledger(app_id).epoch)
        return self._recent(key, _CATALOG_MAX_AGE, lambda: self._reader.catalog(app_id))

    def seen_event(self, app_id: int, name: str) -> SeenEvent:
        """What is known of the events of a name, at most _CATALOG_MAX_AGE seconds old."""
        key = ("seen event", app_id, self.ledger(app_id).epoch, name)
        return self._recent(key, _CATALOG_MAX_AGE, lambda: self._reader.seen_event(app_id, name))

    def field_coverage(self, app_id: int) -> tuple[FieldCoverage, ...]:
        """How many fields and values of each planned event came; at most _CATALOG_MAX_AGE seconds old."""
        ledger = self.ledger(app_id)
        return self._recent(
            ("field coverage", app_id, ledger.epoch, ledger.plan_version),
            _CATALOG_MAX_AGE,
            lambda: self._reader.field_coverage(app_id),
            ledger.version,
        )

    def unplanned_fields(self, app_id: int) -> UnplannedFields:
        """Fields beside the plan of planned events, at most _CATALOG_MAX_AGE seconds old."""
        ledger = self.ledger(app_id)
        return self._recent(
            ("unplanned fields", app_id, ledger.epoch, ledger.plan_version),
            _CATALOG_MAX_AGE,
            lambda: self._reader.unplanned_fields(app_id),
            ledger.version,
        )

    def event_fields(self, app_id: int, name: str) -> EventFields | None:
        """One planned event's fields and what ever came of them, at most LISTS_MAX_AGE seconds old."""
        ledger = self.ledger(app_id)
        return self._recent(
            ("event fields", app_id, ledger.epoch, ledger.plan_version, name),
            LISTS_MAX_AGE,
            lambda: self._reader.event_fields(app_id, name),
            ledger.version,
        )

    def habits(self, app_id: int) -> Habits:
        """The last two weeks by hours, at most _HABITS_MAX_AGE seconds old."""
        key = ("habits", app_id, self.ledger(app_id).epoch)
        return self._recent(key, _HABITS_MAX_AGE, lambda: self._reader.habits(app_id))

"""Labelled values, as drawers list them; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard import formats
from dashboard.visible_text import visible
from storage.model import Source


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a list of facts."""

    label: str
    value: str
    tooltip: str = ""


def text_fact(label: str, value: str | None) -> Fact:
    """A text, made visible; NONE where it was not given."""
    return Fact(label, visible(value) if value else formats.NONE)


def time_fact(label: str, at: datetime | None, zone: ZoneInfo) -> Fact:
    """A time in the viewer's zone, with UTC as its tooltip."""
    if at is None:
        return Fact(label, formats.NONE, "not given by the producer")
    return Fact(label, formats.moment(at, zone), formats.utc(at))


def source_facts(source: Source) -> Iterable[Fact]:
    """The fields of a source, those that were given."""
    fields = {
        "App version": source.app_version,
        "Platform": source.platform,
        "Environment": source.environment,
        "SDK": source.sdk,
    }
    return (text_fact(label, value) for label, value in fields.items() if value)

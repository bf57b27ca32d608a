"""Stored events for tests, as benchmarks.seeding makes them."""

from benchmarks.seeding import (
    BROKEN_NAME,
    DUPLICATES_PER_MINUTE,
    MISSING_NAME,
    NAMES,
    RARE_NAME,
    REJECTED_PER_MINUTE,
    RUNS,
    SOURCES,
    SUBJECTS,
    Seed,
    recent_days,
    seed,
)

__all__ = [
    "BROKEN_NAME",
    "DUPLICATES_PER_MINUTE",
    "MISSING_NAME",
    "NAMES",
    "RARE_NAME",
    "REJECTED_PER_MINUTE",
    "RUNS",
    "SOURCES",
    "SUBJECTS",
    "Seed",
    "recent_days",
    "seed",
]

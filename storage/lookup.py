"""Finds stored events by identity, in partitions bounded by time.

An event cannot be received before it occurred, less what clocks may be ahead. So a look-up of an event starts
at the day it occurred; and an event that occurred today, by the same measure, needs no look into older
partitions at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from storage.arrays import array_literal
from storage.model import MOST_FUTURE_US, Identity

#: By each partition's identity index, once per identity: LIMIT keeps the planner from turning the join
#: around or reading whole partitions for a hash join (161 µs a row instead of 26). The bounds prune when the
#: query is planned, `since` while it runs.
_DATED = """
SELECT p.place, found.content_hash
FROM (
    SELECT timestamptz 'epoch' + occurred_us * interval '1 microsecond' AS occurred_at, event_key,
           timestamptz 'epoch' + since_us * interval '1 microsecond' AS since, place
    FROM unnest(%(occurred)s::bigint[], %(keys)s::uuid[], %(since)s::bigint[])
         WITH ORDINALITY AS u(occurred_us, event_key, since_us, place)
) AS p
CROSS JOIN LATERAL (
    SELECT e.content_hash FROM event e
    WHERE e.app_id = %(app_id)s AND e.occurred_at = p.occurred_at AND e.event_key = p.event_key
      AND e.received_at >= p.since
      AND e.received_at >= timestamptz 'epoch' + %(low)s * interval '1 microsecond'
      AND e.received_at < timestamptz 'epoch' + %(high)s * interval '1 microsecond'
    LIMIT 1
) AS found
"""

#: By each partition's identity index; `IS NULL` is an index condition, `IS NOT DISTINCT FROM` is none.
_UNDATED = """
SELECT replace(e.event_key::text, '-', ''), e.content_hash FROM event e
WHERE e.app_id = %(app_id)s AND e.occurred_at IS NULL AND e.event_key = ANY(%(keys)s::uuid[])
  AND e.received_at >= timestamptz 'epoch' + %(low)s * interval '1 microsecond'
  AND e.received_at < timestamptz 'epoch' + %(high)s * interval '1 microsecond'
"""


@dataclass(frozen=True, slots=True)
class Span:
    """When looked-up events may have been received: [low_us, high_us), microseconds since 1970."""

    low_us: int
    high_us: int


def find(cursor: Any, app_id: int, identities: Iterable[Identity], span: Span) -> dict[Identity, int]:
    """Content hashes of those identities that are stored, received within the span."""
    dated: list[tuple[int, bytes]] = []
    undated: list[bytes] = []
    for occurred_us, key in identities:
        if occurred_us is None:
            undated.append(key)
        else:
            dated.append((occurred_us, key))
    found: dict[Identity, int] = {}
    if dated:
        found.update(_find_dated(cursor, app_id, dated, span))
    if undated:
        found.update(_find_undated(cursor, app_id, undated, span))
    return found


def _find_dated(
    cursor: Any, app_id: int, identities: list[tuple[int, bytes]], span: Span
) -> dict[Identity, int]:
    parameters = {
        "app_id": app_id,
        "occurred": array_literal(occurred_us for occurred_us, _ in identities),
        "keys": array_literal(key.hex() for _, key in identities),
        "since": array_literal(occurred_us - MOST_FUTURE_US for occurred_us, _ in identities),
        "low": span.low_us,
        "high": span.high_us,
    }
    cursor.execute(_DATED, parameters)
    return {identities[place - 1]: content for place, content in cursor.fetchall()}


def _find_undated(cursor: Any, app_id: int, keys: list[bytes], span: Span) -> dict[Identity, int]:
    parameters = {
        "app_id": app_id,
        "keys": array_literal(key.hex() for key in keys),
        "low": span.low_us,
        "high": span.high_us,
    }
    cursor.execute(_UNDATED, parameters)
    return {(None, bytes.fromhex(key)): content for key, content in cursor.fetchall()}

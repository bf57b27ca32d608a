"""Payloads of many rows, in memory of a bounded size: one payload may be as long as a thousand others."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection

from storage.readers.event_rows import fetch_payloads, payload_sizes
from storage.readers.ledgers import read_ledger
from storage.readers.stretches import stretch_of


def read_payloads(conn: Connection, app_id: int, seqs: Sequence[int], most_bytes: int) -> dict[int, bytes]:
    """The payloads of the first rows, in the given order, as many as fit; at least one. Raises NotFound."""
    ledger = read_ledger(conn, app_id)
    stored = [seq for seq in seqs if ledger.first_seq <= seq <= ledger.last_seq]
    if not stored:
        return {}
    stretch = stretch_of(conn, app_id, min(stored), max(stored))
    sizes = payload_sizes(conn, stretch, stored)
    return fetch_payloads(conn, stretch, list(_fitting(stored, sizes, most_bytes)))


def _fitting(seqs: Sequence[int], sizes: Mapping[int, int], most_bytes: int) -> Iterator[int]:
    total = 0
    for place, seq in enumerate(seqs):
        total += sizes.get(seq, 0)
        if place and total > most_bytes:
            return
        yield seq

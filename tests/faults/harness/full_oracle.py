"""The oracle: client ledger, stored set, rollups and feed reader must tell the same story.

As in Kafka's transactions test: what was acked is there, nothing is there twice, and a reader beside the
writers saw the same in the same order.
"""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Engine, text

from tests.faults.harness.ledger import ClientLedger, event, is_rejected
from tests.support.feed_ledger import FeedLedger
from tests.support.oracle import check_app, received_in_all

_STORED = "SELECT (payload->>'number')::bigint FROM event WHERE app_id = :app_id"
_KEPT = "SELECT raw FROM rejected_event WHERE app_id = :app_id"


@dataclass(frozen=True)
class Figures:
    """What one test went through, for docs/reliability.md."""

    faults: int
    sent: int
    acked: int
    stored: int
    lost: int
    twice: int


def check_oracle(
    engine: Engine, app_id: int, ledger: ClientLedger, feed: FeedLedger | None, *, faults: int
) -> Figures:
    """Asserts every promise, and tells the figures. Producers, and the feed's reader, are at their end."""
    numbers = _stored_numbers(engine, app_id)
    kept = _kept_numbers(engine, app_id, ledger)
    twice = [number for number, count in Counter(numbers).items() if count > 1]
    there = set(numbers) | kept
    lost = ledger.acked - there
    assert not lost, f"acked and not there: {sorted(lost)[:10]}"
    assert not twice, f"stored twice: {sorted(twice)[:10]}"
    assert there <= ledger.sent, f"never sent: {sorted(there - ledger.sent)[:10]}"
    told_twice = [number for number, count in ledger.stored_by.items() if count > 1]
    assert not told_twice, f"acked as new twice: {told_twice[:10]}"
    assert check_app(engine, app_id) == len(numbers)
    # A commit whose ack was lost counts events once more than the acks do.
    assert received_in_all(engine, app_id) >= ledger.answered
    if feed is not None:
        assert feed.gaps == 0
        assert [row.seq for row in feed.rows] == list(range(1, len(numbers) + 1))
    return Figures(faults, len(ledger.sent), len(ledger.acked), len(there), len(lost), len(twice))


def _stored_numbers(engine: Engine, app_id: int) -> list[int]:
    with engine.connect() as conn:
        return list(conn.execute(text(_STORED), {"app_id": app_id}).scalars())


def _kept_numbers(engine: Engine, app_id: int, ledger: ClientLedger) -> set[int]:
    """Numbers of the rejected events, by their bytes."""
    by_bytes = {event(number).SerializeToString(): number for number in ledger.sent if is_rejected(number)}
    with engine.connect() as conn:
        kept = [by_bytes[bytes(raw)] for raw in conn.execute(text(_KEPT), {"app_id": app_id}).scalars()]
    assert len(kept) == len(set(kept))
    return set(kept)

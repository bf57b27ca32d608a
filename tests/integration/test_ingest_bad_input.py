"""Each value of docs/bad-input.md on a real server and database: stored exactly, or rejected alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from livevalidation.v1 import ingest_pb2
from storage.schema import MAX_RAW_BYTES
from tests.support.bad_input import CASES, Case, event, field, markdown_table
from tests.support.ingest import RunningServer, Tenant, new_tenant, running_server, send_bytes
from tests.support.oracle import check_app
from tests.support.writing import engine_of

_DOCS = Path(__file__).parents[2] / "docs" / "bad-input.md"


@dataclass(frozen=True)
class Ingest:
    running: RunningServer
    engine: Engine

    def send(self, tenant: Tenant, *events: bytes) -> ingest_pb2.BatchAck:
        message = b"".join(field(2, raw) for raw in events)
        (ack,) = send_bytes(self.running.address, tenant.key, [message], verdicts="all")
        return ack

    def stored(self, tenant: Tenant) -> list[tuple[str, str | None, str]]:
        query = "SELECT name, subject, payload::text FROM event WHERE app_id = :app_id ORDER BY seq"
        with self.engine.connect() as conn:
            return [tuple(row) for row in conn.execute(text(query), {"app_id": tenant.app_id})]

    def kept(self, tenant: Tenant) -> list[tuple[str, bytes, bytes]]:
        query = "SELECT reason, raw, sha256 FROM rejected_event WHERE app_id = :app_id"
        with self.engine.connect() as conn:
            rows = conn.execute(text(query), {"app_id": tenant.app_id})
            return [(reason, bytes(raw), bytes(digest)) for reason, raw, digest in rows]


@pytest.fixture(scope="module")
def ingest(module_database: str) -> Iterator[Ingest]:
    with engine_of(module_database) as engine, running_server(module_database) as running:
        yield Ingest(running, engine)


def neighbour(name: bytes) -> bytes:
    return event(b'{"next":"to it"}', name=name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_is_stored_exactly_or_rejected_alone(case: Case, ingest: Ingest) -> None:
    tenant = new_tenant(ingest.engine, case.what)

    ack = ingest.send(tenant, neighbour(b"Before"), case.raw, neighbour(b"After"))

    assert (ack.received, ack.unplanned, ack.rejected) == (3, *((3, 0) if case.reason is None else (2, 1)))
    rows = ingest.stored(tenant)
    assert (rows[0], rows[-1]) == (
        ("Before", None, '{"next":"to it"}'),
        ("After", None, '{"next":"to it"}'),
    )
    if case.reason is None:
        sent = ingest_pb2.Event.FromString(case.raw)
        assert rows[1:-1] == [(sent.name, sent.subject or None, sent.payload_json.decode())]
    else:
        assert len(rows) == 2
        told = ack.verdicts[1]
        assert (told.index, told.rejection.code) == (1, case.reason.value)
        assert told.rejection.message
        assert ingest.kept(tenant) == [
            (case.reason.value, case.raw[:MAX_RAW_BYTES], sha256(case.raw).digest())
        ]
    check_app(ingest.engine, tenant.app_id)


def test_all_of_them_in_one_batch(ingest: Ingest) -> None:
    """But the largest: a message has at most 4 MiB."""
    tenant = new_tenant(ingest.engine, "all at once")
    events = [(case.raw, case.reason) for case in CASES if len(case.raw) < 1_000_000]

    ack = ingest.send(tenant, *(raw for raw, _ in events))

    # Two of them are the plainest event there is, given twice.
    told = {verdict.index: verdict.rejection.code for verdict in ack.verdicts}
    assert told == {place: reason.value if reason else "" for place, (_, reason) in enumerate(events)}
    assert ack.received == len(events)
    assert ack.rejected == sum(reason is not None for _, reason in events)
    check_app(ingest.engine, tenant.app_id)


def test_the_same_event_twice_and_one_id_with_two_payloads(ingest: Ingest) -> None:
    tenant = new_tenant(ingest.engine, "equal ids")
    now = ingest_pb2.Event()
    now.occurred_at.FromDatetime(datetime.now(UTC))
    time = now.occurred_at.SerializeToString()
    first = event(b'{"a":1}', event_id=b"id-1", occurred_at=time)
    other = event(b'{"a":2}', event_id=b"id-1", occurred_at=time)

    ack = ingest.send(tenant, first, first, other, neighbour(b"After"))
    again = ingest.send(tenant, other, first)

    assert (ack.unplanned, ack.duplicate, ack.rejected, ack.id_conflict) == (2, 1, 1, 1)
    assert (again.unplanned, again.duplicate, again.rejected, again.id_conflict) == (0, 1, 1, 1)
    assert [name for name, _, _ in ingest.stored(tenant)] == ["Probe", "After"]
    assert [reason for reason, _, _ in ingest.kept(tenant)] == ["id_conflict"]


@pytest.mark.parametrize(
    ("head", "code"),
    [(field(4, b"\xff"), "text_not_utf8"), (field(3, field(3, b"\0")), "text_has_nul")],
    ids=["run_id", "source"],
)
def test_a_bad_field_of_the_batch_rejects_and_keeps_its_events(
    head: bytes, code: str, ingest: Ingest
) -> None:
    tenant = new_tenant(ingest.engine, f"batch {code}")
    message = head + field(2, event(name=b"A")) + field(2, event(name=b"B"))
    (ack,) = send_bytes(ingest.running.address, tenant.key, [message])
    assert (ack.received, ack.rejected) == (2, 2)
    assert [reason for reason, _, _ in ingest.kept(tenant)] == [code, code]
    assert ingest.stored(tenant) == []


def test_the_docs_show_this_table() -> None:
    assert markdown_table() in _DOCS.read_text()

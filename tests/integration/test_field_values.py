"""Fields and planned values, from the message to the reader: on a real database."""

from itertools import count
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, text

from ingest_server.decode import decode_batch
from ingest_server.judge import judge_batch
from ingest_server.limits import DecodeLimits
from livevalidation.v1.ingest_pb2 import EventBatch
from storage.memory import Memory
from storage.model import Submission
from storage.plans import PlanStore
from storage.readers import EventFields, FieldCoverage, Reader
from storage.readers import fields as fields_module
from storage.schema import OTHER
from tests.support.oracle import check_app, value_counts
from tests.support.writing import new_app, writer_on
from tracking_plan.compiled import compile_plan
from tracking_plan.formats.native import plan_from_document

NAME = "Order Completed"
SCHEMA = {
    "type": "object",
    "properties": {
        "currency": {"enum": ["EUR", "USD"]},
        "coupon": {"type": "string"},
        "items": {"type": "array", "items": {"properties": {"size": {"enum": [1, 2, True]}}}},
    },
}
_IDS = count()


def document(schema: dict[str, Any] = SCHEMA) -> dict[str, Any]:
    return {"version": 1, "name": "Shop", "events": {NAME: {"schema": schema}, "Refunded": {"schema": {}}}}


def planned_app(engine: Engine) -> int:
    app_id = new_app(engine)
    PlanStore(engine).push(app_id, document())
    return app_id


def judged(
    app_id: int, *payloads: object, version: int = 1, plan: dict[str, Any] | None = None
) -> Submission:
    """A batch of events, as ingest hands it over."""
    batch = EventBatch()
    for payload in payloads:
        batch.events.add(name=NAME, event_id=f"e-{next(_IDS)}", payload_json=orjson.dumps(payload))
    compiled = compile_plan(plan_from_document(plan or document()), version)
    return judge_batch(decode_batch(batch.SerializeToString(), DecodeLimits()), app_id, compiled)


def opened(engine: Engine, app_id: int) -> EventFields:
    found = Reader(engine).event_fields(app_id, NAME)
    assert found is not None
    return found


ORDERS: tuple[dict[str, Any], ...] = (
    {"currency": "EUR", "items": [{"size": 1}, {"size": 1.0}, {"size": True}]},
    {"currency": "EUR", "items": []},
    {"currency": "DKK", "more": 1},
    {},
)


def test_each_stored_event_counts_its_planned_values_once(engine: Engine) -> None:
    app_id = planned_app(engine)
    batch = judged(app_id, *ORDERS)
    with writer_on(engine) as writer:
        # The second is of duplicates alone, the third of some.
        for events in (batch.events, batch.events, [*batch.events[:2], *judged(app_id, ORDERS[0]).events]):
            writer.write([Submission(app_id, 1, batch.source, None, len(events), events, ())])
    assert check_app(engine, app_id) == len(ORDERS) + 1
    assert value_counts(engine, app_id) == {
        (NAME, "/currency", '"EUR"'): 3,
        (NAME, "/items/*/size", "1"): 2,
        (NAME, "/items/*/size", "true"): 2,
    }


def test_a_planned_event_tells_its_fields_and_values(engine: Engine) -> None:
    app_id = planned_app(engine)
    with writer_on(engine) as writer:
        writer.write([judged(app_id, *ORDERS)])
        writer.write([judged(app_id, {"currency": "EUR"})])
    found = opened(engine, app_id)
    assert (found.stored, found.is_beyond_limits) == (5, False)
    assert {(field.path, field.json_type): field.count for field in found.fields} == {
        ("/currency", "string"): 4,
        ("/items", "array"): 2,
        ("/items/*", "object"): 1,
        ("/items/*/size", "integer"): 1,
        ("/items/*/size", "number"): 1,
        ("/items/*/size", "boolean"): 1,
    }
    euro = next(value for value in found.values if value.value == '"EUR"')
    assert euro.count == 3
    assert euro.first_seen_at < euro.last_seen_at == Reader(engine).ledger(app_id).last_received_at
    assert Reader(engine).field_coverage(app_id) == (
        FieldCoverage(NAME, fields=5, fields_came=4, values=5, values_came=3),
        FieldCoverage("Refunded", 0, 0, 0, 0),
    )


def test_what_is_not_planned_has_no_fields_to_open(engine: Engine) -> None:
    reader, unplanned = Reader(engine), new_app(engine)
    assert reader.event_fields(planned_app(engine), "Order") is None
    assert (reader.event_fields(unplanned, NAME), reader.field_coverage(unplanned)) == (None, ())


def test_values_count_by_the_plan_that_judged(engine: Engine) -> None:
    app_id = planned_app(engine)
    later = document({"properties": {"currency": {"enum": ["USD", "DKK"]}}})
    with writer_on(engine) as writer:
        writer.write([judged(app_id, {"currency": "EUR"}, {"currency": "DKK"})])
        PlanStore(engine).push(app_id, later)
        writer.write([judged(app_id, {"currency": "EUR"}, {"currency": "DKK"}, version=2, plan=later)])
    assert value_counts(engine, app_id) == {(NAME, "/currency", '"EUR"'): 1, (NAME, "/currency", '"DKK"'): 1}
    assert Reader(engine).field_coverage(app_id)[0] == FieldCoverage(NAME, 1, 1, 2, 1)


def test_values_beyond_the_limit_count_together(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    app_id, memory = planned_app(engine), Memory()
    monkeypatch.setattr(memory.values, "_limit", 1)
    with writer_on(engine, memory) as writer:
        writer.write([judged(app_id, {"currency": "USD"})])
        writer.write([judged(app_id, {"currency": "EUR", "items": [{"size": 2}]}, {"currency": "USD"})])
    rows = "SELECT path, value, count FROM field_value WHERE app_id = :app_id ORDER BY 1, 2"
    with engine.connect() as conn:
        counted = [tuple(row) for row in conn.execute(text(rows), {"app_id": app_id})]
    assert counted == [(OTHER, OTHER, 2), ("/currency", '"USD"', 2)]
    assert opened(engine, app_id).is_beyond_limits
    assert [value.value for value in opened(engine, app_id).values] == ['"USD"']


def test_a_name_beyond_the_limit_is_not_called_missing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app_id, memory = planned_app(engine), Memory()
    assert not opened(engine, app_id).is_beyond_limits
    monkeypatch.setattr(memory.names, "_limit", 0)
    with writer_on(engine, memory) as writer:
        writer.write([judged(app_id, {"currency": "USD"})])
    assert value_counts(engine, app_id) == {(OTHER, "/currency", '"USD"'): 1}
    assert opened(engine, app_id).is_beyond_limits


def test_a_new_process_knows_what_was_admitted_before(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app_id = planned_app(engine)
    for currency in ("USD", "EUR"):
        memory = Memory()
        monkeypatch.setattr(memory.values, "_limit", 1)
        with writer_on(engine, memory) as writer:
            writer.write([judged(app_id, {"currency": currency})])
    assert value_counts(engine, app_id) == {(NAME, "/currency", '"USD"'): 1, (NAME, OTHER, OTHER): 1}


def test_events_behind_the_limit_of_a_plan_are_left_out(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app_id = planned_app(engine)
    monkeypatch.setattr(fields_module, "MAX_LOOKED_UP", 4)
    assert Reader(engine).field_coverage(app_id) == ()

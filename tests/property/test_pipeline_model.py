"""The whole pipeline, decode, judge, write and read, against a model of what the product promises.

Rules send batches, send them again, push plans and make servers forget; behind each the readers must show
what the model holds, in its order.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from time import time_ns
from typing import Any

import orjson
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine

from ingest_server.decode import decode_batch
from ingest_server.judge import judge_batch
from ingest_server.limits import DecodeLimits
from ingest_server.plans import PlanCache
from livevalidation.v1.ingest_pb2 import Event, EventBatch
from storage.memory import Memory
from storage.model import Outcome
from storage.plans import PlanStore
from storage.readers import Reader
from storage.readers.model import Cursor
from storage.writer import Writer
from tests.support.events import DAY_US, LIMITS
from tests.support.oracle import check_app, check_received, value_counts
from tests.support.writing import engine_of, new_app
from tracking_plan.verdict import STORED, Verdict

_NOW_US = time_ns() // 1_000
_SCHEMA: dict[str, Any] = {"required": ["n"], "properties": {"n": {"type": "integer", "minimum": 0}}}
_FLAG = {
    "version": 1,
    "name": "Model",
    "unplanned_properties": "allow",
    "events": {"A": {"schema": _SCHEMA}},
}
#: Lists values for a field, of which one comes.
_CHOICE = {**_SCHEMA, "properties": {**_SCHEMA["properties"], "m": {"enum": ["x", 2]}}}
_PLANS: list[dict[str, Any]] = [
    _FLAG,
    {**_FLAG, "unplanned_events": "reject"},
    {**_FLAG, "events": {"A": {"schema": _CHOICE}}},
]
_BROKEN = b'{"n": '


@dataclass(frozen=True)
class Sent:
    """An event as a test makes it; `days_ago` None: undated."""

    event_id: str
    name: str
    payload: bytes
    days_ago: int | None

    def message(self) -> Event:
        event = Event(event_id=self.event_id, name=self.name, payload_json=self.payload)
        if self.days_ago is not None:
            event.occurred_at.FromMicroseconds(_NOW_US - self.days_ago * DAY_US)
        return event

    @property
    def identity(self) -> tuple[object, ...]:
        """By the docs: the id, or without one the content; and when it occurred."""
        return (self.days_ago, self.event_id) if self.event_id else (self.days_ago, self.name, self.content)

    @property
    def content(self) -> str:
        return str(sorted(orjson.loads(self.payload).items()))

    def judged(self, plan: dict[str, Any] | None) -> Verdict:
        """What the plan says of it; REJECTED also where it is no event at all."""
        if self.payload == _BROKEN or self.days_ago == -1:
            return Verdict.REJECTED
        if plan is None or self.name not in plan["events"]:
            rejects = plan is not None and plan.get("unplanned_events") == "reject"
            return Verdict.REJECTED if rejects else Verdict.UNPLANNED
        n = orjson.loads(self.payload).get("n")
        return Verdict.VALID if isinstance(n, int) and n >= 0 else Verdict.INVALID

    def has_planned_value(self, plan: dict[str, Any] | None) -> bool:
        """Whether it has the 2 that only one of the plans lists."""
        is_listed = plan is not None and self.name in plan["events"] and "m" in _properties(plan, self.name)
        return is_listed and orjson.loads(self.payload).get("m") == 2


def _properties(plan: dict[str, Any], name: str) -> dict[str, Any]:
    properties: dict[str, Any] = plan["events"][name]["schema"]["properties"]
    return properties


sent_events = st.builds(
    Sent,
    st.sampled_from(["", "x", "y", "z"]),
    st.sampled_from(["A", "B"]),
    st.sampled_from([b'{"n": 1}', b'{"m":2,"n":1}', b'{"n":1,"m":2}', b'{"n": -1}', b"{}", _BROKEN]),
    st.sampled_from([None, 0, 1, 3, -1]),
)
batches = st.lists(sent_events, max_size=5)


class Pipeline(RuleBasedStateMachine):
    """One app of a database; `_stored` is the model."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self._app_id = new_app(engine)
        self._store = PlanStore(engine)
        self._plans = PlanCache(self._store.in_force)
        self._plan: dict[str, Any] | None = None
        self._writer = Writer(engine, LIMITS, Memory())
        self._reader = Reader(engine)
        self._contents: dict[tuple[object, ...], tuple[str, str]] = {}
        self._stored: list[tuple[str, Verdict]] = []
        self._verdicts: Counter[Verdict] = Counter()
        self._chosen = 0
        self._received = 0
        self._last: list[Sent] = []
        self._feed: list[tuple[str, Verdict]] = []
        self._cursor = Cursor(self._reader.ledger(self._app_id).epoch, 0, 0)

    @rule(batch=batches)
    def send(self, batch: list[Sent]) -> None:
        expected = Counter(self._expect(sent) for sent in batch)
        counts = self._write(batch).counts
        assert counts == tuple(expected[verdict] for verdict in Verdict)
        self._verdicts += expected
        self._received += len(batch)
        self._last = batch

    @rule()
    def send_again(self) -> None:
        self.send(self._last)

    @rule(plan=st.sampled_from(_PLANS))
    def push_plan(self, plan: dict[str, Any]) -> None:
        """The server's copy is then a version behind, as between a push and its notice."""
        self._store.push(self._app_id, plan)
        self._plan = plan

    @rule()
    def forget(self) -> None:
        """Another server, or the same one started again."""
        self._writer.close()
        self._writer = Writer(self._engine, LIMITS, Memory())
        self._plans = PlanCache(self._store.in_force)

    @invariant()
    def the_reader_shows_the_model(self) -> None:
        changes = self._reader.since(self._app_id, self._cursor, 100)
        self._cursor = changes.next
        self._feed += [(row.name, row.status) for row in changes.new_rows]
        assert self._feed == self._stored
        totals = self._reader.totals(self._app_id, None, None)
        assert totals.counts == {verdict: self._verdicts[verdict] for verdict in Verdict}

    def teardown(self) -> None:
        self._writer.close()
        assert check_app(self._engine, self._app_id) == len(self._stored)
        check_received(self._engine, self._app_id, self._received)
        assert value_counts(self._engine, self._app_id) == (
            {("A", "/m", "2"): self._chosen} if self._chosen else {}
        )

    def _expect(self, sent: Sent) -> Verdict:
        verdict = sent.judged(self._plan)
        if verdict is Verdict.REJECTED:
            return verdict
        content = (sent.name, sent.content)
        known = self._contents.setdefault(sent.identity, content)
        if known is not content:
            return Verdict.DUPLICATE if known == content else Verdict.ID_CONFLICT
        assert verdict in STORED
        self._chosen += sent.has_planned_value(self._plan)
        self._stored.append((sent.name, verdict))
        return verdict

    def _write(self, batch: list[Sent]) -> Outcome:
        message = EventBatch(events=[sent.message() for sent in batch]).SerializeToString()
        plan = self._plans.held(self._app_id) or self._plans.load(self._app_id)
        while True:
            judged = judge_batch(decode_batch(message, DecodeLimits()), self._app_id, plan)
            result = self._writer.write([judged])
            if not result.replanned:
                return result.outcomes[0]
            plan = self._plans.of_version(self._app_id, result.replanned[self._app_id])


@pytest.fixture(scope="module")
def engine(module_database: str) -> Iterator[Engine]:
    with engine_of(module_database) as engine:
        yield engine


def test_the_pipeline_agrees_with_the_model(engine: Engine) -> None:
    run_state_machine_as_test(
        lambda: Pipeline(engine),  # type: ignore[arg-type]  # a factory serves as well as the class
        settings=settings(max_examples=25, stateful_step_count=12, deadline=None),
    )

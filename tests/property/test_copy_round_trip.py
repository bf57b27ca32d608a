"""What is encoded for COPY comes out of Postgres as it went in, whatever characters it holds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from storage.copy_rows import COLUMNS, HEADER, TRAILER, head, tails
from storage.model import NewEvent
from tests.support.events import new_event
from tests.support.writing import engine_of
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind, Violation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Of the partition that the rows are copied to: any, since its table is made without bounds.
_RECEIVED_US = 1_800_000_000_000_000

#: Whatever Postgres's text can hold, with the characters that end lines, columns and COPYs in text formats.
storable = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
texts = storable | st.sampled_from(["", "\\.", "\\N", "\t", "\r\n", "\n", "\\", '"', "'", "é🎉", "{}"])
payloads = st.dictionaries(
    texts, texts | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False), max_size=4
)
times = st.none() | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
violations = st.builds(Violation, texts, st.sampled_from(Kind), texts, texts, texts)


@st.composite
def rows(draw: st.DrawFn) -> tuple[NewEvent, str | None]:
    occurred = draw(times)
    event = new_event("e", None)._replace(
        name=draw(texts),
        event_id=draw(st.none() | texts),
        subject=draw(st.none() | texts),
        occurred_us=None if occurred is None else (occurred - _EPOCH) // timedelta(microseconds=1),
        event_key=draw(st.binary(min_size=16, max_size=16)),
        content_hash=draw(st.integers(-(2**63), 2**63 - 1)),
        verdict=draw(st.sampled_from([Verdict.VALID, Verdict.INVALID, Verdict.UNPLANNED])),
        violations=tuple(draw(st.lists(violations, max_size=3))),
        payload=orjson.dumps(draw(payloads)),
    )
    return event, draw(st.none() | texts)


@pytest.fixture(scope="module")
def engine(module_database: str) -> Iterator[Engine]:
    with engine_of(module_database) as engine:
        yield engine


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_rows=st.lists(rows(), min_size=1, max_size=8))
def test_rows_come_out_as_they_went_in(engine: Engine, given_rows: list[tuple[NewEvent, str | None]]) -> None:
    encoded = [
        head(seq, _RECEIVED_US + seq) + tails([event], 7, 3, 2, run_id)[0]
        for seq, (event, run_id) in enumerate(given_rows, start=1)
    ]
    expected = [_expected(seq, *row) for seq, row in enumerate(given_rows, start=1)]
    assert _through_postgres(engine, b"".join(encoded)) == expected


def _through_postgres(engine: Engine, encoded: bytes) -> list[tuple[object, ...]]:
    with engine.begin() as conn:
        conn.execute(text("CREATE TEMPORARY TABLE copied (LIKE event) ON COMMIT DROP"))
        cursor: Any = conn.connection.cursor()
        file = BytesIO(HEADER + encoded + TRAILER)
        cursor.copy_expert(f"COPY copied ({COLUMNS}) FROM STDIN (FORMAT binary)", file)
        return [tuple(row) for row in conn.execute(text(_SELECT))]


#: The json columns as text: as they were sent, byte for byte.
_SELECT = """
SELECT seq, received_at, occurred_at, content_hash, event_key, app_id, source_id, plan_version, status, name,
       event_id, subject, run_id, violations::text, payload::text FROM copied ORDER BY seq
"""


def _expected(seq: int, event: NewEvent, run_id: str | None) -> tuple[object, ...]:
    occurred = event.occurred_us
    return (
        seq,
        _EPOCH + timedelta(microseconds=_RECEIVED_US + seq),
        None if occurred is None else _EPOCH + timedelta(microseconds=occurred),
        event.content_hash,
        UUID(bytes=event.event_key),
        7,
        3,
        2,
        int(event.verdict),
        event.name,
        event.event_id,
        event.subject,
        run_id,
        orjson.dumps(event.violations).decode() if event.violations else None,
        event.payload.decode(),
    )

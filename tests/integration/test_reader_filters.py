"""Filters of rows against SQL's own WHERE, and properties of payloads of which no two are alike."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text

from storage.readers import Comparison, Filters, PageQuery, Property, Reader, Scalar
from tests.support.events import new_event, submission
from tests.support.reading import read_to_the_end
from tests.support.seeding import RUNS, recent_days, seed
from tests.support.writing import new_app, writer_on
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind, Violation

SEED = recent_days(days=2, rows_per_day=1_500)


@pytest.fixture(scope="module")
def seeded(engine: Engine) -> int:
    return seed(engine, "Seeded", SEED)


def found(engine: Engine, app_id: int, filters: Filters) -> list[int]:
    query = PageQuery(app_id, filters, newest_first=False, limit=500)
    return read_to_the_end(Reader(engine), query, lambda _page: None)


@pytest.mark.parametrize(
    ("filters", "where"),
    [
        (Filters(subjects=("user 1", "user 77")), "subject IN ('user 1', 'user 77')"),
        (Filters(subjects_not=("user 1",)), "subject IS DISTINCT FROM 'user 1'"),
        (Filters(run_ids=RUNS), "run_id IN ('run 1', 'run 2')"),
        (Filters(run_ids_not=RUNS[:1]), "run_id IS DISTINCT FROM 'run 1'"),
        (Filters(source_ids_not=(2,)), "source_id <> 2"),
        (Filters(app_versions=("4.2.0",)), "source_id IN (2, 3)"),
        (Filters(app_versions_not=("4.2.0",)), "source_id IN (1, 4)"),
        (Filters(environments_not=("prod",), sdks=("swift/2.3",)), "source_id = 4"),
        (Filters(kinds=(Kind.WRONG_TYPE,)), "violations::text LIKE '%wrong_type%'"),
        (Filters(kinds=(Kind.WRONG_TYPE,), paths=("/order",)), "false"),
        (Filters(paths_not=("/total",), statuses=(Verdict.INVALID,)), "false"),
        (Filters(kinds_not=(Kind.WRONG_TYPE,)), "violations IS NULL"),
        (
            Filters(properties=(Property(("total",), Comparison.MORE, (Decimal(12),)),)),
            "json_typeof(payload -> 'total') = 'number'",
        ),
        (
            Filters(properties=(Property(("order",), Comparison.IS, ("o-7", "o-2900")),)),
            "payload ->> 'order' IN ('o-7', 'o-2900')",
        ),
        (
            Filters(
                properties=(
                    Property(("coupon",), Comparison.IS, (None,)),
                    Property(("first",), Comparison.IS_NOT, (True,)),
                ),
                names_not=("event 00",),
            ),
            "name <> 'event 00'",
        ),
    ],
)
def test_a_filter_finds_what_sql_finds(engine: Engine, seeded: int, filters: Filters, where: str) -> None:
    statement = text(f"SELECT seq FROM event WHERE app_id = :app_id AND {where} ORDER BY seq")
    with engine.connect() as conn:
        expected = list(conn.execute(statement, {"app_id": seeded}).scalars())
    assert found(engine, seeded, filters) == expected


#: In the order of their seqs, from 1; among them numbers that Postgres itself refuses to read.
PAYLOADS = (
    b'{"x": 100}',
    b'{"x": 1e2}',
    b'{"x": "100"}',
    b'{"x": 100.5, "list": [{"n": 1}, {"n": 7}, 3]}',
    b'{"x": true}',
    b'{"x": null}',
    b'{"x": 1e-99999}',
    b'{"x": 0e999999}',
    b'{"x": {"y": "deep"}, "a/b": {"~": 1}}',
    b'{"x": 1, "x": 100}',
    b'{"list": {"n": 7}}',
    b"{}",
    b'{"x": "B"}',
    b'{"x": "a"}',
    b'{"grid": [[5], 3, [1, {"p": [7]}]]}',
    b'{"grid": [{"y": [6]}, {"y": [{"p": 8}]}]}',
)


@pytest.fixture(scope="module")
def odd(engine: Engine) -> int:
    app_id = new_app(engine)
    with writer_on(engine) as writer:
        for number, payload in enumerate(PAYLOADS):
            writer.write([submission(app_id, [new_event(f"e{number}", None)._replace(payload=payload)])])
    return app_id


def prop(steps: str, comparison: str, *values: Scalar) -> Property:
    return Property(tuple(steps.split(".")), Comparison(comparison), values)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (prop("x", "=", Decimal(100)), [1, 2, 10]),
        (prop("x", "=", "100"), [3]),
        (prop("x", ">", Decimal(100)), [4]),
        (prop("x", ">=", Decimal("1E+2")), [1, 2, 4, 10]),
        (prop("x", "<", Decimal(100)), []),
        (prop("x", "=", True), [5]),
        (prop("x", "=", None), [6]),
        (prop("x", "=", None, True, "a"), [5, 6, 14]),
        (prop("x", "!=", Decimal(100)), [3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16]),
        (prop("x", "<", "a"), [3, 13]),
        (prop("x.y", "=", "deep"), [9]),
        (prop("a/b.~", "=", Decimal(1)), [9]),
        (prop("list.1.n", "=", Decimal(7)), [4]),
        (prop("list.*.n", ">", Decimal(6)), [4]),
        (prop("list.*.n", "!=", Decimal(7)), [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
        (prop("x.*", "=", Decimal(1)), []),
        (prop("grid.*.*", "=", Decimal(5), Decimal(6)), [15]),
        (prop("grid.*.*", "!=", Decimal(5)), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16]),
        (prop("grid.*.y.*", ">", Decimal(5)), [16]),
        (prop("grid.*.y.*.p", "=", Decimal(8)), [16]),
        (prop("grid.*.*.p.*", "=", Decimal(7)), [15]),
    ],
)
def test_a_property_is_compared_as_json_says(
    engine: Engine, odd: int, wanted: Property, expected: list[int]
) -> None:
    assert found(engine, odd, Filters(properties=(wanted,))) == expected


def test_an_index_in_a_path_is_any_index(engine: Engine) -> None:
    app_id = new_app(engine)
    paths = ("/items/0/a.b", "/items/12/a.b", "/items/x/a.b", "/items/0/axb", "/items/*/a.b")
    events = [
        new_event(f"e{number}", None, verdict=Verdict.INVALID)._replace(
            violations=(Violation(path, Kind.RANGE, "", "", ""),)
        )
        for number, path in enumerate(paths)
    ]
    with writer_on(engine) as writer:
        writer.write([submission(app_id, events)])
    assert found(engine, app_id, Filters(paths=("/items/*/a.b",))) == [1, 2, 5]
    assert found(engine, app_id, Filters(paths=("/items/0/a.b", "/items/x/a.b"))) == [1, 3]
    assert found(engine, app_id, Filters(paths_not=("/items/*/a.b",))) == [3, 4]


@pytest.mark.parametrize("most_bytes", [1, 40, 10_000])
def test_payloads_come_as_far_as_they_fit(engine: Engine, odd: int, most_bytes: int) -> None:
    wanted = [14, 4, 9, 1]
    payloads: dict[int, Any] = Reader(engine).payloads(odd, wanted, most_bytes)
    sizes = [sum(len(PAYLOADS[seq - 1]) for seq in wanted[:count]) for count in range(1, 5)]
    fitting = max(sum(size <= most_bytes for size in sizes), 1)
    assert payloads == {seq: PAYLOADS[seq - 1] for seq in wanted[:fitting]}

"""What Postgres does for each statement that a reader sends, and what of it must not be."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, event

#: Tables that grow with what arrives; of `event`, the partitions.
_GROWING = re.compile(
    r"event_\d{8}|event_name|event_source|issue_source|app_minute|rollup_\w+|failing_field_hour|catalog|field_value"
    r"|rejected_event|source"
)
_PARTITION = re.compile(r"event_(\d{8})")
_INDEX_SCANS = ("Index Scan", "Index Only Scan")
_LOWER = re.compile(r"event\.received_at >= '([^']+)'")
_UPPER = re.compile(r"event\.received_at < '([^']+)'")
_OFFSET = re.compile(r"\bOFFSET (\d+)")
_PREPARE = re.compile(r"PREPARE (\w+) AS ")
_EXECUTE = re.compile(r"EXECUTE (\w+) ")
_NAMED = re.compile(r"%\(\w+\)s")

#: Blocks that one descent of an index may take, and those per row that it gives: an index scan that reads
#: keys in vain takes more.
_BLOCKS_PER_SCAN, _BLOCKS_PER_ROW = 20, 2


@dataclass(frozen=True, slots=True)
class Allowed:
    """How much a statement on `event` may do; None: as much as the rows that it looks at ask for."""

    #: Rows read from partitions, those filtered out included.
    rows: int | None
    #: The rows of one minute: no OFFSET is larger.
    offset: int


@dataclass(frozen=True, slots=True)
class Explained:
    """A statement with its values, and the plan it ran by."""

    sql: str
    plan: Mapping[str, Any]

    @property
    def reads_events(self) -> bool:
        """Whether it reads the table `event`."""
        return re.search(r"\b(FROM|JOIN) event\b", self.sql) is not None

    def nodes(self) -> Iterator[Mapping[str, Any]]:
        """All nodes of the plan that ran."""
        waiting = [self.plan]
        while waiting:
            node = waiting.pop()
            waiting += node.get("Plans", [])
            if node["Actual Loops"]:
                yield node

    def partitions(self) -> set[str]:
        """The partitions of `event` that it touched."""
        names = (node.get("Relation Name", "") for node in self.nodes())
        return {name for name in names if _PARTITION.fullmatch(name)}

    def rows_read(self) -> int:
        """Rows that scans of partitions looked at."""
        return sum(_rows(node) for node in self.nodes() if _is_partition(node))


@contextmanager
def captured(engine: Engine) -> Iterator[list[str]]:
    """Every statement that the engine sends meanwhile, with its values; before one that runs by a kept plan
    the one that made it, and behind it in a comment what it comes to."""
    statements: list[str] = []

    def keep(_conn: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent = cursor.mogrify(statement, parameters).decode()
        if kept := _EXECUTE.match(statement):
            cursor.execute("SELECT statement FROM pg_prepared_statements WHERE name = %s", (kept[1],))
            ((prepared,),) = cursor.fetchall()
            statements.append(prepared)
            values = [cursor.mogrify(named, parameters).decode() for named in _NAMED.findall(statement)]
            sent += f" /* {_with_values(_PREPARE.sub('', prepared), values)} */"
        statements.append(sent)

    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", keep)


def _with_values(statement: str, values: Sequence[str]) -> str:
    return re.sub(r"\$(\d+)", lambda place: values[int(place[1]) - 1], statement)


def explained(engine: Engine, statements: list[str]) -> list[Explained]:
    """Runs the statements of one reading again, in one transaction with its settings."""
    found = []
    planned: set[str] = set()
    with engine.connect() as conn, closing(conn.connection.cursor()) as cursor:
        # A reader may have plans in this session, and has none when it comes back.
        conn.info.clear()
        cursor.execute("DEALLOCATE ALL")
        for sql in statements:
            if "set_config(" in sql:
                cursor.execute(sql)
            elif kept := _PREPARE.match(sql):
                if kept[1] not in planned:
                    planned.add(kept[1])
                    cursor.execute(sql)
            else:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")
                ((result,),) = cursor.fetchall()
                found.append(Explained(sql, result[0]["Plan"]))
        cursor.execute("DEALLOCATE ALL")
    return found


def problems(statement: Explained, allowed: Allowed) -> list[str]:
    """What the statement does that no reader may do; empty: nothing."""
    scans = [node for node in statement.nodes() if _GROWING.fullmatch(node.get("Relation Name", ""))]
    found = [
        f"{node['Node Type']} on {node['Relation Name']}"
        for node in scans
        if node["Node Type"] not in _INDEX_SCANS
    ]
    return found + (_event_problems(statement, allowed) if statement.reads_events else [])


def _event_problems(statement: Explained, allowed: Allowed) -> list[str]:
    found = []
    if "event.app_id" not in statement.sql:
        found.append("names no app")
    found += _outside(statement)
    if any(int(offset) > allowed.offset for offset in _OFFSET.findall(statement.sql)):
        found.append("OFFSET beyond one minute")
    if allowed.rows is not None and statement.rows_read() > allowed.rows:
        found.append(f"reads {statement.rows_read()} rows, not {allowed.rows}")
    scans = [node for node in statement.nodes() if _is_partition(node)]
    blocks = sum(node["Shared Hit Blocks"] + node["Shared Read Blocks"] for node in scans)
    loops = sum(node["Actual Loops"] for node in scans)
    if blocks > _BLOCKS_PER_SCAN * loops + _BLOCKS_PER_ROW * statement.rows_read():
        found.append(f"reads {blocks} blocks for {statement.rows_read()} rows")
    return found


def _outside(statement: Explained) -> list[str]:
    """Partitions that lie outside the statement's own bounds of arrival."""
    lower, upper = _LOWER.search(statement.sql), _UPPER.search(statement.sql)
    if lower is None or upper is None:
        return ["does not bound received_at"]
    start, end = (datetime.fromisoformat(bound.group(1)) for bound in (lower, upper))
    return [
        f"touches {name} outside its bounds"
        for name in sorted(statement.partitions())
        if not start.date() <= _day(name).date() or not _day(name) < end
    ]


def _day(partition: str) -> datetime:
    return datetime.strptime(partition.removeprefix("event_"), "%Y%m%d").replace(tzinfo=UTC)


def _is_partition(node: Mapping[str, Any]) -> bool:
    return _PARTITION.fullmatch(node.get("Relation Name", "")) is not None


def _rows(node: Mapping[str, Any]) -> int:
    kinds = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    per_loop: float = sum(node.get(kind, 0) for kind in kinds)
    return round(per_loop * float(node["Actual Loops"]))

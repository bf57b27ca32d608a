"""Exported rows as bytes of a file, batch by batch; pure."""

import csv
import io
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, Protocol

import orjson

from dashboard import formats
from dashboard.exports.rows import Exported
from dashboard.exports.spreadsheet import neutral

COLUMNS = tuple(field.name for field in fields(Exported))
#: dataclasses.asdict copies each value deeply: that takes longer than all the rest of a row.
_values = attrgetter(*COLUMNS)

#: Parquet's rows are written by groups: fewer rows would not compress, more would fill the memory.
_GROUP_ROWS = 10_000
_GROUP_BYTES = 16 * 2**20


class Format(StrEnum):
    """What can be exported to; the value is the file's suffix."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


MIME_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSONL: "application/x-ndjson",
    Format.PARQUET: "application/vnd.apache.parquet",
}


class Encoder(Protocol):
    """Gives a file's bytes as they come about; what it keeps between batches is bounded."""

    def begin(self) -> bytes:
        """The file's head."""
        ...

    def add(self, rows: Sequence[Exported]) -> bytes:
        """Further rows."""
        ...

    def end(self) -> bytes:
        """What closes the file."""
        ...


def encoder(wanted: Format) -> Encoder:
    """A new encoder of that format."""
    if wanted is Format.CSV:
        return CsvEncoder()
    return JsonLinesEncoder() if wanted is Format.JSONL else ParquetEncoder()


def _named(row: Exported) -> dict[str, Any]:
    return dict(zip(COLUMNS, _values(row), strict=True))


class CsvEncoder:
    """RFC 4180 with a header; texts that a spreadsheet would take for formulas begin with an apostrophe."""

    def begin(self) -> bytes:
        """The header."""
        return _csv([COLUMNS])

    def add(self, rows: Sequence[Exported]) -> bytes:
        """A line per row, where no text has line breaks."""
        return _csv([[_cell(value) for value in _values(row)] for row in rows])

    def end(self) -> bytes:
        """Nothing."""
        return b""


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return formats.utc(value)
    return neutral(value) if isinstance(value, str) else value


class JsonLinesEncoder:
    """An object per line; violations and payload are JSON inside it, the payload with its own digits."""

    def begin(self) -> bytes:
        """Nothing."""
        return b""

    def add(self, rows: Sequence[Exported]) -> bytes:
        """A line per row."""
        return b"".join(orjson.dumps(_object(row), option=orjson.OPT_APPEND_NEWLINE) for row in rows)

    def end(self) -> bytes:
        """Nothing."""
        return b""


def _object(row: Exported) -> dict[str, Any]:
    found = _named(row)
    for name in ("received_at", "occurred_at"):
        found[name] = formats.utc(found[name]) if found[name] else None
    # Outside of texts line breaks are blanks, and no text of JSON has one.
    payload = row.payload.replace("\n", " ").replace("\r", " ")
    return found | {"violations": orjson.Fragment(row.violations), "payload": orjson.Fragment(payload)}


class ParquetEncoder:
    """Apache Parquet, compressed with zstd; violations and payload are texts of JSON."""

    def __init__(self) -> None:
        # Imported where it is used: it takes 50 MB, and few processes ever export to it.
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import parquet  # noqa: PLC0415

        moment, text, whole = pa.timestamp("us", tz="UTC"), pa.string(), pa.int64()
        kinds = {"seq": whole, "plan_version": whole, "received_at": moment, "occurred_at": moment}
        self._pa = pa
        self._schema = pa.schema([(name, kinds.get(name, text)) for name in COLUMNS])
        self._sink = _Sink()
        self._writer = parquet.ParquetWriter(self._sink, self._schema, compression="zstd")
        self._waiting: list[dict[str, Any]] = []
        self._waiting_bytes = 0

    def begin(self) -> bytes:
        """The format's mark."""
        return self._sink.take()

    def add(self, rows: Sequence[Exported]) -> bytes:
        """A group of rows, once there are enough."""
        self._waiting += [_named(row) for row in rows]
        self._waiting_bytes += sum(len(row.payload) + len(row.violations) for row in rows)
        if len(self._waiting) >= _GROUP_ROWS or self._waiting_bytes >= _GROUP_BYTES:
            self._write()
        return self._sink.take()

    def end(self) -> bytes:
        """The last group and the footer."""
        self._write()
        self._writer.close()
        return self._sink.take()

    def _write(self) -> None:
        if self._waiting:
            self._writer.write_table(self._pa.Table.from_pylist(self._waiting, schema=self._schema))
        self._waiting, self._waiting_bytes = [], 0


class _Sink(io.RawIOBase):
    """A file that is taken away as it is written, and only knows how long it would be."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        content = bytes(part)
        self._parts.append(content)
        self._written += len(content)
        return len(content)

    def tell(self) -> int:
        return self._written

    def take(self) -> bytes:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)

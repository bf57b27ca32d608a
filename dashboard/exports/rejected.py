"""Rejected events as a file, line by line; pure."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict
from enum import StrEnum

import orjson

from dashboard import formats
from dashboard.exports.spreadsheet import csv_line
from dashboard.visible_text import bytes_as_text
from storage.readers import RejectedRow

_COLUMNS = (
    "last_seen_at",
    "first_seen_at",
    "count",
    "reason",
    "message",
    "name",
    "run_id",
    "sdk",
    "app_version",
    "platform",
    "environment",
    "sha256",
    "raw_bytes",
    "raw_as_text",
)


class ExportForm(StrEnum):
    """Which file."""

    JSON_LINES = "jsonl"
    CSV = "csv"


def head(form: ExportForm) -> bytes:
    """The file's first line; b"" where it has none."""
    return csv_line(_COLUMNS) if form is ExportForm.CSV else b""


def line(form: ExportForm, row: RejectedRow) -> bytes:
    """One rejected event: JSON with its raw bytes in base64, or cells with them as visible text."""
    return _LINES[form](row)


def _json_line(row: RejectedRow) -> bytes:
    document = {
        "last_seen_at": formats.utc(row.last_seen_at),
        "first_seen_at": formats.utc(row.first_seen_at),
        "count": row.count,
        "reason": row.reason,
        "message": row.message,
        "name": row.name,
        "run_id": row.run_id,
        "source": asdict(row.source),
        "sha256": row.sha256,
        # Of all bytes; of large events the first storage.schema.MAX_RAW_BYTES were kept.
        "raw_bytes": row.raw_bytes,
        "raw_base64": b64encode(row.raw).decode(),
    }
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)


def _csv_line(row: RejectedRow) -> bytes:
    made_by = row.source
    return csv_line(
        (
            formats.utc(row.last_seen_at),
            formats.utc(row.first_seen_at),
            row.count,
            row.reason,
            row.message,
            row.name,
            row.run_id or "",
            made_by.sdk,
            made_by.app_version,
            made_by.platform,
            made_by.environment,
            row.sha256,
            row.raw_bytes,
            bytes_as_text(row.raw),
        )
    )


_LINES: Mapping[ExportForm, Callable[[RejectedRow], bytes]] = {
    ExportForm.JSON_LINES: _json_line,
    ExportForm.CSV: _csv_line,
}

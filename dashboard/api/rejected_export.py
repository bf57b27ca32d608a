"""The download of rejected events, in parts: a short reading each, and never more than one in memory."""

import re
from collections.abc import Iterator

from flask import Request, Response

from dashboard.api.schemas import RejectedExportAsked
from dashboard.exports.rejected import ExportForm, head, line
from dashboard.services import Services
from dashboard.time_ranges import TimeRange, resolve
from dashboard.viewer import Viewer
from storage.readers import RejectedCursor, RejectedPage

#: Rows of one reading. Each has up to 64 kB of raw bytes.
_PART_ROWS = 25
_MIMETYPES = {ExportForm.JSON_LINES: "application/x-ndjson", ExportForm.CSV: "text/csv"}
_NO_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def asked_of(request: Request) -> RejectedExportAsked:
    """What the address asks for; raises ValidationError."""
    query: dict[str, object] = dict(request.args.items())
    query.pop("reason", None)
    return RejectedExportAsked.model_validate(query | {"reasons": request.args.getlist("reason")})


def rejected_export(services: Services, request: Request) -> Response:
    """The file. What is wrong is told before it begins; a database that goes away later cuts it off."""
    viewer, asked = services.viewer(request), asked_of(request)
    parts = _parts(viewer, asked)
    # Raises here what concerns the whole of it.
    first = next(parts)
    name = _NO_FILE_NAME.sub("-", viewer.app_name(asked.app_id)).strip("-.") or "app"
    answer = Response(_lines(asked.form, first, parts), mimetype=_MIMETYPES[asked.form])
    answer.headers["Content-Disposition"] = f'attachment; filename="rejected-{name}.{asked.form}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _parts(viewer: Viewer, asked: RejectedExportAsked) -> Iterator[RejectedPage]:
    """All pages, last seen first; then what came again meanwhile, and so left its place unseen."""
    span = resolve(asked.range_key, viewer.now, TimeRange())
    began = viewer.database_clock(asked.app_id)
    yield from _pages(viewer, asked, span)
    again = TimeRange(began.replace(second=0, microsecond=0), None)
    for page in _pages(viewer, asked, again):
        yield RejectedPage(tuple(row for row in page.rows if row.last_seen_at > began), page.next)


def _pages(viewer: Viewer, asked: RejectedExportAsked, span: TimeRange) -> Iterator[RejectedPage]:
    after: RejectedCursor | None = None
    while True:
        page = viewer.rejected_part(asked.app_id, span, asked.reasons, after, _PART_ROWS)
        yield page
        after = page.next
        if after is None:
            return


def _lines(form: ExportForm, first: RejectedPage, others: Iterator[RejectedPage]) -> Iterator[bytes]:
    yield head(form)
    yield b"".join(line(form, row) for row in first.rows)
    for page in others:
        yield b"".join(line(form, row) for row in page.rows)

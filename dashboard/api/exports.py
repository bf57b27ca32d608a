"""Exports: one is ordered, fetched as a file, followed, perhaps cancelled; each time by the access seam."""

import re
from typing import Annotated, Any

from flask import Flask, Request, Response, request
from pydantic import StringConstraints

from dashboard import formats
from dashboard.api.answers import answered, as_json, asked, away_message
from dashboard.api.explore_schemas import ExploreAsked
from dashboard.api.schemas import Strict, Token
from dashboard.exports.book import MOST_AT_ONCE, Export, ExportBook, State
from dashboard.exports.encoders import MIME_TYPES, Format
from dashboard.exports.stream import stream
from dashboard.services import Services
from dashboard.view_state import Order
from dashboard.viewer import Viewer
from storage.errors import NotFound, Unavailable
from storage.readers import After, PageQuery

EXPORT = "/api/export"
EXPORT_FILE = "/api/export/<number>"
EXPORT_PROGRESS = "/api/export/progress"
EXPORT_CANCEL = "/api/export/cancel"

#: Why there is no file where too many are under way.
_NO_PLACE = f"{MOST_AT_ONCE} exports are under way, try again when one has ended"

Json = dict[str, Any]
Number = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ExportAsked(Strict):
    """What to export: the rows of a frozen view."""

    view: ExploreAsked
    token: Token
    format: Format


class ExportNumber(Strict):
    """One export."""

    id: Number


def register(server: Flask, services: Services) -> None:
    """Adds the routes to the server."""

    def add(path: str, answer: Any) -> None:
        server.add_url_rule(
            path,
            path,
            lambda: answered(services, request, lambda: answer(services, request)),
            methods=["POST"],
        )

    add(EXPORT, order)
    add(EXPORT_PROGRESS, progress)
    add(EXPORT_CANCEL, cancel)
    server.add_url_rule(EXPORT_FILE, EXPORT_FILE, lambda number: file(services, request, number))


def order(services: Services, request_: Request) -> Json:
    """Notes an export of a view that the viewer may see; its address gives the file, once."""
    wanted = asked(request_, ExportAsked)
    viewer = services.viewer(request_)
    view, frozen = wanted.view, wanted.token.frozen()
    filters = view.filters(wanted.token.span())
    newest_first = view.order is Order.NEWEST
    # By a key: whole pages of the view's first row numbers may be gone, and the export would end with them.
    begin = After(frozen.snapshot_seq + 1 if newest_first else 0, frozen)
    query = PageQuery(view.app_id, filters, newest_first, 1, begin)
    # Its first row is read, so that what cannot be exported is refused now and not within a file.
    viewer.page(query)
    export = Export(query, wanted.format, viewer.app_name(view.app_id), frozen.total)
    number = services.exports.add(export)
    return {"id": number, "address": EXPORT_FILE.replace("<number>", number)}


def progress(services: Services, request_: Request) -> Json:
    """How far an export came."""
    found = _found(services.viewer(request_), services.exports, asked(request_, ExportNumber).id)
    return {"state": found.state.value, "text": _words(found)}


def cancel(services: Services, request_: Request) -> Json:
    """Ends an export, also one that did not begin yet."""
    number = asked(request_, ExportNumber).id
    _found(services.viewer(request_), services.exports, number)
    services.exports.cancel(number)
    return {"state": State.CANCELLED.value}


def file(services: Services, request_: Request, number: str) -> Response:
    """The file, streamed; 404 for one that was fetched before."""
    viewer = services.viewer(request_)
    try:
        found = _found(viewer, services.exports, number)
        if request_.method == "HEAD":
            # Flask takes it for a GET: it would begin a file that nobody fetches, nor could any more.
            # Its length is not known yet.
            return _headed(Response(iter(())), found, viewer)
        return _begun(services, viewer, number)
    except NotFound as error:
        return _refused(404, str(error))
    except Unavailable:
        return _refused(503, away_message(services, request_))


def _begun(services: Services, viewer: Viewer, number: str) -> Response:
    """The file, if there is a place for it and nobody began it before."""
    book = services.exports
    if not book.take_place():
        book.refuse(number)
        return _refused(503, _NO_PLACE)
    try:
        export = book.begin(number)
    except BaseException:
        # The book is on a disk, which may be full.
        book.leave_place()
        raise
    if export is None:
        book.leave_place()
        return _refused(404, "this export was fetched before: order it again")
    answer = Response(stream(viewer, book, number, export))
    answer.call_on_close(book.leave_place)
    return _headed(answer, export, viewer)


def _headed(answer: Response, export: Export, viewer: Viewer) -> Response:
    name = f"{_file_name(export.app)}-{viewer.now:%Y%m%dT%H%M%SZ}.{export.format}"
    answer.content_type = MIME_TYPES[export.format]
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _found(viewer: Viewer, book: ExportBook, number: str) -> Export:
    """Raises NotFound, also for one of an app that the viewer may not see."""
    found = book.find(number)
    if found is None:
        raise NotFound("there is no such export: order it again")
    viewer.app_name(found.query.app_id)
    return found


def _refused(status: int, message: str) -> Response:
    return as_json({"error": "not_exported", "message": message}, status)


def _file_name(app: str) -> str:
    return re.sub("[^A-Za-z0-9]+", "-", app).strip("-")[:60] or "events"


def _words(export: Export) -> str:
    rows = formats.counted(export.rows, "row")
    of = f"{formats.number(export.rows)} of {formats.counted(export.total, 'row')}" if export.total else rows
    size = formats.size(export.size)
    return {
        State.WAITING: "Waiting for the browser to fetch the file …",
        State.REFUSED: f"Nothing was exported: {_NO_PLACE}",
        State.RUNNING: f"Exporting: {of}, {size}",
        State.DONE: f"Exported {rows}, {size}",
        State.CANCELLED: f"Cancelled after {rows}: the file is not whole",
        State.FAILED: f"Failed after {rows}: {export.problem}. The file is not whole: export again",
    }[export.state]

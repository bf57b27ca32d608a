"""An export on its way to the browser."""

import errno
from collections.abc import Iterator
from dataclasses import replace

from dashboard.exports.book import Export, ExportBook, State
from dashboard.exports.encoders import encoder
from dashboard.exports.rows import batches
from dashboard.viewer import Viewer
from storage.errors import StorageError, Unavailable


class CutOff(ConnectionResetError):
    """The file will not be whole: the connection ends without its last chunk, and the browser says so."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the export was cut off")


class _Cancelled(Exception):
    """Somebody asked for its end."""


def stream(viewer: Viewer, book: ExportBook, number: str, export: Export) -> Iterator[bytes]:
    """The file's bytes. Between two pages nothing of the database is held, and cancelling is heard.

    Raises CutOff where the file cannot be finished; the book says why.
    """
    told = _Told(book, number, export)
    encode = encoder(export.format)
    try:
        yield told.sent(encode.begin(), rows=0)
        for batch in batches(viewer, export.query):
            if book.is_cancelled(number):
                raise _Cancelled
            yield told.sent(encode.add(batch), rows=len(batch))
        yield told.sent(encode.end(), rows=0)
        told.ended(State.DONE)
    except GeneratorExit:
        # The browser gave up.
        told.ended(State.CANCELLED)
        raise
    except _Cancelled:
        told.ended(State.CANCELLED)
        raise CutOff from None
    except StorageError as error:
        told.ended(State.FAILED, _why(error))
        raise CutOff from error


def _why(error: StorageError) -> str:
    return "the database cannot be reached now" if isinstance(error, Unavailable) else str(error)


class _Told:
    """Keeps the book up to date."""

    def __init__(self, book: ExportBook, number: str, export: Export) -> None:
        self._book = book
        self._number = number
        self._export = export

    def sent(self, part: bytes, *, rows: int) -> bytes:
        """The part, once it is counted."""
        before = self._export
        self._tell(replace(before, rows=before.rows + rows, size=before.size + len(part)))
        return part

    def ended(self, state: State, problem: str = "") -> None:
        self._tell(replace(self._export, state=state, problem=problem))

    def _tell(self, export: Export) -> None:
        self._export = export
        self._book.tell(self._number, export)

"""Tracebacks for logs, without what producers sent: messages of drivers and parsers quote the values."""

import traceback

import psycopg2
import sqlalchemy.exc
from google.protobuf.message import DecodeError
from structlog.typing import ExcInfo

from storage.database import sqlstate
from storage.errors import StorageError

#: Errors whose messages may hold a payload, a name, an id or a key. ValueError stands for parsers,
#: LookupError for keys of dicts, TypeError for values of an unexpected kind.
_MAY_QUOTE = (
    psycopg2.Error,
    sqlalchemy.exc.SQLAlchemyError,
    DecodeError,
    ValueError,
    LookupError,
    TypeError,
    AssertionError,
)


def exception_text(exc_info: ExcInfo) -> str:
    """The whole chain of errors: kinds and places in the code, and messages that quote nothing."""
    parts: list[str] = []
    error: BaseException | None = exc_info[1]
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = traceback.format_list(traceback.extract_tb(error.__traceback__))
        parts.append("".join([*frames, _in_words(error)]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nwhich came of:\n".join(parts)


def _in_words(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, _MAY_QUOTE) and not isinstance(error, StorageError):
        state = sqlstate(error)
        return f"{kind} (SQLSTATE {state})" if state else kind
    return f"{kind}: {error}"

"""Lines of a file or a pipe, in constant memory."""

import os
import select
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

_CHUNK_BYTES = 256 * 1024
#: A pipe that gives nothing for so long pauses: what was read is sent rather than held back. In seconds.
_PAUSE_SECONDS = 0.2
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end."""

    #: From 1.
    number: int
    #: None: longer than the limit.
    content: bytes | None
    #: With its end.
    size: int


class _Pause(Enum):
    PAUSE = "pause"


#: Nothing can be read just now.
PAUSE: Final = _Pause.PAUSE
Read = Line | Literal[_Pause.PAUSE]


def read_lines(descriptor: int, limit: int) -> Iterator[Read]:
    """The lines of an open file, and PAUSE whenever the next one is not there yet.

    A line longer than `limit` bytes is passed over and given without its content.
    """
    number, size, rest = 0, 0, b""
    for chunk in _chunks(descriptor):
        if chunk is PAUSE:
            yield PAUSE
            continue
        *ended, open_end = chunk.split(b"\n")
        for part in ended:
            number, size = number + 1, size + len(part) + 1
            yield _line(number, rest + part, size, limit)
            rest, size = b"", 0
        size += len(open_end)
        rest = (rest + open_end)[: limit + 1]
    if size:
        yield _line(number + 1, rest, size, limit)


def _chunks(descriptor: int) -> Iterator[bytes | Literal[_Pause.PAUSE]]:
    while True:
        if not select.select([descriptor], [], [], _PAUSE_SECONDS)[0]:
            yield PAUSE
        chunk = os.read(descriptor, _CHUNK_BYTES)
        if not chunk:
            return
        yield chunk


def _line(number: int, content: bytes, size: int, limit: int) -> Line:
    if number == 1:
        content = content.removeprefix(_BYTE_ORDER_MARK)
    return Line(number, content if len(content) <= limit else None, size)

"""An event's identity and content, as bytes of fixed size. See docs/design.md §4.

Two events are the same when their app, `occurred_at` and event key are equal; the same event sent with
another content is an id conflict.
"""

from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import Any

import orjson

_LENGTH = Struct(">I").pack
_FIRST_INT64 = Struct(">q").unpack_from


def canonical(payload: dict[str, Any]) -> bytes:
    """The payload with sorted keys and no spaces; equal for payloads that differ in nothing else."""
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)


def event_key(
    event_id: str | None, name: str, subject: str | None, run_id: str | None, payload: bytes
) -> bytes:
    """16 bytes: the event_id's where it is a UUID without a run, else of a SHA-256.

    `payload` is canonical. Without an event_id, equal content of one subject and run is one event.
    """
    if event_id is None:
        return _digest(name, subject or "", run_id or "", payload)[:16]
    if run_id is None and (uuid := _uuid(event_id)) is not None:
        return uuid
    return _digest(run_id or "", event_id)[:16]


def content_hash(name: str, subject: str | None, payload: bytes) -> int:
    """Signed 64 bits over what the event says; `payload` is canonical."""
    # _digest(name, subject or "", payload) written out, since every event needs it.
    about = subject.encode() if subject else b""
    hashed = sha256(b"".join((_sized(name), _LENGTH(len(about)), about, _LENGTH(len(payload)), payload)))
    value: int = _FIRST_INT64(hashed.digest())[0]
    return value


@lru_cache(maxsize=10_000)
def _sized(name: str) -> bytes:
    """The name behind its length; remembered, since an app has few names."""
    encoded = name.encode()
    return _LENGTH(len(encoded)) + encoded


def _digest(*parts: str | bytes) -> bytes:
    """SHA-256 over the parts, each behind its length: ("ab", "c") and ("a", "bc") differ.

    A loop into one list: half the time of comprehensions, 2.2 instead of 5.2 µs for an event.
    """
    pieces: list[bytes] = []
    for part in parts:
        encoded = part.encode() if isinstance(part, str) else part
        pieces += (_LENGTH(len(encoded)), encoded)
    return sha256(b"".join(pieces)).digest()


def _uuid(text: str) -> bytes | None:
    """The UUID's bytes if the text is one in its usual form, in either case.

    By hand, since uuid.UUID costs three times as much; fromhex skips spaces, hence the second length.
    """
    if len(text) != 36 or not text[8] == text[13] == text[18] == text[23] == "-":
        return None
    try:
        raw = bytes.fromhex(text.replace("-", ""))
    except ValueError:
        return None
    return raw if len(raw) == 16 else None

"""API keys: shown once when made, stored as SHA-256, bound to one app.

A key reads `lvd_<prefix>_<secret>`. The prefix finds its row and names it on screens; the secret carries
190 random bits, so its hash needs neither salt nor stretching.
"""

import hmac
import secrets
import string
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Engine, text

from storage.database import translate_errors
from storage.errors import BadRequest, NotFound
from storage.schema import MAX_TEXT_BYTES

#: Servers LISTEN on it to learn of new and revoked keys.
KEYS_CHANNEL = "lvd_keys"

_ALPHABET = string.ascii_letters + string.digits
_PREFIX_CHARS = 12
_SECRET_CHARS = 32

_CREATE = text(
    "INSERT INTO api_key (app_id, prefix, sha256, label) VALUES (:app_id, :prefix, :sha256, :label) "
    "RETURNING key_id"
)
_ACTIVE = text(
    "SELECT k.key_id, k.app_id, a.name, k.prefix, k.sha256 FROM api_key k JOIN app a USING (app_id) "
    "WHERE k.revoked_at IS NULL"
)
_LIST = text(
    "SELECT key_id, app_id, prefix, label, created_at, revoked_at FROM api_key WHERE app_id = :app_id "
    "ORDER BY key_id"
)
_REVOKE = text(
    "UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE app_id = :app_id AND prefix = :prefix "
    "RETURNING key_id"
)
_NOTIFY = text("SELECT pg_notify(:channel, '')")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made: the only time that it is known."""

    key_id: int
    prefix: str
    key: str


@dataclass(frozen=True, slots=True)
class StoredKey:
    """What a server needs to recognise a key."""

    key_id: int
    app_id: int
    app_name: str
    prefix: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What a person may see of a key."""

    key_id: int
    app_id: int
    prefix: str
    label: str
    created_at: datetime
    revoked_at: datetime | None


def key_prefix(key: str) -> str | None:
    """The prefix of a well-formed key; None if it is none."""
    parts = key.split("_")
    if len(parts) != 3 or parts[0] != "lvd" or len(parts[1]) != _PREFIX_CHARS:
        return None
    return parts[1]


def key_hash(key: str) -> bytes:
    """What is stored of a key."""
    return sha256(key.encode(errors="replace")).digest()


def matches(key: str, stored: bytes) -> bool:
    """Whether the key is the one whose hash is stored; takes the same time either way."""
    return hmac.compare_digest(key_hash(key), stored)


class KeyStore:
    """Makes, finds and revokes API keys."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self, app_id: int, label: str = "") -> NewKey:
        """A new key of the app. Raises BadRequest (label too long), Unavailable."""
        if len(label.encode(errors="replace")) > MAX_TEXT_BYTES:
            raise BadRequest(f"A key's label has at most {MAX_TEXT_BYTES} bytes")
        prefix, secret = _random(_PREFIX_CHARS), _random(_SECRET_CHARS)
        key = f"lvd_{prefix}_{secret}"
        values = {"app_id": app_id, "prefix": prefix, "sha256": key_hash(key), "label": label}
        with translate_errors(), self._engine.begin() as conn:
            key_id = conn.execute(_CREATE, values).scalar_one()
            conn.execute(_NOTIFY, {"channel": KEYS_CHANNEL})
        return NewKey(key_id, prefix, key)

    def active(self) -> tuple[StoredKey, ...]:
        """Every key that is not revoked. Raises Unavailable."""
        with translate_errors(), self._engine.connect() as conn:
            return tuple(
                StoredKey(row.key_id, row.app_id, row.name, row.prefix, bytes(row.sha256))
                for row in conn.execute(_ACTIVE)
            )

    def list(self, app_id: int) -> tuple[KeyRecord, ...]:
        """The app's keys, oldest first, revoked ones too. Raises Unavailable."""
        with translate_errors(), self._engine.connect() as conn:
            return tuple(KeyRecord(*row) for row in conn.execute(_LIST, {"app_id": app_id}))

    def revoke(self, app_id: int, prefix: str) -> None:
        """Ends a key; ending it again changes nothing. Raises NotFound, Unavailable."""
        with translate_errors(), self._engine.begin() as conn:
            revoked = conn.execute(_REVOKE, {"app_id": app_id, "prefix": prefix}).scalar_one_or_none()
            conn.execute(_NOTIFY, {"channel": KEYS_CHANNEL})
        if revoked is None:
            raise NotFound(f"The app has no key {prefix!r}: `lvd key list` shows those it has")


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))

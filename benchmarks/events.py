"""The events that benchmarks send, and the plan that judges them. Pure; all follows from the seed."""

from base64 import b64encode
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson

NAMES = tuple(f"Checkout Step {number:02d}" for number in range(30))
SUBJECTS = 100_000
#: So many of all events break the plan.
INVALID_SHARE = 0.01
#: Length of a payload without its comment, in bytes.
_BARE_BYTES = 112
#: From which comments are cut: words would be compressed far better than users' text is.
_TEXT_BYTES = 1 << 17
_CURRENCIES = ("EUR", "USD", "GBP", "PLN")

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["order_id", "total", "currency"],
    "properties": {
        "order_id": {"type": "string", "pattern": "^o-[0-9]+$"},
        "total": {"type": "number", "minimum": 0},
        "currency": {"enum": list(_CURRENCIES)},
        "items": {"type": "integer", "minimum": 1},
        "coupon": {"type": ["string", "null"]},
        "first_order": {"type": "boolean"},
        "comment": {"type": "string"},
    },
}

PLAN: dict[str, Any] = {
    "version": 1,
    "name": "Benchmark",
    "events": {name: {"schema": _SCHEMA} for name in NAMES},
}


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that has no id and no time yet."""

    name: str
    subject: str
    #: JSON in UTF-8.
    payload: bytes
    invalid: bool


class DraftMaker:
    """Makes drafts: names and subjects in turn, so that each is as frequent as any other."""

    def __init__(self, seed: int, payload_bytes: int) -> None:
        """`payload_bytes`: about how long payloads are; below _BARE_BYTES the comment is empty."""
        self._random = Random(seed)
        self._comment = min(max(0, payload_bytes - _BARE_BYTES), _TEXT_BYTES // 2)
        self._text = b64encode(self._random.randbytes(_TEXT_BYTES * 3 // 4)).decode()
        self._made = self._random.randrange(SUBJECTS)

    def make(self) -> Draft:
        """The next one."""
        number = self._made
        self._made += 1
        invalid = self._random.random() < INVALID_SHARE
        # 7919 is prime to the number of subjects: neighbours in time are no neighbours in the index.
        subject = f"user-{number * 7919 % SUBJECTS:06d}"
        return Draft(NAMES[number % len(NAMES)], subject, self._payload(number, invalid), invalid)

    def _payload(self, number: int, invalid: bool) -> bytes:
        draw = self._random.random
        total = round(draw() * 500, 2)
        return orjson.dumps(
            {
                "order_id": f"o-{number}",
                "total": str(total) if invalid else total,
                "currency": _CURRENCIES[int(draw() * len(_CURRENCIES))],
                "items": 1 + int(draw() * 9),
                "coupon": "SPRING" if draw() < 0.2 else None,
                "first_order": draw() < 0.5,
                "comment": self._text[(start := int(draw() * _TEXT_BYTES // 2)) : start + self._comment],
            }
        )

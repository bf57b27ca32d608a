"""What goes wrong on the way in every real system: typos, offline phones, retries, broken payloads."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import orjson

from livevalidation import Event

Payload = dict[str, Any]

#: Chance per event of each kind of mishap.
TYPO = 0.012
UNPLANNED = 0.008
LATE = 0.02
DUPLICATE = 0.012
REJECTED = 0.005
ID_CONFLICT = 0.001

#: A phone that was offline brings its events this late, at most.
_LATEST = timedelta(hours=20)

#: Names that no plan has: a spelling of another team, a typo, something left in by a developer.
_UNPLANNED_NAMES = ("product_viewed", "Checkout Strated", "Debug Heartbeat", "Experiment Exposed")


def mistyped(rng: Random, payload: Payload) -> Payload:
    """The payload with one everyday mistake."""
    return rng.choice(_TYPOS)(rng, dict(payload))


def unplanned(rng: Random) -> tuple[str, Payload]:
    """An event that nobody planned."""
    return rng.choice(_UNPLANNED_NAMES), {"source": "legacy", "ok": True}


def late(rng: Random, event: Event) -> Event:
    """The event as a phone brings it that was offline when it occurred."""
    occurred_at = event.occurred_at
    if occurred_at is None:
        return event
    return replace(event, occurred_at=occurred_at - timedelta(minutes=2) - rng.random() * _LATEST)


def unacceptable(rng: Random, event: Event) -> Event:
    """The event as no server can store it."""
    return rng.choice(_UNACCEPTABLE)(event)


def conflicting(event: Event) -> Event:
    """Another event of the same id and time, as a client makes it that numbers its events anew."""
    return replace(event, payload={"session_id": "reused-id", "cold_start": False})


def _leave_out(rng: Random, payload: Payload) -> Payload:
    payload.pop(rng.choice(sorted(payload)))
    return payload


def _as_text(rng: Random, payload: Payload) -> Payload:
    key = rng.choice(sorted(payload))
    payload[key] = str(payload[key])
    return payload


def _misspell(_rng: Random, payload: Payload) -> Payload:
    return payload | {"utm_campain": "newsletter"}


def _negative(rng: Random, payload: Payload) -> Payload:
    numbers = [key for key, value in payload.items() if type(value) in (int, float)]
    return payload | {rng.choice(numbers): -1} if numbers else _misspell(rng, payload)


def _empty(rng: Random, payload: Payload) -> Payload:
    return payload | {rng.choice(sorted(payload)): None}


_TYPOS: tuple[Callable[[Random, Payload], Payload], ...] = (
    _leave_out,
    _as_text,
    _misspell,
    _negative,
    _empty,
)


def _as_list(event: Event) -> Event:
    return replace(event, payload=orjson.dumps([event.payload]))


def _with_nul(event: Event) -> Event:
    return replace(event, payload=b'{"note":"ends here\\u0000"}')


def _cut_off(event: Event) -> Event:
    return replace(event, payload=orjson.dumps(event.payload)[:-4])


def _too_large_integer(event: Event) -> Event:
    return replace(event, payload=b'{"amount":123456789012345678901234567890}')


def _from_the_future(event: Event) -> Event:
    return (
        event
        if event.occurred_at is None
        else replace(event, occurred_at=event.occurred_at + timedelta(days=3))
    )


def _nameless(event: Event) -> Event:
    return replace(event, name="")


_UNACCEPTABLE: tuple[Callable[[Event], Event], ...] = (
    _as_list,
    _with_nul,
    _cut_off,
    _too_large_integer,
    _from_the_future,
    _nameless,
)

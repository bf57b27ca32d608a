"""What one message and one event may hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """Beyond the first the message is refused, beyond the others the event is rejected alone."""

    max_events: int = 5_000
    max_payload_bytes: int = 1024 * 1024
    #: Levels of nested objects and lists. orjson, the validator and Postgres all go deeper.
    max_depth: int = 64
    #: Properties of a payload, those of nested objects included.
    max_keys: int = 10_000

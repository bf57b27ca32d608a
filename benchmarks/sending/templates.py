"""Serialised batches whose ids and times are filled in when they are sent.

A template is the `events` of an EventBatch on the wire. Its fields of fixed width hold placeholders: the
seconds of `occurred_at` (a varint of five bytes) and the first eight characters of each event_id. Filling
them in is two replacements over the whole batch, some 0.15 µs per event; serialising takes 3 µs.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from benchmarks.events import Draft, DraftMaker
from livevalidation.v1 import ingest_pb2

#: The largest number of five varint bytes: these bytes are in no UTF-8 text and in no varint of nanoseconds.
_NO_SECONDS = 2**35 - 1
_NO_PREFIX = "########"
#: Nanoseconds from here on take five varint bytes, too; so all events of a batch have the same length.
_LEAST_NANOS = 2**28

_TAG_EVENTS = b"\x12"


def varint(number: int) -> bytes:
    """Protobuf's encoding of an unsigned number.

    >>> varint(300).hex()
    'ac02'
    """
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


_SECONDS_HOLDER = varint(_NO_SECONDS)
_PREFIX_HOLDER = _NO_PREFIX.encode()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes a sent batch of a template."""

    #: Of every event in it, since 1970; to it come nanoseconds of 0.27 to 1 s.
    seconds: int
    #: First 32 bits of each event_id: never the same in two batches of a run.
    prefix: int

    def fill(self, wire: bytes) -> bytes:
        """The events with this stamp."""
        filled = wire.replace(_SECONDS_HOLDER, varint(self.seconds))
        return filled.replace(_PREFIX_HOLDER, b"%08x" % self.prefix)


@dataclass(frozen=True, slots=True)
class Template:
    """Events on the wire, one behind the other, with placeholders."""

    wire: bytes
    #: Where each event begins, and where the last one ends.
    bounds: "array[int]"

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def first(self, count: int) -> bytes:
        """The wire of the first events."""
        return self.wire[: self.bounds[count]]


def make_templates(maker: DraftMaker, seed: int, sizes: Iterator[int]) -> list[Template]:
    """A template of each size; all follows from the seed."""
    random = Random(seed)
    return [_template([maker.make() for _ in range(size)], random) for size in sizes]


def _template(drafts: list[Draft], random: Random) -> Template:
    parts = [_event(draft, random) for draft in drafts]
    bounds = array("L", [0])
    for part in parts:
        bounds.append(bounds[-1] + len(part))
    return Template(b"".join(parts), bounds)


def _event(draft: Draft, random: Random) -> bytes:
    tail = f"{random.getrandbits(96):024x}"
    message = ingest_pb2.Event(
        event_id=f"{_NO_PREFIX}-{tail[:4]}-4{tail[5:8]}-8{tail[9:12]}-{tail[12:]}",
        name=draft.name,
        subject=draft.subject,
        payload_json=draft.payload,
    )
    message.occurred_at.seconds = _NO_SECONDS
    message.occurred_at.nanos = random.randrange(_LEAST_NANOS, 10**9)
    return repeated_event(message)


def repeated_event(message: ingest_pb2.Event) -> bytes:
    """The event on the wire, as one of a batch's."""
    wire = message.SerializeToString()
    return _TAG_EVENTS + varint(len(wire)) + wire


def batch_head(batch_id: int) -> bytes:
    """The wire of a batch's number; events and source may follow, in any order and any number of parts."""
    return b"\x08" + varint(batch_id)


#: The wire of the batches' source.
SOURCE = ingest_pb2.EventBatch(
    source=ingest_pb2.Source(sdk="bench/1", app_version="4.2.0", platform="backend", environment="bench")
).SerializeToString()

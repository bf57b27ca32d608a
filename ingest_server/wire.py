"""Reads the contract's messages so that one bad byte spoils no more than its own event.

A proto3 `string` that is not UTF-8 makes the whole message unparseable. The messages here are twins of the
contract's, derived from its descriptor at import: byte for byte the same on the wire, but a batch holds its
events, source and run_id as plain bytes, so that each is parsed alone. An event is parsed with `string`
fields first, which costs nothing over bytes (0.57 and 0.54 µs, and saves decoding each); only where that
fails does the twin that has bytes for strings say which field it was.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

from google.protobuf import struct_pb2, timestamp_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from ingest_server.errors import EnvelopeUnreadable
from livevalidation.v1 import ingest_pb2

#: What a batch holds as bytes, by message; every other field keeps its type.
_AS_BYTES = {"EventBatch": {"events", "source", "run_id"}, "Event": {"payload"}}


class TimeMessage(Protocol):
    """google.protobuf.Timestamp, unchecked."""

    seconds: int
    nanos: int


class BatchMessage(Protocol):
    """EventBatch whose parts are not parsed yet."""

    batch_id: int
    events: Sequence[bytes]
    source: bytes
    run_id: bytes


class SourceMessage(Protocol):
    """Source."""

    sdk: str
    app_version: str
    platform: str
    environment: str


class EventMessage(Protocol):
    """Event; its Struct is not parsed yet."""

    event_id: str
    name: str
    occurred_at: TimeMessage
    subject: str
    payload_json: bytes
    payload: bytes

    def HasField(self, field_name: str, /) -> bool: ...  # noqa: N802 - protobuf's name

    def WhichOneof(self, oneof_group: str, /) -> str | None: ...  # noqa: N802 - protobuf's name


def _twins(package: str, *, strings_as_bytes: bool) -> Callable[[str], Any]:
    """Message classes by name, of a copy of the contract in a pool of its own."""
    pool = DescriptorPool()
    for known in (timestamp_pb2, struct_pb2):
        pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
    file = FileDescriptorProto.FromString(ingest_pb2.DESCRIPTOR.serialized_pb)
    file.ClearField("service")
    for message in file.message_type:
        for field in message.field:
            bare = field.name in _AS_BYTES.get(message.name, ())
            if bare or (strings_as_bytes and field.type == FieldDescriptorProto.TYPE_STRING):
                field.type = FieldDescriptorProto.TYPE_BYTES
                field.ClearField("type_name")
    pool.AddSerializedFile(file.SerializeToString())
    return lambda name: GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))


_strict = _twins(ingest_pb2.DESCRIPTOR.package, strings_as_bytes=False)
_bytes = _twins(ingest_pb2.DESCRIPTOR.package, strings_as_bytes=True)

_parse_batch = cast("Callable[[bytes], BatchMessage]", _strict("EventBatch").FromString)

#: Each parses one message and raises DecodeError where it is none, or one of its strings is not UTF-8.
parse_event = cast("Callable[[bytes], EventMessage]", _strict("Event").FromString)
parse_source = cast("Callable[[bytes], SourceMessage]", _strict("Source").FromString)

#: The same with `bytes` for each `string`: raise DecodeError only where the bytes are no message.
parse_event_as_bytes = cast("Callable[[bytes], Any]", _bytes("Event").FromString)
parse_source_as_bytes = cast("Callable[[bytes], Any]", _bytes("Source").FromString)


def parse_batch(message: bytes) -> BatchMessage:
    """The envelope; its events are spans of memory until they are asked for. Raises EnvelopeUnreadable."""
    try:
        return _parse_batch(message)
    except DecodeError:
        raise EnvelopeUnreadable from None

"""The connection to an ingest server."""

from ipaddress import ip_address
from typing import Final

import grpc

from livevalidation.options import Options, VerdictDetail

Metadata = tuple[tuple[str, str], ...]

#: Seconds without an answer to a keepalive ping, or to bytes on the wire, after which a connection is dead.
_KEEPALIVE_TIMEOUT: Final = 20.0
#: Seconds between attempts to connect: small, so that a restarted server is found quickly.
_FIRST_RECONNECT: Final = 0.2
_LAST_RECONNECT: Final = 2.0
#: gRPC takes "min reconnect backoff" as the time that one attempt to connect may take.
_CONNECT_TIMEOUT: Final = 5.0


def open_channel(target: str, options: Options) -> grpc.Channel:
    """A channel to `host:port`. Connects at the first call, not here."""
    arguments: list[tuple[str, object]] = [
        ("grpc.initial_reconnect_backoff_ms", _milliseconds(_FIRST_RECONNECT)),
        ("grpc.max_reconnect_backoff_ms", _milliseconds(_LAST_RECONNECT)),
        ("grpc.min_reconnect_backoff_ms", _milliseconds(_CONNECT_TIMEOUT)),
        ("grpc.keepalive_time_ms", _milliseconds(options.keepalive)),
        ("grpc.keepalive_timeout_ms", _milliseconds(_KEEPALIVE_TIMEOUT)),
        # The client sends again by itself; gRPC's own retries would keep a second copy of every message.
        ("grpc.enable_retries", 0),
        # A connection of one's own: channels of one process would otherwise share it, and its backoff.
        ("grpc.use_local_subchannel_pool", 1),
        # An ack is as large as the violations that the producer asked for.
        ("grpc.max_receive_message_length", -1),
        # What the environment names as proxy does not find this machine by such an address.
        ("grpc.enable_http_proxy", int(not is_loopback(target))),
    ]
    if options.credentials is None:
        return grpc.insecure_channel(target, arguments)
    return grpc.secure_channel(target, options.credentials, arguments)


def is_loopback(target: str) -> bool:
    """Whether a target, like `localhost:50051` or `[::1]:50051`, is this machine, by what it says alone."""
    host = target.rpartition("/")[2].rpartition(":")[0].removeprefix("[").removesuffix("]")
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def metadata(api_key: object, verdicts: VerdictDetail) -> Metadata:
    """What every call carries. Raises ValueError for a key that a header cannot carry."""
    if not isinstance(api_key, str):
        raise ValueError("The API key is no text; decode() it if it is bytes.")
    if not api_key or not all("!" <= character <= "~" for character in api_key):
        raise ValueError(
            "The API key is empty, or holds a space, line end or other character that no key has; "
            "strip() it if it was read from a file."
        )
    return (("authorization", f"Bearer {api_key}"), ("lvd-verdicts", verdicts))


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)

"""What can be set of the ingest server: environment variables LVD_INGEST_…, read once at start.

Read them by storage.settings.read_settings, whose errors name the key.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest_server.limits import DecodeLimits
from ingest_server.places import PlaceBounds
from ingest_server.tls import TlsFiles
from storage.settings import Duration

_MIB = 1024 * 1024


def _check_address(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise ValueError("write a host and a port, like 127.0.0.1:50051, or 0.0.0.0:50051 for every address")
    return value


#: host:port; port 0 takes a free one.
Address = Annotated[str, AfterValidator(_check_address)]


class IngestSettings(BaseSettings):
    """Settings of the ingest server."""

    model_config = SettingsConfigDict(env_prefix="LVD_INGEST_", env_ignore_empty=True, frozen=True)

    #: Where gRPC is served.
    address: Address = "127.0.0.1:50051"
    #: TLS: PEM files of the certificate (with its chain) and of its key; without them all is plain text.
    tls_cert: Path | None = None
    tls_key: Path | None = None
    #: PEM file of the authorities that vouch for producers; with it each needs a certificate (mTLS).
    tls_client_ca: Path | None = None
    #: Where metrics and health are served over plain HTTP: /metrics, /livez, /readyz. None: nowhere.
    metrics_address: Address | None = None
    #: Whether other processes may serve the same port (SO_REUSEPORT). Without it a taken port is an error.
    reuse_port: bool = False
    #: Whether clients may ask for the contract (gRPC server reflection).
    reflection: bool = False

    #: Threads that write, each over a connection of its own: while one waits for its COPY the other prepares.
    #: One more is kept for apps of which few events wait.
    writers: int = Field(default=2, ge=1, le=16)
    #: A transaction holds at most so many events and so many bytes of messages (a first batch may pass both).
    group_events: int = Field(default=10_000, ge=1)
    group_bytes: int = Field(default=8 * _MIB, ge=1)
    #: How long a free writer waits for a group to grow, in milliseconds; a commit takes about as long.
    linger_ms: int = Field(default=2, ge=0, le=1_000)

    #: Largest message, in bytes after decompression. (Up to twice as much is read, and refused in our words.)
    max_message_bytes: int = Field(default=4 * _MIB, ge=1024, le=64 * _MIB)
    max_events_per_batch: int = Field(default=5_000, ge=1, le=100_000)
    #: Limits of one payload: bytes of JSON, nested levels (the validator takes 250), properties.
    max_payload_bytes: int = Field(default=_MIB, ge=1024)
    max_payload_depth: int = Field(default=64, ge=1, le=200)
    max_payload_keys: int = Field(default=10_000, ge=1)

    #: Events per second that this server takes of one app, 0: any number; and how many seconds' worth of them
    #: may come at once after a pause.
    app_events_per_second: int = Field(default=0, ge=0)
    app_burst: Duration = Field(default=timedelta(seconds=10), gt=timedelta(0))

    #: Calls that are open at once, over all connections, of one app (None: half of them), and over one
    #: connection.
    max_streams: int = Field(default=512, ge=1)
    app_streams: int | None = Field(default=None, ge=1)
    max_streams_per_connection: int = Field(default=100, ge=1)
    #: Memory of batches that were read and are not acked yet, in bytes: of one stream, of one app, of the
    #: process. Beyond it a stream is not read from, and of an app, or of all, next to nothing is decoded; a
    #: message of each stream that is being read from when it is reached comes on top.
    stream_bytes: int = Field(default=32 * _MIB, ge=1)
    app_bytes: int = Field(default=128 * _MIB, ge=1)
    process_bytes: int = Field(default=256 * _MIB, ge=1)
    #: Batches of one stream that may wait for their ack to be taken.
    max_unread_acks: int = Field(default=64, ge=1)
    #: How long a new connection may take until it speaks HTTP/2 (and TLS).
    handshake_timeout: Duration = Field(default=timedelta(seconds=10), gt=timedelta(0))
    #: How long an ack may wait for a producer that does not read, and a unary call for room, then for its
    #: message.
    ack_timeout: Duration = Field(default=timedelta(seconds=30), gt=timedelta(0))

    #: Batches of up to so many bytes are decoded on the event loop, in about a millisecond; larger ones in a
    #: thread beside it, so that the acks of others go on meanwhile.
    inline_bytes: int = Field(default=32 * 1024, ge=0)

    #: How often keys are read anew, apart from notices; a revoked key's streams end within it.
    key_refresh: Duration = Field(default=timedelta(seconds=2), gt=timedelta(0), le=timedelta(seconds=4))
    heartbeat: Duration = Field(default=timedelta(seconds=5), gt=timedelta(0))
    maintenance: Duration = Field(default=timedelta(hours=1), gt=timedelta(0))
    #: How long a server that was asked to stop goes on for what it has read.
    drain_timeout: Duration = Field(default=timedelta(seconds=20), gt=timedelta(0))

    @model_validator(mode="after")
    def _tls_files_are_usable(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            missing = "KEY" if self.tls_key is None else "CERT"
            raise ValueError(f"LVD_INGEST_TLS_{missing}: TLS needs both LVD_INGEST_TLS_CERT and _KEY")
        if self.tls_client_ca is not None and self.tls is None:
            raise ValueError("LVD_INGEST_TLS_CLIENT_CA: needs LVD_INGEST_TLS_CERT and _KEY, too")
        if self.tls is not None:
            self.tls.check()
        return self

    @model_validator(mode="after")
    def _bounds_fit(self) -> Self:
        if not self.stream_bytes <= self.app_bytes <= self.process_bytes:
            raise ValueError(
                "LVD_INGEST_STREAM_BYTES must not be above LVD_INGEST_APP_BYTES,"
                " nor that above LVD_INGEST_PROCESS_BYTES"
            )
        if self.app_streams is not None and self.app_streams > self.max_streams:
            raise ValueError("LVD_INGEST_APP_STREAMS must not be above LVD_INGEST_MAX_STREAMS")
        if self.max_payload_bytes > self.max_message_bytes:
            raise ValueError(
                "LVD_INGEST_MAX_PAYLOAD_BYTES must not be above LVD_INGEST_MAX_MESSAGE_BYTES:"
                " such a payload could never arrive"
            )
        return self

    @property
    def tls(self) -> TlsFiles | None:
        """The files that TLS needs; None: plain text."""
        if self.tls_cert is None or self.tls_key is None:
            return None
        return TlsFiles(self.tls_cert, self.tls_key, self.tls_client_ca)

    @property
    def places(self) -> PlaceBounds:
        """Calls that are open at once."""
        return PlaceBounds(self.max_streams, self.app_streams or max(1, self.max_streams // 2))

    @property
    def decode_limits(self) -> DecodeLimits:
        """The same as the decoder takes it."""
        return DecodeLimits(
            max_events=self.max_events_per_batch,
            max_payload_bytes=self.max_payload_bytes,
            max_depth=self.max_payload_depth,
            max_keys=self.max_payload_keys,
        )

"""A place to listen at or to connect to, as flags give it."""

from dataclasses import dataclass

from cli.errors import BadUsage


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a TCP port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def reachable(self) -> "Address":
        """Where a client on this machine finds a server that listens here: a wildcard is no destination."""
        return Address({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host), self.port)  # noqa: S104  # nosec B104


def parse_address(text: str, flag: str) -> Address:
    """The address that a flag gives as HOST:PORT, [IPv6]:PORT or just PORT. Raises BadUsage."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise BadUsage(
            f"{flag} {text!r} names no port from 1 to 65535: write HOST:PORT, like 127.0.0.1:50051"
        )
    return Address(host, int(port))

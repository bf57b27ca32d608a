import pytest

from cli.address import Address, parse_address
from cli.errors import BadUsage


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:50051", "127.0.0.1", 50051),
        ("[::1]:80", "::1", 80),
        ("shop.example:1", "shop.example", 1),
        ("8050", "127.0.0.1", 8050),
        (":8050", "127.0.0.1", 8050),
    ],
)
def test_an_address_is_read(text: str, host: str, port: int) -> None:
    assert parse_address(text, "--grpc") == Address(host, port)


@pytest.mark.parametrize("text", ["", "localhost", "host:", "host:0", "host:65536", "host:x", "host:²"])
def test_a_bad_address_is_refused_by_its_flag(text: str) -> None:
    with pytest.raises(BadUsage, match=r"--grpc .*HOST:PORT"):
        parse_address(text, "--grpc")


def test_an_address_reads_as_it_was_written() -> None:
    assert str(parse_address("[::1]:80", "--http")) == "[::1]:80"
    assert str(parse_address("0.0.0.0:80", "--http").reachable) == "127.0.0.1:80"

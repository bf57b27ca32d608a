import os
import socket

import pytest

from cli.address import Address
from cli.errors import BadUsage, CommandFailed
from cli.ports import check_free


def test_a_taken_port_is_told_with_its_holder_and_the_flag() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(
            CommandFailed, match=rf"127.0.0.1:{port}.*held by pid {os.getpid()} .*--grpc HOST:PORT"
        ):
            check_free(Address("127.0.0.1", port), "The ingest server", "--grpc")
        with pytest.raises(CommandFailed, match=str(port)):
            check_free(Address("0.0.0.0", port), "The ingest server", "--grpc")
    check_free(Address("127.0.0.1", port), "The ingest server", "--grpc")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.1"])
def test_a_place_that_is_not_ours_is_told(host: str) -> None:
    with pytest.raises(CommandFailed, match=r"--http HOST:PORT"):
        check_free(Address(host, 8050), "The web page", "--http")


@pytest.mark.parametrize("host", ["a..b", "a" * 64])
def test_what_can_be_no_hosts_name_is_told(host: str) -> None:
    with pytest.raises(BadUsage, match=r"--http .* names no host"):
        check_free(Address(host, 8050), "The web page", "--http")

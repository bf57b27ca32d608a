"""Which targets are on this machine, where no proxy is asked."""

import pytest

from livevalidation.channel import is_loopback


@pytest.mark.parametrize(
    "target", ["localhost:50051", "127.0.0.1:1", "127.1.2.3:50051", "[::1]:50051", "dns:///localhost:50051"]
)
def test_loopback(target: str) -> None:
    assert is_loopback(target)


@pytest.mark.parametrize(
    "target", ["lvd.example:50051", "10.0.0.1:50051", "[2001:db8::1]:50051", "localhost.example:1", "", ":1"]
)
def test_elsewhere(target: str) -> None:
    assert not is_loopback(target)

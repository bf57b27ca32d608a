"""The client's TLS files, and what failures to connect mean."""

from pathlib import Path

import grpc
import pytest

from livevalidation import tls_credentials
from livevalidation.retry import Failure
from tests.support.certificates import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ours")


def test_credentials_are_made_of_files(authority: Authority) -> None:
    pair = authority.issue()
    made = tls_credentials(ca=authority.file, certificate=pair.certificate, key=pair.key)
    assert isinstance(made, grpc.ChannelCredentials)
    assert isinstance(tls_credentials(), grpc.ChannelCredentials)


def test_files_that_cannot_be_used_are_named(authority: Authority) -> None:
    pair, other = authority.issue(), authority.issue("other")
    missing = authority.file.with_name("missing.pem")
    with pytest.raises(ValueError, match=r"missing\.pem cannot be read"):
        tls_credentials(ca=missing)
    with pytest.raises(ValueError, match="holds no certificate"):
        tls_credentials(ca=pair.key)
    with pytest.raises(ValueError, match="give both"):
        tls_credentials(certificate=pair.certificate)
    with pytest.raises(ValueError, match="is not the key of"):
        tls_credentials(certificate=pair.certificate, key=other.key)


def test_a_stream_that_ends_later_is_not_taken_for_a_problem_of_tls() -> None:
    assert "TLS" not in str(Failure(grpc.StatusCode.UNAVAILABLE, "Socket closed"))

"""The files of TLS: what cannot be used is told at the start, by its setting."""

from pathlib import Path

import pytest

from ingest_server.settings import IngestSettings
from storage.settings import SettingsError, read_settings
from tests.support.certificates import Authority, Pair


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ours")


@pytest.fixture
def pair(authority: Authority) -> Pair:
    return authority.issue()


def test_without_files_all_is_plain_text() -> None:
    assert read_settings(IngestSettings).tls is None


def test_a_fitting_pair_and_an_authority_are_taken(authority: Authority, pair: Pair) -> None:
    given = {"tls_cert": pair.certificate, "tls_key": pair.key, "tls_client_ca": authority.file}
    tls = read_settings(IngestSettings, **given).tls
    assert tls is not None
    assert (tls.certificate, tls.key, tls.client_ca) == tuple(given.values())


def test_half_of_a_pair_is_refused_by_the_missing_setting(authority: Authority, pair: Pair) -> None:
    for given, key in (
        ({"tls_cert": pair.certificate}, "LVD_INGEST_TLS_KEY: "),
        ({"tls_key": pair.key}, "LVD_INGEST_TLS_CERT: "),
        ({"tls_client_ca": authority.file}, "LVD_INGEST_TLS_CLIENT_CA: "),
    ):
        with pytest.raises(SettingsError, match=f"^{key}"):
            read_settings(IngestSettings, **given)


def test_files_that_cannot_be_used_are_named(authority: Authority, pair: Pair) -> None:
    other, missing = authority.issue("other"), pair.key.with_name("missing.pem")
    good = {"tls_cert": pair.certificate, "tls_key": pair.key}
    for wrong, told in (
        ({"tls_cert": missing}, "^LVD_INGEST_TLS_CERT: .*missing.pem cannot be read"),
        ({"tls_key": missing}, "^LVD_INGEST_TLS_KEY: .*missing.pem cannot be read"),
        ({"tls_key": other.key}, "^LVD_INGEST_TLS_KEY: .* is not the key of the certificate"),
        ({"tls_client_ca": missing}, "^LVD_INGEST_TLS_CLIENT_CA: .*missing.pem cannot be read"),
        ({"tls_client_ca": pair.key}, "^LVD_INGEST_TLS_CLIENT_CA: .* holds no certificate"),
    ):
        with pytest.raises(SettingsError, match=told):
            read_settings(IngestSettings, **good | wrong)

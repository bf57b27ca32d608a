"""Settings of the ingest server: what cannot be used is refused by its key."""

import pytest

from ingest_server.limits import DecodeLimits
from ingest_server.settings import IngestSettings
from storage.settings import SettingsError, read_settings


def test_defaults_are_the_contract_s_limits() -> None:
    assert read_settings(IngestSettings).decode_limits == DecodeLimits()


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVD_INGEST_ADDRESS", "[::]:0")
    monkeypatch.setenv("LVD_INGEST_ACK_TIMEOUT", "2min")
    settings = read_settings(IngestSettings)
    assert settings.address == "[::]:0"
    assert settings.ack_timeout.total_seconds() == 120


@pytest.mark.parametrize(
    ("given", "of_app"), [({}, 256), ({"max_streams": 1}, 1), ({"max_streams": 9, "app_streams": 9}, 9)]
)
def test_an_app_may_open_half_of_the_streams_unless_set(given: dict[str, int], of_app: int) -> None:
    assert read_settings(IngestSettings, **given).places.app == of_app


@pytest.mark.parametrize(
    ("key", "value", "hint"),
    [
        ("ADDRESS", "50051", "host and a port"),
        ("ADDRESS", "localhost:70000", "host and a port"),
        ("ADDRESS", ":50051", "host and a port"),
        ("WRITERS", "0", "greater than or equal to 1"),
        ("KEY_REFRESH", "5s", "4 seconds"),
        ("MAX_PAYLOAD_DEPTH", "1000", "200"),
    ],
)
def test_a_bad_value_is_named_by_its_key(
    key: str, value: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"LVD_INGEST_{key}", value)
    with pytest.raises(SettingsError, match=f"LVD_INGEST_{key}: .*{hint}"):
        read_settings(IngestSettings)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"stream_bytes": 2**40}, "LVD_INGEST_STREAM_BYTES"),
        ({"app_bytes": 2**40}, "LVD_INGEST_APP_BYTES"),
        ({"max_streams": 10, "app_streams": 11}, "LVD_INGEST_APP_STREAMS"),
        ({"max_payload_bytes": 2**30}, "LVD_INGEST_MAX_PAYLOAD_BYTES"),
    ],
)
def test_bounds_must_fit_into_each_other(given: dict[str, int], key: str) -> None:
    with pytest.raises(SettingsError, match=key):
        read_settings(IngestSettings, **given)

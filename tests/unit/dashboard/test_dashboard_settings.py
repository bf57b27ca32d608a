"""Settings of the dashboard."""

import pytest
from pydantic import ValidationError

from dashboard.server import options
from dashboard.settings import DashboardSettings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVD_DASHBOARD_PORT", "9000")
    monkeypatch.setenv("LVD_DASHBOARD_THREADS", "3")
    settings = DashboardSettings()
    assert (settings.host, settings.port, settings.threads) == ("127.0.0.1", 9000, 3)
    assert options(settings)["bind"] == "127.0.0.1:9000"
    assert options(settings)["threads"] == 3


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DashboardSettings.model_fields:
        monkeypatch.setenv(f"LVD_DASHBOARD_{name}".upper(), "")
    assert DashboardSettings() == DashboardSettings.model_construct()


@pytest.mark.parametrize(
    ("host", "place"),
    [("::1", "[::1]:8050"), ("[::1]", "[::1]:8050"), ("::", "[::]:8050"), ("localhost", "localhost:8050")],
)
def test_an_ipv6_host_is_bound_in_brackets(host: str, place: str) -> None:
    assert options(DashboardSettings(host=host))["bind"] == place


@pytest.mark.parametrize(("key", "value"), [("port", 0), ("threads", 0), ("tick_seconds", 0.01)])
def test_an_unusable_setting_is_refused_by_its_name(key: str, value: float) -> None:
    with pytest.raises(ValidationError, match=key):
        DashboardSettings.model_validate({key: value})


def test_a_reading_of_the_ledger_serves_a_tick() -> None:
    settings = DashboardSettings()
    assert settings.coalesce_seconds == settings.tick_seconds

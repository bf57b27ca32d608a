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


@pytest.mark.parametrize(("key", "value"), [("port", 0), ("threads", 0), ("tick_seconds", 0.01)])
def test_an_unusable_setting_is_refused_by_its_name(key: str, value: float) -> None:
    with pytest.raises(ValidationError, match=key):
        DashboardSettings.model_validate({key: value})


def test_a_reading_of_the_ledger_serves_a_tick() -> None:
    settings = DashboardSettings()
    assert settings.coalesce_seconds == settings.tick_seconds

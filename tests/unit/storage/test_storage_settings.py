"""Settings of storage: defaults, what is refused, and that a refusal names its key."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from storage.settings import SettingsError, StorageSettings, read_settings


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in StorageSettings.model_fields:
        monkeypatch.delenv(f"LVD_{name.upper()}", raising=False)


def test_the_defaults_are_the_designs() -> None:
    settings = read_settings(StorageSettings)
    assert settings.data_dir == Path(".lvd")
    assert settings.database_url is None
    assert settings.retention == timedelta(days=30)
    assert settings.limits.max_future_us == 600_000_000
    assert settings.limits.undated_window_us == 48 * 3_600_000_000


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10min", 600), ("1h", 3_600), ("30 min", 1_800), (" 5s ", 5)]
)
def test_durations_are_written_with_their_unit(
    text: str, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LVD_MAX_FUTURE", text)
    assert read_settings(StorageSettings).max_future == timedelta(seconds=seconds)


def test_a_flag_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVD_DATA_DIR", "from_environment")
    assert read_settings(StorageSettings, data_dir=None).data_dir == Path("from_environment")
    assert read_settings(StorageSettings, data_dir=Path("flag")).data_dir == Path("flag")


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVD_DATABASE_URL", "")
    assert read_settings(StorageSettings).database_url is None


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("LVD_MAX_FUTURE", "61min", "hour"),
        ("LVD_MAX_FUTURE", "10", "unit"),
        ("LVD_MAX_FUTURE", "-1s", "unit"),
        ("LVD_RETENTION_DAYS", "0", "greater"),
        ("LVD_RETENTION_DAYS", "many", "integer"),
        ("LVD_UNDATED_WINDOW", "31d", "LVD_RETENTION_DAYS"),
        ("LVD_UNDATED_WINDOW", "23h", "1 day"),
        ("LVD_DATABASE_URL", "mysql://user:secret@host/name", "PostgreSQL"),
        ("LVD_READ_DATABASE_URL", "nonsense", "database URL"),
    ],
)
def test_a_refusal_names_the_key_and_leaks_no_secret(
    key: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(key, value)
    with pytest.raises(SettingsError, match=f"{key}: .*{told}") as raised:
        read_settings(StorageSettings)
    assert "secret" not in str(raised.value)


def test_every_unusable_key_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVD_MAX_FUTURE", "soon")
    monkeypatch.setenv("LVD_RETENTION_DAYS", "0")
    with pytest.raises(SettingsError, match=r"LVD_RETENTION_DAYS: .*; LVD_MAX_FUTURE: "):
        read_settings(StorageSettings)


def test_nobody_changes_them_later_and_repr_keeps_the_password() -> None:
    settings = read_settings(StorageSettings, database_url="postgresql://lvd:secret@host/lvd")
    with pytest.raises(ValidationError):
        settings.retention_days = 1
    assert "secret" not in repr(settings)


def test_a_day_that_is_kept_alone_asks_for_a_shorter_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is two days by itself."""
    monkeypatch.setenv("LVD_RETENTION_DAYS", "1")
    with pytest.raises(SettingsError, match=r"LVD_UNDATED_WINDOW: .* set it to at most 1d"):
        read_settings(StorageSettings)
    monkeypatch.setenv("LVD_UNDATED_WINDOW", "1d")
    assert read_settings(StorageSettings).retention_days == 1


def test_a_password_that_makes_a_url_unreadable_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVD_DATABASE_URL", "postgresql://lvd:p@ss:hunter2@db:5432/lvd")
    with pytest.raises(SettingsError, match="LVD_DATABASE_URL: The database URL cannot be read") as raised:
        read_settings(StorageSettings)
    assert "hunter2" not in str(raised.value)

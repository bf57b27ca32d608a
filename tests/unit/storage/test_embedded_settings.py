"""The embedded server's settings and error messages, without a server."""

from pathlib import Path

import pytest

from storage.embedded import tuning
from storage.embedded.errors import explain

GB = 1 << 30


@pytest.mark.parametrize(
    ("memory", "shared_buffers"),
    [(GB // 64, "16MB"), (GB, "256MB"), (4 * GB, "1024MB"), (256 * GB, "2048MB")],
)
def test_shared_buffers_are_a_quarter_of_memory_up_to_two_gigabytes(memory: int, shared_buffers: str) -> None:
    assert tuning.settings(memory)["shared_buffers"] == shared_buffers


def test_durability_is_not_among_what_a_file_may_change() -> None:
    assert not tuning.DURABILITY.keys() & tuning.settings(GB).keys()
    assert set(tuning.DURABILITY.values()) == {"on"}


def test_a_configuration_file_has_one_setting_a_line() -> None:
    assert tuning.render({"jit": "off", "listen_addresses": "''"}) == "jit = off\nlisten_addresses = ''\n"


def test_a_full_disk_is_told_with_its_remedy_and_the_log() -> None:
    output = 'PANIC:  could not write to file "pg_wal/xlogtemp.1": No space left on device'
    message = explain("to start", output, Path("postgres.log"))
    assert "free some space" in message
    assert "postgres.log" in message


def test_an_unknown_failure_is_told_in_the_servers_own_words() -> None:
    output = "LOG:  starting\nLOG:  invalid value\nFATAL:  contains errors\npg_ctl: could not start server\n"
    assert "LOG:  invalid value; FATAL:  contains errors" in explain("to start", output, Path("log"))


def test_a_silent_failure_is_told_as_one() -> None:
    assert "it said nothing" in explain("to start", "", Path("log"))


def test_a_folder_of_another_user_is_told_as_one() -> None:
    error = PermissionError(13, "Permission denied", "postgres.lock")
    assert "run this as that user" in explain("to start", f"error: {error}", Path("log"))

"""A crash of the tests' server is found in its log, everyday lines are not."""

from pathlib import Path

import pytest

from tests.support.postgres_log import crash_lines


@pytest.mark.parametrize(
    "line",
    [
        "LOG:  client backend (PID 7) was terminated by signal 11: Segmentation fault",
        "PANIC:  could not write to file",
        "LOG:  received immediate shutdown request",
        "LOG:  performing immediate shutdown because data directory lock file is invalid",
    ],
)
def test_a_crash_is_told(tmp_path: Path, line: str) -> None:
    log = tmp_path / "postgres.log"
    log.write_text(
        "LOG:  database system is ready to accept connections\n"
        f"{line}\n"
        "FATAL:  terminating connection due to administrator command\n"
        "LOG:  received fast shutdown request\n"
    )
    assert crash_lines(log) == [line]

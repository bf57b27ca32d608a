import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.output import answer, json_line, say, table, visible
from tests.support.command_line import environment


def test_an_answer_is_one_json_object_or_text(capsys: pytest.CaptureFixture[str]) -> None:
    answer(True, {"app": "Shop", "at": datetime(2026, 1, 2, tzinfo=UTC)}, "text")
    answer(False, {}, "text")
    assert capsys.readouterr().out == '{"app":"Shop","at":"2026-01-02T00:00:00Z"}\ntext\n'


def test_a_table_aligns_its_columns_and_leaves_no_blanks_at_the_end() -> None:
    assert table(("A", "LONGER"), [("first", 1), ("b", "")]).splitlines() == [
        "A      LONGER",
        "first  1",
        "b",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ünï 漢", "Ünï 漢"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("two\nlines", "two\\nlines"),
        ("\u202e", "\\u202e"),
    ],
)
def test_text_that_steers_a_terminal_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_table_forges_no_line() -> None:
    assert len(table(("NAME",), [("one\ntwo",)]).splitlines()) == 2


def test_a_json_line_has_no_line_end_within() -> None:
    assert json_line({"name": "a\nb"}) == '{"name":"a\\nb"}'


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the disk that is full is Linux's")
@pytest.mark.parametrize("arguments", [("plan", "check", "tests/fixtures/shop/plan.yaml"), ("--help",)])
def test_an_answer_that_a_full_disk_does_not_take_is_told(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("lvd: ")
    assert "No space left on device" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_remark_fails_nobody_whose_standard_error_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has none then: `2>&-`."""
    monkeypatch.setattr(sys, "stderr", None)
    say("Next: nothing")


def test_a_terminal_that_cannot_show_an_answer_is_told_of() -> None:
    script = "from cli.output import tell; tell('日本')"
    latin = {**environment(), "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=latin, capture_output=True, text=True, check=False
    )
    assert "Standard output is latin-1, which has no '\\u65e5': set PYTHONIOENCODING=utf-8" in done.stderr


def test_a_service_whose_standard_error_is_closed_keeps_its_logs_to_itself() -> None:
    """Where it is closed for good, as by `2>&-`, Python has none."""
    script = "from cli import logs, main; main._open_stderr(); logs.configure_logs()"
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -c "{script}" 2>&-', sys.executable], env=environment(), check=False
    )
    assert done.returncode == 0

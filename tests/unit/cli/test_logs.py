"""Log lines: JSON outside a terminal, and nothing in them that a producer sent."""

import json
import os
import subprocess
import sys

import orjson
import psycopg2
import pytest

from cli.exception_text import exception_text
from storage.errors import Unavailable
from tests.support.command_line import environment

SECRET = "card 4111"


def text_of(error: BaseException) -> str:
    return exception_text((type(error), error, error.__traceback__))


def fail(secret: str) -> None:
    """An error of ours, that came of a driver's, that came of a parser's; these quote the secret."""
    try:
        try:
            orjson.loads(secret)
        except ValueError as error:
            raise psycopg2.DataError(f'invalid input "{secret}"') from error
    except psycopg2.Error as error:
        raise Unavailable("The database cannot answer now") from error


def test_a_traceback_names_kinds_and_places_but_quotes_nothing() -> None:
    with pytest.raises(Unavailable) as caught:
        fail(SECRET)
    text = text_of(caught.value)
    assert SECRET not in text
    assert "storage.errors.Unavailable: The database cannot answer now" in text
    assert "psycopg2.errors.DataError" in text or "psycopg2.DataError" in text
    assert "JSONDecodeError" in text
    assert text.count("in fail") == 3


@pytest.mark.parametrize("error", [ValueError(SECRET), KeyError(SECRET), TypeError(SECRET)])
def test_errors_that_may_quote_are_named_only(error: Exception) -> None:
    assert text_of(error) == f"builtins.{type(error).__name__}"


def test_other_errors_say_what_they_say() -> None:
    assert text_of(RuntimeError("the package holds no migrations")).endswith(
        "the package holds no migrations"
    )


_PROGRAM = """
import logging, structlog
from cli.logs import configure_logs
configure_logs()
log = structlog.get_logger("ours")
log.debug("too small", app=1)
log.info("kept", app=7, batch=3)
try:
    {"a": 1}["card 4111"]
except KeyError:
    log.exception("ours_failed")
    logging.getLogger("theirs").exception("theirs %s", "failed")
"""


def test_lines_are_json_ours_and_those_of_libraries() -> None:
    lines = _run({})
    assert [line["event"] for line in lines] == ["kept", "ours_failed", "theirs failed"]
    assert {"app": 7, "batch": 3, "level": "info"}.items() <= lines[0].items()
    assert lines[2]["logger"] == "theirs"
    for line in lines[1:]:
        assert "KeyError" in str(line["exception"])
        assert "card" not in json.dumps(line)


def test_the_level_is_a_setting() -> None:
    assert _run({"LOG_LEVEL": "debug"})[0]["event"] == "too small"
    assert [line["event"] for line in _run({"LOG_LEVEL": "error"})] == ["ours_failed", "theirs failed"]


def _run(settings: dict[str, str]) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment(**settings), capture_output=True, check=True
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


_WHO_GOES_ON = """
import structlog
from cli.logs import configure_logs
from cli.output import say
configure_logs()
log = structlog.get_logger("ours")
for _ in range(3):
    log.warning("lost")
    say("lost")
try:
    {}["key"]
except KeyError:
    log.exception("lost")
print("went on")
"""


def test_who_logs_goes_on_where_nobody_takes_the_lines() -> None:
    """Their reader ended, like `tee` by the Ctrl-C that ends us, or their disk is full."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", _WHO_GOES_ON],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=writer,
        check=False,
    )
    os.close(writer)
    assert done.stdout == b"went on\n"

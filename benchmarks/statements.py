"""Counts the statements that reach an embedded server, by its own log: none is missed, none counted twice."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

#: Settings of the embedded server that make it log every statement.
LOG_EVERY_STATEMENT = {"log_statement": "all"}

#: An entry begins with the time; further lines of its statement begin with a tab.
_ENTRY = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[\d+\] (?P<application>.*?) LOG:  (?P<text>.*)$")
_STATEMENT = re.compile(r"^(?:statement|execute [^:]*): (?P<statement>.*)", re.DOTALL)
_STATS = re.compile(r"\b(?:rollup_minute|rollup_hour|failing_field_hour)\b")


class StatementLog:
    """The statements of one application since `mark`."""

    def __init__(self, log: Path, application: str) -> None:
        self._log = log
        self._application = application
        self._place = 0
        self.mark()

    def mark(self) -> None:
        """Counts from here on."""
        self._place = self._log.stat().st_size

    def statements(self) -> list[str]:
        """The statements since the mark."""
        with self._log.open("rb") as file:
            file.seek(self._place)
            lines = file.read().decode(errors="replace").splitlines()
        return [statement for application, statement in logged(lines) if application == self._application]


def logged(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(application, statement) of each logged statement, with its further lines."""
    entries: list[tuple[str, str]] = []
    for line in lines:
        entry = _ENTRY.match(line)
        if entry:
            entries.append((entry["application"], entry["text"]))
        elif entries and line.startswith("\t"):
            application, text = entries[-1]
            entries[-1] = application, f"{text}\n{line}"
    for application, text in entries:
        statement = _STATEMENT.match(text)
        if statement:
            yield application, statement["statement"]


def asks_for_stats(statement: str) -> bool:
    """Whether it reads a rollup: what tiles, charts and lists are made of."""
    return _STATS.search(statement) is not None

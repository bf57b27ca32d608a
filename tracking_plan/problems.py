"""What is wrong with a plan document: every problem at once, each with its place and its cure."""

from collections.abc import Sequence
from dataclasses import dataclass

#: A document with more problems than this is of another kind, not one to mend line by line.
MAX_PROBLEMS = 200
_SHOWN_IN_MESSAGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that keeps a document from being a plan."""

    #: What is wrong, one clause.
    what: str
    #: How to mend it, one imperative clause.
    mend: str
    #: The event's name, where the problem belongs to one.
    event: str | None = None
    #: JSON Pointer: into the event's schema where `event` is given, else into the document.
    pointer: str | None = None
    #: Counted from 1.
    line: int | None = None
    #: Counted from 1.
    column: int | None = None

    @property
    def place(self) -> str:
        """Where to look: `event "Order Completed", schema /properties/total`, `line 3, column 5`."""
        parts = []
        if self.line is not None:
            parts.append(f"line {self.line}" + (f", column {self.column}" if self.column else ""))
        if self.event is not None:
            parts.append(f'event "{self.event}"')
        if self.pointer is not None:
            parts.append(f"schema {self.pointer or '(root)'}" if self.event is not None else self.pointer)
        return ", ".join(parts) or "document"

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; {self.mend}."


class PlanError(ValueError):
    """A document is not a usable tracking plan.

    `problems` holds all that were found, in document order, at most MAX_PROBLEMS.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems[:MAX_PROBLEMS])
        super().__init__(self._message(len(problems)))

    def _message(self, found: int) -> str:
        shown = [f"  {problem}" for problem in self.problems[:_SHOWN_IN_MESSAGE]]
        if found > len(shown):
            shown.append(f"  … and {found - len(shown)} more.")
        noun = "problem" if found == 1 else "problems"
        return "\n".join([f"The tracking plan has {found} {noun}:", *shown])

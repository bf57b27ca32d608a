"""What differs between two plans, as lines for a terminal."""

from collections.abc import Iterator

from cli.output import visible
from tracking_plan.diff import Change, EventChange, PlanDiff

_MARKS = {Change.ADDED: "+", Change.REMOVED: "-", Change.CHANGED: "~"}


def diff_text(found: PlanDiff, app: str, version: int) -> str:
    """A line for each event and property that differs, or that nothing does."""
    against = f"version {version} of {app!r}" if version else f"{app!r}, which has no plan yet"
    if not found:
        return f"Nothing differs from {against}."
    lines = [f"Against {against}:", *(f"~ plan: {words}" for words in found.words)]
    return "\n".join(
        visible(line) for line in (*lines, *(line for event in found.events for line in _lines(event)))
    )


def _lines(event: EventChange) -> Iterator[str]:
    yield _line(_MARKS[event.change], event.name, event.words)
    for part in event.properties:
        yield _line(f"    {_MARKS[part.change]}", part.path or "(payload)", part.words)


def _line(mark: str, name: str, words: tuple[str, ...]) -> str:
    return f"{mark} {name}: {'; '.join(words)}" if words else f"{mark} {name}"

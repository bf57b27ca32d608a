"""Violations and sources in words; pure."""

from dashboard.visible_text import cell
from storage.issues import IssueKey
from storage.model import Source
from tracking_plan.violation import Kind, Violation

#: Kinds whose own word does not say what is wrong.
_KINDS: dict[str, str] = {
    Kind.MISSING_REQUIRED: "missing",
    Kind.NOT_IN_ENUM: "value not allowed",
    Kind.PATTERN: "pattern not matched",
    Kind.RANGE: "out of range",
    Kind.LENGTH: "wrong length",
    Kind.FORMAT: "wrong format",
    Kind.CONDITION: "condition not met",
    Kind.SCHEMA: "schema not met",
}
_WHOLE_EVENT = "the event"
_VERSION_PREFIX = "v"
#: A source of which no field was told, as of what `lvd send` sends.
_NOT_NAMED = "not named"


def violation(broken: Violation) -> str:
    """One violation as a sentence: `/total: expected number ≥ 0, received string "12"`."""
    place = broken.path or _WHOLE_EVENT
    if broken.kind is Kind.MISSING_REQUIRED:
        return cell(f"{place} is missing: expected {broken.expected}")
    if broken.kind is Kind.UNPLANNED_PROPERTY:
        return cell(f"{place} is not in the plan: received {broken.received}")
    if broken.kind is Kind.UNPLANNED_EVENT:
        return "the event is not in the plan"
    return cell(f"{place}: expected {broken.expected}, received {broken.received}")


def violations(broken: tuple[Violation, ...]) -> str:
    """The first violation, and how many more there are."""
    if not broken:
        return ""
    more = f" (+{len(broken) - 1} more)" if len(broken) > 1 else ""
    return violation(broken[0]) + more


def source(made_by: Source) -> str:
    """A producer in a few words: `ios v4.2.0 · production · python-sdk`; never empty."""
    version = f"{_VERSION_PREFIX}{made_by.app_version}" if made_by.app_version else ""
    product = " ".join(part for part in (made_by.platform, version) if part)
    told = " · ".join(part for part in (product, made_by.environment, made_by.sdk) if part)
    return cell(told) or _NOT_NAMED


def issue(key: IssueKey) -> str:
    """Where and what is wrong: `/total: wrong type`."""
    if key.kind == Kind.UNPLANNED_EVENT:
        return "not in the plan"
    return cell(f"{key.path or _WHOLE_EVENT}: {kind(key.kind)}")


def kind(broken: Kind | str) -> str:
    """A kind of violation as people say it: `wrong type`."""
    return _KINDS.get(broken) or str(broken).replace("_", " ")

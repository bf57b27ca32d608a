"""A view of the page Plan as its URL words it."""

from dataclasses import dataclass
from enum import StrEnum

from dashboard.query import Query, one, texts

#: Largest version: Postgres's integer.
MAX_VERSION = 2**31 - 1


class PlanTab(StrEnum):
    """What is done with the plan."""

    READ = "read"
    EDIT = "edit"
    VERSIONS = "versions"


class EditAs(StrEnum):
    """How it is edited."""

    FORM = "form"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class PlanView:
    """Which part of which plan is open; a version of 0 is the one in force."""

    app: str | None = None
    tab: PlanTab = PlanTab.READ
    edit_as: EditAs = EditAs.FORM
    event: str = ""
    search: str = ""
    version: int = 0
    #: The two versions that are compared; 0: the one in force, and the one before it.
    before: int = 0
    after: int = 0
    #: An unplanned event that is to be drafted.
    draft: str = ""


def from_query(query: Query) -> PlanView:
    """The view that a URL's query names; anything it says wrongly falls back to the default."""
    tab, edit_as = one(query, "tab"), one(query, "as")
    return PlanView(
        app=one(query, "app") or None,
        tab=PlanTab(tab) if tab in set(PlanTab) else PlanTab.READ,
        edit_as=EditAs(edit_as) if edit_as in set(EditAs) else EditAs.FORM,
        event=_text(query, "event"),
        search=_text(query, "search"),
        version=_version(query, "version"),
        before=_version(query, "from"),
        after=_version(query, "to"),
        draft=_text(query, "draft"),
    )


def _text(query: Query, key: str) -> str:
    return next(iter(texts(query, key)), "")


def _version(query: Query, key: str) -> int:
    text = one(query, key)
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else 0
    return number if number <= MAX_VERSION else 0

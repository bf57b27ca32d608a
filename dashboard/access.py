"""Which apps a request may see: the one seam that pages, callbacks, data routes and exports pass."""

from typing import Protocol

from flask import Request

from dashboard.visible_text import cell


class Access(Protocol):
    """Decides for each request; sign-in and roles will be other implementations."""

    def allowed_apps(self, request: Request) -> frozenset[int] | None:
        """Ids of the apps that this request may see; None: every app."""
        ...

    def may_edit(self, request: Request, app_id: int, /) -> bool:
        """Whether this request may change the app's tracking plan, and say what becomes of its issues.

        Asked for apps that it may see.
        """
        ...

    def who(self, request: Request) -> str:
        """The person's name, which is kept with what they change; "" where nobody signs in."""
        ...


class NotAllowed(Exception):
    """This viewer may see, but not change it; the message says what to do."""


#: Longest name that is kept, in characters: a longer one is cut.
_MAX_NAME = 60


class EveryApp:
    """Nobody signs in here: each request sees every app.

    A proxy that signs people in may tell who they are, by a header of its own.
    """

    def __init__(self, user_header: str = "") -> None:
        """`user_header`: by which the proxy tells the person's name; "": nobody does."""
        self._user_header = user_header

    def allowed_apps(self, request: Request) -> frozenset[int] | None:  # noqa: ARG002  the seam's signature
        """None: every app."""
        return None

    def may_edit(self, _request: Request, _app_id: int, /) -> bool:
        """Everybody may."""
        return True

    def who(self, request: Request) -> str:
        """The name in the proxy's header; "" without one."""
        told = request.headers.get(self._user_header, "") if self._user_header else ""
        return cell(told.strip())[:_MAX_NAME]

"""Which apps a request may see: the one seam that pages, callbacks, data routes and exports pass."""

from typing import Protocol

from flask import Request


class Access(Protocol):
    """Decides for each request; sign-in and roles will be other implementations."""

    def allowed_apps(self, request: Request) -> frozenset[int] | None:
        """Ids of the apps that this request may see; None: every app."""
        ...

    def who(self, request: Request) -> str:
        """The person's name, which is kept with what they change; "" where nobody signs in."""
        ...


class EveryApp:
    """Nobody signs in: each request sees every app."""

    def allowed_apps(self, request: Request) -> frozenset[int] | None:  # noqa: ARG002  the seam's signature
        """None: every app."""
        return None

    def who(self, request: Request) -> str:  # noqa: ARG002  the seam's signature
        """Nobody is known."""
        return ""

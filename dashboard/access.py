"""Which apps a request may see: the one seam that pages, callbacks, data routes and exports pass."""

from typing import Protocol

from flask import Request


class Access(Protocol):
    """Decides for each request; sign-in and roles will be other implementations."""

    def allowed_apps(self, request: Request) -> frozenset[int] | None:
        """Ids of the apps that this request may see; None: every app."""
        ...


class EveryApp:
    """Nobody signs in: each request sees every app."""

    def allowed_apps(self, request: Request) -> frozenset[int] | None:  # noqa: ARG002  the seam's signature
        """None: every app."""
        return None

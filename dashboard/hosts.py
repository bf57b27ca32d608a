"""Under which names the dashboard is reached.

A browser takes what is at a name for one site, whatever machine the name leads to. Another site whose name is
led to this machine while its page is open (DNS rebinding) would ask here as if the page were ours: with its
own name, though.
"""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from dashboard.settings import ANY

#: This machine's own: no name server is asked where it, or what ends so, leads to.
_OWN = ".localhost"


class UnknownHost(HTTPException):
    """The name is not one under which this dashboard is reached."""

    code = 421

    def __init__(self, host: str) -> None:
        super().__init__(
            f"This dashboard is not known as {host!r}. Open it by its address; or, if that is its name, put"
            " it into LVD_DASHBOARD_HOSTS where it runs."
        )


def only_known(server: Flask, names: Collection[str]) -> None:
    """Refuses requests under names that are neither known nor an address.

    `names`: one with a dot in front is of all names that end with it. ANY: no name is refused.
    """
    if ANY in names:
        return

    @server.before_request
    def refuse_other() -> None:
        # Browsers always name it; what looks after the server's health may not.
        host = request.headers.get("Host", "")
        if host and not is_known(host, names):
            raise UnknownHost(host)


def is_known(host: str, names: Collection[str]) -> bool:
    """Whether a Host header (`host:port`) is an address, this machine's own name, or one of `names`."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return _is_address(name) or any(_is_of(name.rstrip("."), known) for known in (_OWN, *names))


def _is_of(name: str, known: str) -> bool:
    return name == known.removeprefix(".") or (known.startswith(".") and name.endswith(known))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True

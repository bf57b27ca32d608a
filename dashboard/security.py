"""Headers that keep other origins, inline scripts and guessed content types out."""

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache

from dash import Dash
from flask import Flask, Response

#: Executed inline scripts: those without src, and not data such as Dash's JSON configuration.
_INLINE_SCRIPT = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>(.*?)</script>", re.DOTALL
)

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def policy(script_hashes: list[str]) -> str:
    """The content security policy: own files and the named inline scripts only, and no eval.

    Mantine, Plotly and AG Grid write style attributes, hence 'unsafe-inline' for styles alone.
    """
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *script_hashes)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def inline_hashes(page: str) -> list[str]:
    """CSP sources of a page's inline scripts."""
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in dict.fromkeys(_INLINE_SCRIPT.findall(page))
        if script
    ]


def protect(app: Dash) -> None:
    """Sets the headers on every response.

    The scripts are hashed at the first response: only then has Dash collected all of them.
    """
    hashed: Callable[[], str] = cache(lambda: policy(inline_hashes(app.index())))

    server: Flask = app.server

    @server.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(_FIXED)
        response.headers["Content-Security-Policy"] = hashed()
        return response

"""Scripts and styles: compressed once per process, kept by browsers as long as their address lasts."""

import gzip
import hashlib
from dataclasses import dataclass
from typing import cast

from flask import Flask, Request, Response, request

from dashboard.compression import WORTH_IT, takes_gzip

#: Files of installed packages: they do not change while the process runs.
_PACKAGES = "/_dash-component-suites/"
_ASSETS = "/assets/"
_COMPRESSED = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")
_LEVEL = 7
#: For an address that holds a version or a time of change: its content never changes.
_FOR_EVER = "public, max-age=31536000, immutable"
#: For any other: kept, but asked for each time whether it is still right.
_ASK_AGAIN = "no-cache"
#: Most addresses that are remembered. Pages have a hundred; but any version makes one more of the same file.
MAX_ADDRESSES = 1_000


@dataclass(frozen=True, slots=True)
class _Packed:
    """A file's content, compressed."""

    content: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What is at an address."""

    packed: _Packed
    mimetype: str
    cache_control: str


def compress_static(server: Flask) -> None:
    """Answers repeated requests for static files from memory, compressed.

    It holds each file once, by its content, under however many addresses it is asked for.
    """
    by_content: dict[bytes, _Packed] = {}
    by_address: dict[str, _Found] = {}

    @server.before_request
    def from_memory() -> Response | None:
        found = by_address.get(request.full_path)
        return _unpack(found) if found and takes_gzip(request) else None

    @server.after_request
    def remember(response: Response) -> Response:
        if not _is_lasting(request, response):
            return response
        response.headers["Cache-Control"] = _cache_control(request, response)
        response.vary.add("Accept-Encoding")
        if not _worth_packing(response) or not takes_gzip(request):
            return response
        found = _find(by_content, response)
        if len(by_address) >= MAX_ADDRESSES:
            by_address.clear()
        by_address[request.full_path] = found
        return _unpack(found)


def _is_lasting(asked: Request, response: Response) -> bool:
    """A file that stays as it is while this process runs; assets say so by their time of change."""
    return response.status_code == 200 and (
        asked.path.startswith(_PACKAGES) or (asked.path.startswith(_ASSETS) and "m" in asked.args)
    )


def _cache_control(asked: Request, response: Response) -> str:
    """Dash gives package files with a fingerprint a max-age."""
    versioned = "m" in asked.args or bool(response.cache_control.max_age)
    return _FOR_EVER if versioned else _ASK_AGAIN


def _worth_packing(response: Response) -> bool:
    return (
        response.mimetype in _COMPRESSED
        and "Content-Encoding" not in response.headers
        and (response.content_length or 0) >= WORTH_IT
    )


def _find(by_content: dict[bytes, _Packed], response: Response) -> _Found:
    response.direct_passthrough = False
    content = response.get_data()
    # Another one is sent in its place; its file would stay open.
    response.close()
    digest = hashlib.sha256(content)
    packed = by_content.get(digest.digest())
    if packed is None:
        packed = _Packed(gzip.compress(content, _LEVEL, mtime=0), digest.hexdigest()[:32])
        by_content[digest.digest()] = packed
    return _Found(packed, response.mimetype or "", response.headers["Cache-Control"])


def _unpack(found: _Found) -> Response:
    answer = Response(found.packed.content, mimetype=found.mimetype)
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = found.cache_control
    answer.vary.add("Accept-Encoding")
    answer.set_etag(found.packed.etag)
    return cast(Response, answer.make_conditional(request))

"""Scripts and styles: compressed once per process, kept by browsers as long as their address lasts."""

import gzip
from dataclasses import dataclass

from flask import Flask, Request, Response, request

_PREFIXES = ("/_dash-component-suites/", "/assets/")
_COMPRESSED = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")
#: Below it a compressed answer saves no packet. In bytes.
_WORTH_IT = 1_400
_LEVEL = 7
#: The address holds a version or a time of change, so its content never changes.
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _Packed:
    content: bytes
    mimetype: str


def compress_static(server: Flask) -> None:
    """Answers repeated requests for static files from memory, compressed."""
    packed: dict[str, _Packed] = {}

    @server.before_request
    def from_memory() -> Response | None:
        found = packed.get(request.full_path)
        return _unpack(found) if found and _takes_gzip(request) else None

    @server.after_request
    def remember(response: Response) -> Response:
        if not _is_versioned(request, response):
            return response
        response.headers["Cache-Control"] = _FOR_EVER
        response.vary.add("Accept-Encoding")
        if not _worth_packing(response) or not _takes_gzip(request):
            return response
        packed[request.full_path] = _pack(response)
        return _unpack(packed[request.full_path])


def _is_versioned(asked: Request, response: Response) -> bool:
    """Dash gives package files a fingerprint and a max-age, and assets the time of their last change."""
    return (
        asked.path.startswith(_PREFIXES)
        and response.status_code == 200
        and ("m" in asked.args or bool(response.cache_control.max_age))
    )


def _worth_packing(response: Response) -> bool:
    return (
        response.mimetype in _COMPRESSED
        and "Content-Encoding" not in response.headers
        and (response.content_length or 0) >= _WORTH_IT
    )


def _takes_gzip(asked: Request) -> bool:
    return bool(asked.accept_encodings["gzip"])


def _pack(response: Response) -> _Packed:
    response.direct_passthrough = False
    return _Packed(
        content=gzip.compress(response.get_data(), _LEVEL, mtime=0),
        mimetype=response.mimetype or "",
    )


def _unpack(packed: _Packed) -> Response:
    answer = Response(packed.content, mimetype=packed.mimetype)
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = _FOR_EVER
    answer.vary.add("Accept-Encoding")
    return answer

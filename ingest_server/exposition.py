"""Metrics and health over plain HTTP: for Prometheus, and for probes that speak no gRPC over TLS."""

from collections.abc import Callable, Iterable
from socket import AF_INET6
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


class _Handler(WSGIRequestHandler):
    #: In seconds; a client that sends its request more slowly is cut off.
    timeout = 5

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing: a probe every second is no news."""


class _ServerV6(ThreadingWSGIServer):
    address_family = AF_INET6


class Exposition:
    """Serves /metrics, /livez (the process answers) and /readyz (200 while events are taken, else 503)."""

    def __init__(self, address: str, registry: CollectorRegistry, is_ready: Callable[[], bool]) -> None:
        """Listens at host:port. Raises OSError where that cannot be."""
        host, _, port = address.rpartition(":")
        self._metrics = make_wsgi_app(registry)
        self._is_ready = is_ready
        kind: type[WSGIServer] = _ServerV6 if ":" in host else ThreadingWSGIServer
        self._server = make_server(host.strip("[]"), int(port), self._answer, kind, _Handler)
        self._thread = Thread(target=self._server.serve_forever, name="exposition", daemon=True)
        #: host:port that is served.
        self.address = f"{host}:{self._server.server_port}"

    def start(self) -> None:
        """Answers from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answers no more; returns when the port is free."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        match environ.get("PATH_INFO"):
            case "/metrics":
                page: Iterable[bytes] = self._metrics(environ, start_response)
                return page
            case "/livez":
                return _text(start_response, "200 OK", "alive")
            case "/readyz" if self._is_ready():
                return _text(start_response, "200 OK", "ready")
            case "/readyz":
                return _text(start_response, "503 Service Unavailable", "not ready: no events are taken now")
            case _:
                return _text(start_response, "404 Not Found", "there are /metrics, /livez and /readyz")


def _text(start_response: "StartResponse", status: str, text: str) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{text}\n".encode()]

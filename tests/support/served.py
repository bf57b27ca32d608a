"""A dashboard on a port of this machine, with a switch for faults."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from wsgiref.types import StartResponse, WSGIEnvironment

from dash import Dash
from sqlalchemy import Engine, text
from werkzeug.serving import WSGIRequestHandler, make_server


class Faults:
    """Stands before an app: requests for which `breaks` is true get an HTTP 500."""

    def __init__(self, app: Dash) -> None:
        self._app = app.server.wsgi_app
        self._lock = threading.Lock()
        self.breaks: Callable[[str], bool] = lambda _path: False
        #: How many requests were broken.
        self.broken = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._lock:
            broken = self.breaks(environ["PATH_INFO"])
            self.broken += broken
        if not broken:
            return self._app(environ, start_response)  # type: ignore[no-any-return]
        start_response("500 INTERNAL SERVER ERROR", [("Content-Type", "text/plain")])
        return [b"broken by the test"]


class _Quiet(WSGIRequestHandler):
    """Keeps connections, as the product's server does, and writes no log of them."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        pass


@contextmanager
def served(app: Dash) -> Iterator[tuple[str, Faults]]:
    """Serves on a free port until the block is left; the address, and the switch."""
    faults = Faults(app)
    server = make_server("127.0.0.1", 0, faults, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", faults
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class ServedApp:
    """A dashboard, and what the database has of one of its apps."""

    address: str
    faults: Faults
    engine: Engine
    app_id: int

    def count(self, where: str) -> int:
        """The app's events that meet a condition, by SQL."""
        statement = text(f"SELECT count(*) FROM event WHERE app_id = :app_id AND {where}")
        with self.engine.connect() as conn:
            return int(conn.execute(statement, {"app_id": self.app_id}).scalar_one())

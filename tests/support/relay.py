"""A TCP relay before the test's PostgreSQL, which a test can cut: the database goes away and comes back."""

import socket
import threading
from contextlib import suppress
from typing import Self

from sqlalchemy import make_url

_CHUNK = 65_536


class Relay:
    """Forwards connections to a database's Unix socket, until cut; a restored one takes new connections."""

    def __init__(self, database_url: str) -> None:
        url = make_url(database_url)
        folder = url.query.get("host", url.host)
        self._target = f"{folder}/.s.PGSQL.{url.port or 5432}"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._up = True
        port = self._listener.getsockname()[1]
        self.url = url.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Ends all connections, and every new one at once."""
        with self._lock:
            self._up = False
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def restore(self) -> None:
        """Takes connections again."""
        with self._lock:
            self._up = True

    def close(self) -> None:
        """Ends everything."""
        self.cut()
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        with self._lock:
            if not self._up:
                client.close()
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
            self._connections |= {client, server}
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                target.sendall(data)
        with self._lock:
            for end in (source, target):
                self._connections.discard(end)
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        source.close()

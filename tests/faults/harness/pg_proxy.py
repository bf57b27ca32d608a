"""A proxy before Postgres that knows the protocol, and so can strike at a point of a transaction.

It reads whole messages of the PostgreSQL protocol (version 3) in both directions; before each is passed on,
the traps that were set are asked.
"""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from threading import Event, Lock, Thread
from typing import BinaryIO, Self

import psycopg2
from sqlalchemy import make_url

_SSL_REQUEST, _GSS_REQUEST = 80_877_103, 80_877_104
#: What begins a writer's transaction, and nothing else.
_LOCKS = b"SELECT FROM app_ledger WHERE app_id"
_ROLLS_UP = b"INSERT INTO rollup_minute"
#: SO_LINGER on, 0 s: closing sends a reset, as a cut does.
_RESET = struct.pack("ii", 1, 0)
_POLL_SECONDS = 0.2


class Point(Enum):
    """A moment of a writer's transaction."""

    #: Asked to lock the ledgers; Postgres was not told yet.
    LOCK_ASKED = auto()
    #: In the middle of a COPY.
    COPYING = auto()
    #: Postgres has copied; the server was not told yet.
    COPY_DONE = auto()
    #: Asked to add to the rollups; Postgres was not told yet.
    ROLLUP_ASKED = auto()
    #: Asked to commit; Postgres was not told yet.
    COMMIT_ASKED = auto()
    #: Postgres has committed; the server was not told yet.
    COMMIT_DONE = auto()


class Link:
    """One proxied connection."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self._sockets = (client, server)
        #: Of Postgres's process.
        self.backend_pid = 0
        #: Whether a writer's transaction is open on it.
        self.writes = False

    def cut(self) -> None:
        """Resets both halves; what was on its way is lost."""
        for half in self._sockets:
            with suppress(OSError):
                half.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            with suppress(OSError):
                half.shutdown(socket.SHUT_RDWR)
            half.close()


Strike = Callable[[Link], None]


@dataclass
class Trap:
    """Strikes once, at the first transaction that comes to its point."""

    point: Point
    strike: Strike
    _sprung: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def spring(self, point: Point, link: Link) -> None:
        """Strikes if this is its point."""
        if point is not self.point:
            return
        with self._lock:
            if self._sprung.is_set():
                return
            self.strike(link)
            self._sprung.set()

    def wait(self, timeout: float = 30) -> None:
        """Returns when it has struck."""
        assert self._sprung.wait(timeout), f"no transaction came to {self.point.name} within {timeout} s"


class PgProxy:
    """Listens on a TCP port of this machine. Use it in a `with` block."""

    def __init__(self, database_url: str) -> None:
        """`database_url` is reached over a Unix socket, as the embedded server's."""
        self._url = make_url(database_url)
        self._target = f"{self._url.query['host']}/.s.PGSQL.{self._url.port or 5432}"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_POLL_SECONDS)
        self._links: set[Link] = set()
        self._traps: list[Callable[[Point, Link], None]] = []
        self._flowing = Event()
        self._flowing.set()
        self._closed = False
        self._refusing = False
        #: Seconds by which the end of each of Postgres's answers is held back.
        self.delay = 0.0
        self._acceptor = Thread(target=self._accept, name="pg-proxy", daemon=True)

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        self._flowing.set()
        self.cut()
        self._acceptor.join()
        self._listener.close()

    @property
    def url(self) -> str:
        """The same database through the proxy."""
        host, port = self._listener.getsockname()
        return self._url.set(host=host, port=port, query={}).render_as_string(hide_password=False)

    def trap(self, point: Point, strike: Strike) -> Trap:
        """Sets a trap that strikes once."""
        trap = Trap(point, strike)
        self._traps = [trap.spring]
        return trap

    def strike_when(self, judge: Callable[[Point, Link], None]) -> None:
        """Asks `judge` at every point, in the threads of the connections; it strikes itself."""
        self._traps = [judge]

    def disarm(self) -> None:
        """Removes all traps."""
        self._traps = []

    def pause(self) -> None:
        """Passes nothing on, as a network does that loses every packet."""
        self._flowing.clear()

    def resume(self) -> None:
        """Passes on what was held back, too."""
        self._flowing.set()

    def cut(self) -> None:
        """Resets every connection."""
        for link in list(self._links):
            link.cut()

    def refuse(self) -> None:
        """Resets every connection and every new one."""
        self._refusing = True
        self.cut()

    def accept(self) -> None:
        """Takes connections again."""
        self._refusing = False

    def terminate(self, link: Link) -> None:
        """pg_terminate_backend on the connection's backend, from beside."""
        url = self._url.render_as_string(hide_password=False)
        with closing(psycopg2.connect(url)) as conn, conn.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", (link.backend_pid,))
            assert cursor.fetchone() == (True,)

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            Thread(target=self._serve, args=(client,), name="pg-link", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(None)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = socket.socket(socket.AF_UNIX)
        link = Link(client, server)
        self._links.add(link)
        try:
            if self._refusing:
                return
            server.connect(self._target)
            self._pass_on(link, client, server)
        except OSError:
            return  # Cut, or either end is gone: both ends are told below.
        finally:
            link.cut()
            self._links.discard(link)

    def _pass_on(self, link: Link, client: socket.socket, server: socket.socket) -> None:
        from_client, from_server = client.makefile("rb"), server.makefile("rb")
        while _is_question(start := _startup(from_client)):
            server.sendall(start)
            client.sendall(from_server.read(1))
        server.sendall(start)
        back = Thread(target=self._back, args=(link, from_server, client), name="pg-link-back", daemon=True)
        back.start()
        for kind, message in _messages(from_client):
            point = _point_of_request(link, kind, message)
            self._reach(link, point)
            server.sendall(message)
        link.cut()
        back.join()

    def _back(self, link: Link, from_server: BinaryIO, client: socket.socket) -> None:
        with suppress(OSError, ValueError):
            for kind, message in _messages(from_server):
                point = _point_of_answer(link, kind, message)
                if self.delay and kind == ord("Z"):
                    Event().wait(self.delay)
                self._reach(link, point)
                client.sendall(message)
        link.cut()

    def _reach(self, link: Link, point: Point | None) -> None:
        self._flowing.wait()
        if point is not None:
            for trap in self._traps:
                trap(point, link)


def _startup(stream: BinaryIO) -> bytes:
    """The first message has no kind."""
    head = stream.read(4)
    if len(head) < 4:
        raise ConnectionError
    return head + stream.read(int.from_bytes(head) - 4)


def _is_question(start: bytes) -> bool:
    """Whether it asks for encryption, which is answered by one byte."""
    return int.from_bytes(start[4:8]) in (_SSL_REQUEST, _GSS_REQUEST)


def _messages(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Messages with their kinds, until the other end is gone."""
    while len(head := stream.read(5)) == 5:
        body = stream.read(int.from_bytes(head[1:]) - 4)
        yield head[0], head + body


def _point_of_request(link: Link, kind: int, message: bytes) -> Point | None:
    if kind == ord("d"):
        return Point.COPYING
    if kind != ord("Q"):
        return None
    query = message[5:-1]
    if _LOCKS in query:
        link.writes = True
        return Point.LOCK_ASKED
    if _ROLLS_UP in query:
        return Point.ROLLUP_ASKED
    return Point.COMMIT_ASKED if link.writes and query == b"COMMIT" else None


def _point_of_answer(link: Link, kind: int, message: bytes) -> Point | None:
    if kind == ord("K"):
        link.backend_pid = int.from_bytes(message[5:9])
    if kind != ord("C"):
        return None
    tag = message[5:-1]
    if tag.startswith(b"COPY"):
        return Point.COPY_DONE
    if tag == b"COMMIT" and link.writes:
        link.writes = False
        return Point.COMMIT_DONE
    return None

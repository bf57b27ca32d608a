"""`lvd up`: database, ingest server, web page and demo, each watched over."""

import http.client
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from cli.address import Address
from cli.context import Context
from cli.demo_setup import prepare_apps
from cli.errors import CommandFailed
from cli.output import say
from cli.ports import check_free
from cli.supervisor import Interrupts, Supervisor, own_command, own_environment
from ingest_server.tls import TlsFiles
from storage import migrate
from storage.database import create_engine
from storage.embedded import EmbeddedPostgres, EmbeddedPostgresError
from storage.settings import StorageSettings

#: The ingest server's own drain timeout and a little. In seconds.
_PATIENCE = 30.0
#: How often the embedded server is looked at. In seconds.
_LOOK_EVERY = 1.0
_PROBE_TIMEOUT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to run."""

    settings: StorageSettings
    grpc: Address
    http: Address
    demo: bool
    #: Of the demo, in events per second.
    rate: float
    #: None: gRPC is served in plain text.
    tls: TlsFiles | None = None


def run_all(wanted: Wanted, on_ready: Callable[[], None]) -> None:
    """Runs everything until SIGINT, SIGTERM or SIGHUP, then ends it in order; a second one hurries.

    `on_ready` is called once page and gRPC answer. Raises CommandFailed, StorageError.
    """
    check_free(wanted.grpc, "The ingest server", "--grpc")
    check_free(wanted.http, "The web page", "--http")
    with Interrupts().caught() as interrupts, _database(wanted.settings) as (url, look):
        migrate.upgrade(url)
        if wanted.demo:
            _prepare_demo(wanted.settings, url)
        supervisor = Supervisor(interrupts, say)
        try:
            _run_services(wanted, url, supervisor, look, on_ready)
        finally:
            if interrupts.asked:
                say("Ending: what was received is stored first. Ctrl-C again hurries.")
            supervisor.stop(_PATIENCE)


def _run_services(
    wanted: Wanted,
    url: str,
    supervisor: Supervisor,
    look: Callable[[], None],
    on_ready: Callable[[], None],
) -> None:
    environment = own_environment(
        {"LVD_DATABASE_URL": url, "LVD_DATA_DIR": str(wanted.settings.data_dir.absolute())}
    )

    def start(name: str, *arguments: str) -> None:
        supervisor.start(name, own_command(*arguments, "--until-stdin-ends"), environment)

    # In this order, as they end the other way round: the demo, the ingest server, the page.
    start("dashboard", "dashboard", "--http", str(wanted.http))
    start("ingest", "ingest", "--grpc", str(wanted.grpc), *_tls_flags(wanted.tls))
    ingest_answers = _ingest_serves if wanted.tls is None else _tls_answers
    grpc_address, http_address = wanted.grpc.reachable, wanted.http.reachable
    if not supervisor.wait_ready(
        {"ingest": lambda: ingest_answers(grpc_address), "dashboard": lambda: _page_answers(http_address)}
    ):
        return
    if wanted.demo:
        start("demo", "demo", "--target", str(grpc_address), "--rate", f"{wanted.rate:g}")
    on_ready()
    supervisor.run(look)


@contextmanager
def _database(settings: StorageSettings) -> Iterator[tuple[str, Callable[[], None]]]:
    """The database's URL, and what looks after it; an embedded server ends with the `with` block."""
    if settings.database_url is not None:
        yield settings.database_url, lambda: None
        return
    server = EmbeddedPostgres(settings.data_dir)
    url = server.start()
    try:
        yield url, _Keeper(server, url)
    finally:
        server.release()


class _Keeper:
    """Starts the embedded server again when it has died."""

    def __init__(self, server: EmbeddedPostgres, url: str) -> None:
        self._server = server
        self._url = url
        self._next_look = 0.0

    def __call__(self) -> None:
        if time.monotonic() < self._next_look:
            return
        if not self._server.is_running():
            self._restart()
        self._next_look = time.monotonic() + _LOOK_EVERY

    def _restart(self) -> None:
        say("The embedded PostgreSQL ended: it is started again")
        try:
            url = self._server.start()
        except EmbeddedPostgresError as error:
            say(f"{error}; trying again")
            return
        if url != self._url:
            raise CommandFailed("The embedded PostgreSQL came back at another place: start `lvd up` again")


def _prepare_demo(settings: StorageSettings, url: str) -> None:
    """Before the ready line, which says where the demo's key lies."""
    engine = create_engine(url, pool_size=1, application_name="lvd up")
    try:
        prepare_apps(Context(settings, url, engine))
    finally:
        engine.dispose()


def _ingest_serves(address: Address) -> bool:
    """Whether the server says that it takes events, by gRPC's health protocol."""
    # No proxy finds this machine by an address like 127.0.0.1.
    with grpc.insecure_channel(str(address), [("grpc.enable_http_proxy", 0)]) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=_PROBE_TIMEOUT
            )
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _tls_flags(tls: TlsFiles | None) -> list[str]:
    if tls is None:
        return []
    flags = ["--tls-cert", str(tls.certificate), "--tls-key", str(tls.key)]
    return flags if tls.client_ca is None else [*flags, "--tls-client-ca", str(tls.client_ca)]


def _tls_answers(address: Address) -> bool:
    """Whether the server shakes hands: its certificate may be for any name, and ask for one that we lack."""
    try:
        ssl.get_server_certificate((address.host, address.port), timeout=_PROBE_TIMEOUT)
    except OSError:
        return False
    return True


def _page_answers(address: Address) -> bool:
    connection = http.client.HTTPConnection(address.host, address.port, timeout=_PROBE_TIMEOUT)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

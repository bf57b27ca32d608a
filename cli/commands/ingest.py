"""`lvd ingest`: the ingest server alone, as in a container."""

from typing import Annotated

import typer

from cli.address import parse_address
from cli.context import database
from cli.errors import CommandFailed
from cli.groups import new_group
from cli.lifeline import Supervised, hold
from cli.logs import configure_logs
from cli.options import AsJson, DatabaseUrl, DataDir
from cli.output import answer
from cli.ports import check_free
from cli.tls import ServerCert, ServerClientCa, ServerKey
from ingest_server.main import run
from ingest_server.settings import IngestSettings
from storage.settings import StorageSettings, read_settings

cli = new_group()


@cli.command()
def ingest(
    grpc: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            envvar="LVD_INGEST_ADDRESS",
            help="Where to serve.",
            show_default="127.0.0.1:50051",
        ),
    ] = None,
    tls_cert: ServerCert = None,
    tls_key: ServerKey = None,
    tls_client_ca: ServerClientCa = None,
    metrics: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            envvar="LVD_INGEST_METRICS_ADDRESS",
            help="Where to serve metrics and health over HTTP.",
            show_default="nowhere",
        ),
    ] = None,
    supervised: Supervised = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Serve producers over gRPC until SIGTERM or Ctrl-C; then what was read is stored and acknowledged.

    Further settings are environment variables LVD_INGEST_…, see docs. --json answers with the address once
    it is served.
    """
    settings = read_settings(
        IngestSettings,
        address=grpc,
        metrics_address=metrics,
        tls_cert=tls_cert,
        tls_key=tls_key,
        tls_client_ca=tls_client_ca,
    )
    storage = read_settings(StorageSettings, data_dir=data_dir, database_url=database_url)
    if not settings.reuse_port:
        check_free(parse_address(settings.address, "--grpc"), "The ingest server", "--grpc")
    configure_logs()
    hold(supervised)

    def tell(address: str) -> None:
        # `lvd up` tells of all its parts at once.
        if not supervised:
            answer(as_json, {"grpc": address}, f"Serving gRPC on {address}.")

    with database(storage, create=False) as url:
        code = run(settings, storage, url, tell)
    if code:
        raise CommandFailed("The ingest server could not start: see above why")

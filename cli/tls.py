"""TLS as flags give it: of the ingest server, and of those who send to one."""

from pathlib import Path
from typing import Annotated

import grpc
import typer

from cli.errors import BadUsage
from livevalidation import tls_credentials

ServerCert = Annotated[
    Path | None,
    typer.Option(
        "--tls-cert",
        envvar="LVD_INGEST_TLS_CERT",
        metavar="PEM",
        help="Serve gRPC by TLS: the certificate, and the chain behind it.",
        show_default=False,
    ),
]
ServerKey = Annotated[
    Path | None,
    typer.Option(
        "--tls-key",
        envvar="LVD_INGEST_TLS_KEY",
        metavar="PEM",
        help="The certificate's key.",
        show_default=False,
    ),
]
ServerClientCa = Annotated[
    Path | None,
    typer.Option(
        "--tls-client-ca",
        envvar="LVD_INGEST_TLS_CLIENT_CA",
        metavar="PEM",
        help="Let in only producers with a certificate of these authorities (mTLS).",
        show_default=False,
    ),
]

ByTls = Annotated[
    bool, typer.Option("--tls", envvar="LVD_TLS", help="Connect by TLS, trusting the usual authorities.")
]
Ca = Annotated[
    Path | None,
    typer.Option(
        "--tls-ca",
        envvar="LVD_TLS_CA",
        metavar="PEM",
        help="Connect by TLS, trusting these authorities.",
        show_default=False,
    ),
]
ClientCert = Annotated[
    Path | None,
    typer.Option(
        "--tls-cert",
        envvar="LVD_TLS_CERT",
        metavar="PEM",
        help="Our certificate, for servers that ask for one (mTLS).",
        show_default=False,
    ),
]
ClientKey = Annotated[
    Path | None,
    typer.Option(
        "--tls-key", envvar="LVD_TLS_KEY", metavar="PEM", help="The certificate's key.", show_default=False
    ),
]


def client_credentials(
    by_tls: bool, ca: Path | None, certificate: Path | None, key: Path | None
) -> grpc.ChannelCredentials | None:
    """What the flags ask for; None: plain text. Raises BadUsage."""
    if not (by_tls or ca or certificate or key):
        return None
    try:
        return tls_credentials(ca=ca, certificate=certificate, key=key)
    except ValueError as error:
        raise BadUsage(f"TLS cannot be used as asked: {error}") from None

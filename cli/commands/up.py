"""`lvd up`: everything in one."""

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.address import parse_address
from cli.all_in_one import Wanted, run_all
from cli.demo_key import demo_key_path
from cli.demo_setup import DEMO_APP
from cli.errors import BadUsage
from cli.groups import new_group
from cli.logs import configure_logs
from cli.options import DEFAULT_GRPC, DEFAULT_HTTP, AsJson, DatabaseUrl, DataDir
from cli.output import answer
from cli.page import page_settings
from cli.tls import ServerCert, ServerClientCa, ServerKey
from ingest_server.settings import IngestSettings
from storage.settings import StorageSettings, read_settings

cli = new_group()

_EXAMPLE = '{"name": "Product Viewed", "payload": {"product_id": "P-1001", "price": "12", "currency": "EUR"}}'


@cli.command()
def up(
    grpc: Annotated[
        str,
        typer.Option(metavar="HOST:PORT", envvar="LVD_INGEST_ADDRESS", help="Where to take events."),
    ] = DEFAULT_GRPC,
    http: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Where to show the page.", show_default=DEFAULT_HTTP),
    ] = None,
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="Send a shop's synthetic traffic.")] = False,
    rate: Annotated[
        float, typer.Option(min=0.1, max=20_000, help="Of the demo, in events per second on average.")
    ] = 50,
    tls_cert: ServerCert = None,
    tls_key: ServerKey = None,
    tls_client_ca: ServerClientCa = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Run everything in one: database, ingest server, web page, and with --demo traffic to look at.

    A part that dies is started again. Ctrl-C ends all of it, after what was received is stored; a second
    Ctrl-C hurries. The data stay, and the next start goes on with them. --json answers once all is ready.
    """
    configure_logs()
    tls = read_settings(IngestSettings, tls_cert=tls_cert, tls_key=tls_key, tls_client_ca=tls_client_ca).tls
    if demo and tls is not None and not os.environ.get("LVD_TLS_CA"):
        raise BadUsage("--demo sends by TLS, too: say by LVD_TLS_CA which authority it is to trust")
    wanted = Wanted(
        settings=read_settings(StorageSettings, data_dir=data_dir, database_url=database_url),
        grpc=parse_address(grpc, "--grpc"),
        http=parse_address(page_settings(http).address, "--http"),
        demo=demo,
        rate=rate,
        tls=tls,
    )
    document = {
        "http": f"http://{wanted.http.reachable}/",
        "grpc": str(wanted.grpc.reachable),
        "data_dir": str(wanted.settings.data_dir),
        "demo_app": DEMO_APP if demo else None,
        "demo_key_file": str(demo_key_path(wanted.settings.data_dir)) if demo else None,
    }
    run_all(wanted, lambda: answer(as_json, document, _ready(document, wanted.settings)))


def _ready(document: dict[str, Any], settings: StorageSettings) -> str:
    data = document["data_dir"] if settings.database_url is None else "the database of LVD_DATABASE_URL"
    return "\n".join(
        [
            "",
            f"Ready: the page is {document['http']}, gRPC is {document['grpc']}.",
            *(_by_demo_key(document) if document["demo_key_file"] else _by_new_key(settings)),
            f"Ctrl-C ends it. The data stay in {data}.",
            "",
        ]
    )


def _by_demo_key(document: dict[str, Any]) -> list[str]:
    key_file = shlex.quote(document["demo_key_file"])
    target = "" if document["grpc"] == DEFAULT_GRPC else f" --target {document['grpc']}"
    return [
        f"The key of the demo's app {document['demo_app']!r} lies in {document['demo_key_file']}.",
        "Send an event by hand, and watch it come in:",
        f"  echo '{_EXAMPLE}' | {_own_name()} send - --key \"$(cat {key_file})\"{target}",
    ]


def _by_new_key(settings: StorageSettings) -> list[str]:
    lvd, place, where = _own_name(), "another terminal", ""
    if settings.database_url is not None:  # which may hold a password
        place += " with the same LVD_DATABASE_URL"
    elif settings.data_dir != StorageSettings.model_fields["data_dir"].default:
        where = f" --data-dir {shlex.quote(str(settings.data_dir))}"
    commands = ("app create Shop", "key create --app Shop", "plan push --app Shop PLAN")
    return [
        f"Let events in, from {place}:",
        f"  {'; '.join(f'{lvd} {command}{where}' for command in commands)}",
    ]


def _own_name() -> str:
    """What a person types to run this lvd again from the same folder."""
    script = Path(sys.argv[0])
    if script.name != "lvd":
        return f"{shlex.quote(os.path.relpath(sys.executable))} -m cli"
    found = shutil.which("lvd")
    if found is not None and Path(found).samefile(script):
        return "lvd"
    return shlex.quote(os.path.relpath(script))

"""`lvd dashboard`: the web page alone, as in a container."""

from typing import Annotated

import typer

from cli.address import parse_address
from cli.context import database
from cli.groups import new_group
from cli.lifeline import Supervised, hold
from cli.logs import configure_logs
from cli.options import AsJson, DatabaseUrl, DataDir
from cli.output import answer
from cli.page import page_settings
from cli.ports import check_free
from dashboard.server import run
from storage.settings import StorageSettings, read_settings

cli = new_group()


@cli.command()
def dashboard(
    http: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Where to serve.", show_default="127.0.0.1:8050"),
    ] = None,
    supervised: Supervised = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Serve the web page until SIGTERM or Ctrl-C.

    It reads from LVD_READ_DATABASE_URL, if that is set, and keeps there nothing: what people say of issues
    goes to the database itself. Further settings are environment variables
    LVD_DASHBOARD_…, see docs.
    """
    settings = page_settings(http)
    storage = read_settings(StorageSettings, data_dir=data_dir, database_url=database_url)
    check_free(parse_address(settings.address, "--http"), "The web page", "--http")
    configure_logs()
    page = f"http://{settings.address}/"
    hold(supervised)
    with database(storage, create=False) as url:
        # `lvd up` tells of all its parts at once.
        if not supervised:
            answer(as_json, {"http": page}, f"Serving {page}")
        run(settings, storage.read_database_url or url, url)

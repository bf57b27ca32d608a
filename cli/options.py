"""Options that commands share, spelt the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        envvar="LVD_DATA_DIR",
        metavar="FOLDER",
        help="The data folder, with the embedded PostgreSQL.",
        show_default=".lvd",
    ),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        envvar="LVD_DATABASE_URL",
        metavar="URL",
        help="A PostgreSQL of your own, 15 or newer, instead of the embedded one.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON object on stdout.")]
AppName = Annotated[str, typer.Option("--app", metavar="NAME", help="The app, by its name.")]
Target = Annotated[
    str, typer.Option("--target", metavar="HOST:PORT", help="The ingest server.", envvar="LVD_TARGET")
]

DEFAULT_GRPC = "127.0.0.1:50051"
DEFAULT_HTTP = "127.0.0.1:8050"

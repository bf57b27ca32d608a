"""`lvd demo`: synthetic traffic."""

import signal
from typing import Annotated

import typer

from cli.context import open_context
from cli.demo_key import demo_key_path
from cli.demo_setup import prepare_apps, sending_keys
from cli.groups import new_group
from cli.lifeline import Supervised, hold
from cli.logs import configure_logs
from cli.options import DEFAULT_GRPC, AsJson, DatabaseUrl, DataDir, Target
from cli.output import answer
from cli.tls import ByTls, Ca, ClientCert, ClientKey, client_credentials
from demo.player import Player

cli = new_group()


@cli.command()
def demo(
    rate: Annotated[float, typer.Option(min=0.1, max=20_000, help="Events per second, on average.")] = 50,
    seed: Annotated[
        int | None, typer.Option(help="Play the same events each time.", show_default="others each time")
    ] = None,
    target: Target = DEFAULT_GRPC,
    by_tls: ByTls = False,
    tls_ca: Ca = None,
    tls_cert: ClientCert = None,
    tls_key: ClientKey = None,
    supervised: Supervised = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Send synthetic traffic of a shop until SIGTERM or Ctrl-C: three apps and their versions.

    Busy hours and campaigns, a release that breaks orders (Shop Android 4.2.0) and its replacement, phones
    that bring events late, retries, unplanned events, and events that must be rejected. Makes the apps, their
    plan and their keys if they are missing; the key of the first app is kept in the data folder.
    """
    credentials = client_credentials(by_tls, tls_ca, tls_cert, tls_key)
    configure_logs()
    hold(supervised)
    with open_context(data_dir, database_url) as context:
        app_ids = prepare_apps(context)
        with sending_keys(context, app_ids) as keys:
            player = Player(target, keys, rate=rate, seed=seed, credentials=credentials)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: player.stop())
            key_file = str(demo_key_path(context.settings.data_dir))
            document = {"target": target, "apps": sorted(keys), "rate": rate, "key_file": key_file}
            # `lvd up` tells of all its parts at once.
            if not supervised:
                answer(as_json, document, f"Sending {rate:g} events/s to {target} as {', '.join(keys)}.")
            player.run()

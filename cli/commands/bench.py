"""`lvd bench`: measures ingest, reads and the dashboard on this machine."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks import dashboard as dashboard_bench
from benchmarks import ingest as ingest_bench
from benchmarks import load as load_bench
from benchmarks import prototype as prototype_bench
from benchmarks import read as read_bench
from benchmarks.errors import BenchFailed
from benchmarks.report import as_text
from benchmarks.sending.job import Repeats, Times
from cli.errors import CommandFailed
from cli.groups import new_group
from cli.options import AsJson, DatabaseUrl
from cli.output import answer, say
from livevalidation.options import VerdictDetail

cli = new_group(
    "Benchmarks: each makes a database of its own, seeds it, and tells what it found and on what machine."
)

KeptDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="FOLDER",
        help="Keep the embedded server in this folder, for the next run.",
        show_default="a temporary one",
    ),
]
Seed = Annotated[int, typer.Option(help="Of everything that is drawn by chance.")]


@cli.callback()
def end_in_order() -> None:
    # As Ctrl-C does: what was started, PostgreSQL above all, is ended and removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@cli.command()
def ingest(
    events: Annotated[int, typer.Option(min=1, help="Events to send.")] = 1_000_000,
    batch_size: Annotated[int, typer.Option(min=1, max=5_000, help="Events in a batch.")] = 500,
    apps: Annotated[int, typer.Option(min=1, help="Apps that get events.")] = 1,
    streams: Annotated[
        int | None,
        typer.Option(min=1, max=500, help="Streams in all.", show_default="4, or one per app"),
    ] = None,
    unacked: Annotated[int, typer.Option(min=1, help="Batches of a stream without their ack.")] = 20,
    payload_bytes: Annotated[
        int, typer.Option(min=112, max=65_536, help="About how long a payload is.")
    ] = 140,
    duplicates: Annotated[
        float, typer.Option(min=0, max=1, help="Share of events that were sent before.")
    ] = 0.0,
    repeats: Annotated[Repeats, typer.Option(help="Which events are sent again.")] = Repeats.RECENT,
    history_rows: Annotated[
        int, typer.Option(min=1_000, help="With --repeats history: rows stored before the run.")
    ] = 1_000_000,
    history_days: Annotated[int, typer.Option(min=1, max=28, help="On so many days before today.")] = 20,
    late: Annotated[Times, typer.Option(help="When the events occurred.")] = Times.NOW,
    verdicts: Annotated[VerdictDetail, typer.Option(help="Which events acks tell of.")] = "problems",
    clients: Annotated[int, typer.Option(min=1, max=15, help="Client processes.")] = 1,
    servers: Annotated[int, typer.Option(min=1, max=16, help="Ingest processes on one port.")] = 1,
    seed: Seed = 1,
    data_dir: KeptDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Events per second, judged, deduplicated and on disk, against what a plain COPY does."""
    case = ingest_bench.IngestCase(
        events=events,
        batch_size=batch_size,
        apps=apps,
        streams=streams or max(4, apps),
        unacked=unacked,
        payload_bytes=payload_bytes,
        duplicates=duplicates,
        repeats=repeats,
        history_rows=history_rows,
        history_days=history_days,
        times=late,
        verdicts=verdicts,
        clients=clients,
        servers=servers,
        seed=seed,
    )
    _tell(as_json, lambda: ingest_bench.run(case, database_url, data_dir, say))


@cli.command()
def read(
    rows: Annotated[int, typer.Option(min=1_000, help="Rows to store.")] = 1_000_000,
    partitions: Annotated[int, typer.Option(min=1, max=3_650, help="Days that they lie on.")] = 10,
    calls: Annotated[int, typer.Option(min=1, help="Calls of each reader.")] = 200,
    seed: Seed = 1,
    data_dir: KeptDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """What pages, jumps, feed and statistics cost, against the prototype's ways over the same rows."""
    case = read_bench.ReadCase(rows=rows, partitions=partitions, calls=calls, seed=seed)
    _tell(as_json, lambda: read_bench.run(case, database_url, data_dir, say))


@cli.command()
def load(
    per_minute: Annotated[int, typer.Option(min=60, help="Events offered in a minute.")] = 10_000,
    seconds: Annotated[int, typer.Option(min=1, help="For how long.")] = 60,
    viewers: Annotated[int, typer.Option(min=1, max=5_000, help="Pages that are open.")] = 10,
    burst_seconds: Annotated[int, typer.Option(min=0, help="Begin with a burst of so many seconds.")] = 0,
    burst_factor: Annotated[float, typer.Option(min=1, help="Of so many times the rate.")] = 10.0,
    servers: Annotated[int, typer.Option(min=1, max=16, help="Ingest processes on one port.")] = 1,
    export_rows: Annotated[
        int,
        typer.Option(min=0, help="Alone first, then beside exports of so many rows.", show_default="none"),
    ] = 0,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Acks and freshness while events come at a given rate and viewers look."""
    case = load_bench.LoadCase(
        per_minute=per_minute,
        seconds=seconds,
        viewers=viewers,
        burst_seconds=burst_seconds,
        burst_factor=burst_factor if burst_seconds else 1.0,
        servers=servers,
        export_rows=export_rows,
        seed=seed,
    )
    _tell(as_json, lambda: load_bench.run(case, say))


@cli.command()
def dashboard(
    rows: Annotated[int, typer.Option(min=20_000, help="Rows to store.")] = 1_000_000,
    partitions: Annotated[int, typer.Option(min=1, max=3_650, help="Days that they lie on.")] = 10,
    seconds: Annotated[int, typer.Option(min=3, help="For each number of viewers.")] = 20,
    browser: Annotated[bool, typer.Option(help="Figures that only a real browser can give.")] = True,
    seed: Seed = 1,
    data_dir: KeptDir = None,
    as_json: AsJson = False,
) -> None:
    """What 1 to 1,000 viewers cost, and what one waits for in a browser."""
    case = dashboard_bench.DashboardCase(
        rows=rows, partitions=partitions, seconds=seconds, browser=browser, seed=seed
    )
    _tell(as_json, lambda: dashboard_bench.run(case, data_dir, say))


@cli.command()
def freshness(seed: Seed = 1, as_json: AsJson = False) -> None:
    """From an event's sending to a real browser's screen: 100 events, one by one."""
    _tell(as_json, lambda: dashboard_bench.run_freshness(seed, say))


@cli.command()
def prototype(
    rows: Annotated[int, typer.Option(min=20_000, help="Rows to store.")] = 1_000_000,
    viewers: Annotated[int, typer.Option(min=1, max=50, help="Pages that are open.")] = 20,
    seconds: Annotated[int, typer.Option(min=3, help="For what is counted over time.")] = 60,
    browser: Annotated[bool, typer.Option(help="Figures that only a real browser can give.")] = True,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """The prototype's own table: its ways and ours over the same rows, beside what it promised."""
    case = prototype_bench.PrototypeCase(
        rows=rows, viewers=viewers, seconds=seconds, browser=browser, seed=seed
    )
    _tell(as_json, lambda: prototype_bench.run(case, say))


def _tell(as_json: bool, run: Callable[[], dict[str, Any]]) -> None:
    try:
        document = run()
    except BenchFailed as error:
        raise CommandFailed(str(error)) from None
    answer(as_json, document, as_text(document))

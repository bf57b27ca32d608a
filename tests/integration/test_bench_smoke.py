"""`lvd bench` on a small scale: it runs, and what it tells adds up. Times are no concern here."""

import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from time import monotonic, sleep

import psutil
import pytest

from tests.support.command_line import CommandLine

READERS = {
    "newest",
    "jump_middle",
    "jump_end",
    "by_name",
    "by_status",
    "rare_name",
    "subject",
    "feed",
    "tiles",
    "series_1h",
    "series_24h",
    "series_30d",
    "failing_fields",
    "coverage",
}


@pytest.fixture
def lvd(postgres_url: str) -> CommandLine:
    """The command on the session's server, where benchmarks make databases of their own."""
    # Other tests keep the cores busy: a dashboard that stands back behind them may not answer in time.
    return CommandLine(DATABASE_URL=postgres_url, DASHBOARD_NICE="0")


def test_ingest_stores_what_it_sends(lvd: CommandLine) -> None:
    told = lvd.json("bench", "ingest", "--events", "20000", "--duplicates", "0.1", "--streams", "4")
    assert told["events"] == 20_000
    assert told["acked"] == told["stored"] + told["duplicate"] == 60_000
    # A tenth of the measured batches; those of the warm-up have none.
    assert told["duplicate"] == 2_000
    assert told["rejected"] == told["retries"] == 0
    for kind in ("unindexed", "indexed"):
        ratio = told["events_per_second"] / told[f"{kind}_copy_per_second"]
        assert told[f"ratio_to_{kind}_copy"] == pytest.approx(ratio, rel=0.01)
    assert set(told["cpu_us_per_event"]) == set(told["peak_rss_mb"]) == {"client", "ingest", "postgres"}
    assert 0 < told["ack_p50_ms"] <= told["ack_p99_ms"]
    assert told["surroundings"]["seed"] == told["case"]["seed"] == 1
    assert told["surroundings"]["postgres_settings"]["synchronous_commit"] == "on"


def test_read_tells_each_reader(lvd: CommandLine) -> None:
    told = lvd.json("bench", "read", "--rows", "20000", "--partitions", "2", "--calls", "5")
    assert told["rows"] == 20_000
    assert set(told["readers"]) >= READERS
    for figures in told["readers"].values():
        assert 0 < figures["p50_ms"] <= figures["p95_ms"] <= figures["p99_ms"]
    assert set(told["comparisons"]) == {
        "stats_every_row_into_python",
        "stats_group_by",
        "deep_page_by_offset",
    }


def test_load_is_offered_alone_and_beside_exports(lvd: CommandLine) -> None:
    told = lvd.json(
        "bench", "load", "--per-minute", "6000", "--seconds", "3", "--viewers", "1", "--export-rows", "2000"
    )
    assert told["case"]["export_rows"] == 2_000
    assert told["exports"] >= 1
    # At least a hundred bytes of each row.
    assert told["exported_mb"] >= 0.2
    assert told["alone"]["ack_p99_ms"] > 0
    assert told["ack_p99_times_alone"] == pytest.approx(
        told["ack_p99_ms"] / told["alone"]["ack_p99_ms"], rel=0.01
    )
    assert told["retries"] == told["viewer_errors"] == 0


def test_streams_that_cannot_reach_every_app_are_refused(lvd: CommandLine) -> None:
    done = lvd.run("bench", "ingest", "--apps", "3", "--streams", "2", exit_code=1)
    assert "give at least 3" in done.stderr


def test_a_benchmark_that_is_terminated_leaves_no_database() -> None:
    before = _temporary()
    running = CommandLine().start("bench", "read", "--rows", "100000000", stderr=subprocess.DEVNULL)
    try:
        folder, server = _serving(before)
        running.terminate()
        assert running.wait(60) == 130, "as by Ctrl-C"
        assert not folder.exists()
        assert _ends(server)
    finally:
        running.kill()


def _ends(server: int) -> bool:
    """Within some seconds: it was told to, and whoever took it over may be late to notice."""
    give_up_at = monotonic() + 10
    with suppress(psutil.NoSuchProcess):
        while psutil.Process(server).status() != psutil.STATUS_ZOMBIE:
            if monotonic() > give_up_at:
                return False
            sleep(0.1)
    return True


def _temporary() -> set[Path]:
    return set(Path(gettempdir()).glob("lvd-bench-*"))


def _serving(before: set[Path]) -> tuple[Path, int]:
    """The folder that came, and its server's pid, once there is one."""
    give_up_at = monotonic() + 60
    while monotonic() < give_up_at:
        for folder in _temporary() - before:
            with suppress(FileNotFoundError, IndexError):
                return folder, int((folder / "data/postgres/postmaster.pid").read_text().splitlines()[0])
        sleep(0.1)
    raise AssertionError("no server began within a minute")

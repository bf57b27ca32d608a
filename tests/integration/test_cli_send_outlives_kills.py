"""The server is killed in the middle of `lvd send` and started again: the client finishes by itself."""

import json
import subprocess
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, text

from tests.support.command_line import CommandLine
from tests.support.feed_ledger import FeedLedger
from tests.support.ingest import new_tenant
from tests.support.oracle import check_app, check_received, stored_identities
from tests.support.server_process import server_processes
from tests.support.waiting import wait_until
from tests.support.writing import engine_of

_EVENTS = 60_000
_KILLS = 3


def stored(engine: Engine, app_id: int) -> int:
    with engine.connect() as conn:
        query = text("SELECT last_seq FROM app_ledger WHERE app_id = :app_id")
        return int(conn.execute(query, {"app_id": app_id}).scalar_one())


def stored_more(engine: Engine, app_id: int, than: int) -> bool:
    return stored(engine, app_id) > than


def write_events(path: Path) -> None:
    with path.open("w") as file:
        for n in range(_EVENTS):
            file.write(f'{{"name":"Order","event_id":"e-{n}","payload":{{"n":{n}}}}}\n')


def test_every_event_is_stored_once(database: str, tmp_path: Path) -> None:
    events, out = tmp_path / "events.jsonl", tmp_path / "verdicts.jsonl"
    write_events(events)
    with engine_of(database) as engine, server_processes(database, 1) as (server,):
        tenant = new_tenant(engine, "Shop")
        with FeedLedger(engine, tenant.app_id) as feed:
            sending = CommandLine().start(
                *("send", events, "--key", tenant.key, "--target", server.address, "--json"),
                *("--batch-size", "200", "--verdicts", out),
                stdout=subprocess.PIPE,
            )
            for kill in range(_KILLS):
                # Early enough: on a busy machine the question for it may be a second behind.
                least = (kill + 1) * _EVENTS // 10
                wait_until(partial(stored_more, engine, tenant.app_id, least))
                server.kill()
                assert sending.poll() is None, "it was to be killed in the middle"
                server.start()
            answer, _ = sending.communicate(timeout=120)
        told = json.loads(answer)
        assert sending.returncode == 0
        assert (told["sent"], told["received"]) == (_EVENTS, _EVENTS)
        assert told["unplanned"] + told["duplicate"] == _EVENTS
        assert check_app(engine, tenant.app_id) == _EVENTS
        check_stored_and_fed(engine, tenant.app_id, feed)
    verdicts = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(verdict["line"], verdict["event_id"]) for verdict in verdicts] == [
        (n + 1, f"e-{n}") for n in range(_EVENTS)
    ]


def check_stored_and_fed(engine: Engine, app_id: int, feed: FeedLedger) -> None:
    """Each once; the feed gave the same, in the same order."""
    ids = [event_id for event_id, _, _ in stored_identities(engine, app_id)]
    assert sorted(ids) == sorted(f"e-{n}" for n in range(_EVENTS))
    assert [(row.seq, row.event_id) for row in feed.rows] == list(enumerate(ids, 1))
    assert feed.gaps == 0
    with engine.connect() as conn:
        query = text("SELECT sum(received) FROM app_minute WHERE app_id = :app_id")
        received = int(conn.execute(query, {"app_id": app_id}).scalar_one())
    # What was committed and not acknowledged came again, and was received again.
    assert received >= _EVENTS
    check_received(engine, app_id, received)

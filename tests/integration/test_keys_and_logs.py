"""Keys on a running server: rotated without a gap, revoked within seconds, and never in a log."""

import subprocess
import time
import urllib.request
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import grpc
import psycopg2
import pytest

from livevalidation.v1 import ingest_pb2
from tests.support.command_line import CommandLine
from tests.support.databases import end_connections
from tests.support.ingest import ended, open_stream, send, send_bytes
from tests.support.server_process import free_port, server_process

#: In every text that a producer sends.
MARK = "marker4111"


@pytest.fixture
def lvd(database: str) -> CommandLine:
    lvd = CommandLine(DATABASE_URL=database)
    lvd.run("app", "create", "shop")
    return lvd


def new_key(lvd: CommandLine) -> str:
    return str(lvd.json("key", "create", "--app", "shop")["key"])


def prefix_of(key: str) -> str:
    return key.split("_")[1]


def batch(number: int) -> ingest_pb2.EventBatch:
    event = ingest_pb2.Event(
        name=f"Order {MARK}",
        event_id=f"{MARK}-{number}",
        subject=f"user {MARK}",
        payload_json=f'{{"card": "{MARK}"}}'.encode(),
    )
    conflict = ingest_pb2.Event()
    conflict.CopyFrom(event)
    conflict.payload_json = f'{{"other": "{MARK}"}}'.encode()
    broken = ingest_pb2.Event(name=f"Broken {MARK}", payload_json=f'{{"card": {MARK}'.encode())
    source = ingest_pb2.Source(sdk=MARK, app_version=MARK)
    return ingest_pb2.EventBatch(
        batch_id=number, events=[event, event, conflict, broken], source=source, run_id=f"run {MARK}"
    )


def test_a_key_is_rotated_without_a_gap_and_the_old_one_ends_within_seconds(
    database: str, lvd: CommandLine
) -> None:
    old = new_key(lvd)
    with server_process(database) as server, open_stream(server.address, old) as before:
        before.send(batch(1))
        assert before.ack().received == 4
        new = new_key(lvd)
        with open_stream(server.address, new) as after:
            after.send(batch(2))
            assert after.ack().received == 4
            before.send(batch(3))
            assert before.ack().received == 4
            lvd.run("key", "revoke", prefix_of(old), "--app", "shop")
            revoked_at = time.monotonic()
            with pytest.raises(grpc.RpcError) as error:
                before.ack()
            assert time.monotonic() - revoked_at < 5
            assert ended(error.value).code is grpc.StatusCode.UNAUTHENTICATED
            after.send(batch(4))
            assert after.ack().received == 4


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "ingest.log"


@pytest.fixture
def served(database: str, log: Path) -> Iterator[tuple[str, str]]:
    """gRPC's and HTTP's address of a server that logs all it can."""
    grpc_address, metrics = (f"127.0.0.1:{free_port()}" for _ in range(2))
    lvd = CommandLine(DATABASE_URL=database, LOG_LEVEL="debug", INGEST_HEARTBEAT="1s")
    with log.open("wb") as stderr:
        process = lvd.start(
            "ingest", "--grpc", grpc_address, "--metrics", metrics, stdout=subprocess.PIPE, stderr=stderr
        )
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield grpc_address, metrics
        finally:
            process.terminate()
            process.communicate(timeout=30)


def postgres_log(database: str) -> Path:
    """Beside the embedded cluster that holds the socket."""
    return Path(parse_qs(urlsplit(database).query)["host"][0]).parent / "postgres.log"


def test_a_busy_day_leaves_neither_keys_nor_payloads_in_any_log(
    database: str, lvd: CommandLine, served: tuple[str, str], log: Path
) -> None:
    address, metrics = served
    key = new_key(lvd)
    wrong = key[:-4] + "zzzz"
    for number in range(24):
        if number % 8 == 4:
            end_connections(database)
        try:
            send(address, key, [batch(number)])
        except grpc.RpcError as error:
            assert ended(error).code is grpc.StatusCode.UNAVAILABLE  # noqa: PT017
        if number % 8 == 0:
            for presented, message in ((wrong, b""), (key, f"no batch: {MARK}".encode())):
                with pytest.raises(grpc.RpcError):
                    send_bytes(address, presented, [message])
    # A table that is gone is a fault of ours, which is logged with its traceback.
    with psycopg2.connect(database) as conn, conn.cursor() as cursor:
        cursor.execute("ALTER TABLE rejected_event RENAME TO gone")
    with pytest.raises(grpc.RpcError) as failed:
        send(address, key, [batch(99)])
    assert ended(failed.value).code is grpc.StatusCode.INTERNAL
    with urllib.request.urlopen(f"http://{metrics}/metrics", timeout=10) as answer:
        page = answer.read().decode()

    told = log.read_text()
    for event in ("batch_committed", "call_refused", "group_failed", "group_not_committed"):
        assert f'"event": "{event}"' in told
    for text in (told, page, postgres_log(database).read_text(errors="replace")):
        for secret in (MARK, key, key.split("_")[2], wrong, sha256(key.encode()).hexdigest()):
            assert secret not in text

"""What a client leaves of its calls: nothing that an exit could wait for."""

import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from livevalidation import ContractBroken, GaveUp, Options, SendFailed, open_channel, send_batches
from livevalidation.v1 import ingest_pb2
from tests.support.command_line import environment
from tests.support.ingest_double import Acks, Behaviour, IngestDouble, Stream, refuse, running, serve

_REPOSITORY = Path(__file__).resolve().parents[2]
_SEND = ("send", "-", "--key", "k", "--target", "127.0.0.1:1", "--give-up-after", "0.3", "--json")
_OPTIONS = Options(give_up_after=0.2, initial_backoff=0.01)


def test_a_given_up_sending_exits_whatever_grpc_is_at() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.exit_with_locks_held", *_SEND],
        input=b'{"name":"A","payload":{}}',
        capture_output=True,
        env=environment(),
        cwd=_REPOSITORY,
        timeout=20,
        check=False,
    )
    told = done.stderr.decode()
    assert done.returncode == 1, told
    assert json.loads(done.stdout)["received"] == 0
    assert "Check that the server runs" in told
    assert "Traceback" not in told


def miscount(stream: Stream) -> Acks:
    for batch in stream.read():
        yield ingest_pb2.BatchAck(batch_id=batch.batch_id, received=len(batch.events) + 1)


@pytest.mark.parametrize(
    ("behaviour", "failure"),
    [(serve, None), (refuse(grpc.StatusCode.UNAVAILABLE), GaveUp), (miscount, ContractBroken)],
    ids=["served", "given up", "against the contract"],
)
def test_no_call_outlives_its_stream(behaviour: Behaviour, failure: type[SendFailed] | None) -> None:
    raised = None
    batch = ingest_pb2.EventBatch(events=[ingest_pb2.Event(name="A")])
    double = IngestDouble(*[behaviour] * 1000)
    with running(double) as target, open_channel(target, _OPTIONS) as channel, without_collector():
        try:
            list(send_batches(channel, "k", [batch], _OPTIONS))
        except SendFailed as error:
            raised = error  # With its traceback, as whoever handles it has it.
        left = sum(issubclass(type(each), grpc.Call) for each in gc.get_objects())
    assert double.streams
    assert type(raised) is (failure or type(None))
    assert left == 0


@contextmanager
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

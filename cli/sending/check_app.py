"""Which app a key belongs to, as the server tells it."""

import time

import grpc

from cli.errors import BadUsage, CommandFailed
from cli.output import say
from livevalidation import Options, open_channel
from livevalidation.channel import metadata
from livevalidation.retry import Retrying, failure_of
from livevalidation.v1 import ingest_pb2, ingest_pb2_grpc

#: Initial metadata of every accepted call: the app's name in UTF-8.
APP_METADATA = "lvd-app-bin"
_TIMEOUT_SECONDS = 30


def check_app(target: str, api_key: str, options: Options, expected: str) -> None:
    """Asks the server by a batch of no events. Raises BadUsage (another app), CommandFailed, SendFailed."""
    found = _app_of(target, api_key, options)
    if found is None:
        raise CommandFailed(f"The server at {target} does not say whose the key is: leave --app away")
    if found != expected:
        raise BadUsage(
            f"--app {expected!r} does not fit the key, which is of the app {found!r}: nothing was sent"
        )


def _app_of(target: str, api_key: str, options: Options) -> str | None:
    retrying = Retrying(options)
    with open_channel(target, options) as channel:
        stub = ingest_pb2_grpc.IngestServiceStub(channel)
        while True:
            try:
                _, call = stub.SendEvents.with_call(
                    ingest_pb2.EventBatch(), metadata=metadata(api_key, "none"), timeout=_TIMEOUT_SECONDS
                )
            except grpc.RpcError as error:
                failure = failure_of(error)
                delay = retrying.delay_after(failure)
                say(f"The server does not say whose the key is ({failure}); asking again in {delay:.1f} s")
                time.sleep(delay)
            else:
                told = dict(call.initial_metadata()).get(APP_METADATA)
                return told.decode() if isinstance(told, bytes) else None

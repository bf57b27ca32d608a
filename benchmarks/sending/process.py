"""A client process: `python -m benchmarks.sending.process`.

Reads a job from stdin, makes its batches, opens its streams, says `ready`; begins when it reads another line;
says its report, and ends when stdin does, so that its CPU time can still be read.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import grpc
import grpc.aio

from benchmarks.events import DraftMaker
from benchmarks.sending.feeder import Diet, Feeder
from benchmarks.sending.job import Job, Report
from benchmarks.sending.stream import Stream
from benchmarks.sending.templates import make_templates
from livevalidation.channel import metadata

#: Streams that share a connection; a server takes 100.
_STREAMS_PER_CONNECTION = 25
_CHANNEL_OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", -1),
    # What is measured is the server, and mostly one on this machine.
    ("grpc.enable_http_proxy", 0),
)
#: First prefixes of processes lie so far apart.
_PREFIX_BITS = 28


def main() -> None:
    """Does one job."""
    job = Job.from_json(sys.stdin.buffer.readline())
    report = asyncio.run(_run(job))
    _say(report.to_json())
    sys.stdin.buffer.read()


async def _run(job: Job) -> Report:
    diet = _diet(job)
    # Nothing that a client makes is in cycles; a collection over its templates takes long.
    gc.collect()
    gc.freeze()
    gc.disable()
    streams = len(job.streams)
    report = Report(received=[0] * streams, duplicate=[0] * streams, rejected=[0] * streams)
    report.invalid = [0] * streams
    channels = [
        grpc.aio.insecure_channel(job.target, _CHANNEL_OPTIONS)
        for _ in range(-(-streams // _STREAMS_PER_CONNECTION))
    ]
    opened = [
        Stream(
            channels[number // _STREAMS_PER_CONNECTION],
            metadata(stream.key, job.verdicts),
            Feeder(diet, job.seed * 1_000 + number),
            job.unacked,
            report,
            number,
        )
        for number, stream in enumerate(job.streams)
    ]
    await asyncio.gather(*(_warm(job, number, stream) for number, stream in enumerate(opened)))
    _say(b"ready")
    await asyncio.to_thread(sys.stdin.buffer.readline)
    report.started = time.monotonic()
    await asyncio.gather(*(_send(job, report, number, stream) for number, stream in enumerate(opened)))
    report.ended = time.monotonic()
    for channel in channels:
        await channel.close(None)
    return report


async def _warm(job: Job, number: int, stream: Stream) -> None:
    await stream.warm_up(job.streams[number].warm_up_batches)


async def _send(job: Job, report: Report, number: int, stream: Stream) -> None:
    await stream.run(job.streams[number].batches, due_times(job, report.started, number))


def due_times(job: Job, started: float, number: int) -> Callable[[int], float] | None:
    """When a stream's n-th batch is to go: streams in turn, at the rate of all."""
    if job.rate is None:
        return None
    pause, streams = job.batch_size / job.rate, len(job.streams)

    def due(place: int) -> float:
        even = (place * streams + number) * pause
        within = even / job.burst_factor
        if within <= job.burst_seconds:
            return started + within
        return started + job.burst_seconds + even - job.burst_seconds * job.burst_factor

    return due


def _diet(job: Job) -> Diet:
    numbers = count(job.number << _PREFIX_BITS)
    maker = DraftMaker(job.seed, job.payload_bytes)
    templates = make_templates(maker, job.seed, iter([job.batch_size] * job.templates))
    history = Path(job.history).read_bytes() if job.history else b""
    return Diet(
        templates=templates,
        times=job.times,
        duplicates=job.duplicates,
        repeats=job.repeats,
        history=_split(history),
        next_prefix=lambda: next(numbers),
        clock=time.time,
    )


def _split(history: bytes) -> list[bytes]:
    """Events on the wire, each behind its length in four bytes."""
    events, place = [], 0
    while place < len(history):
        end = place + 4 + int.from_bytes(history[place : place + 4], "big")
        events.append(history[place + 4 : end])
        place = end
    return events


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

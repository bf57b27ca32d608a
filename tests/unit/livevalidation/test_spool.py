"""The spool's file: in order, bounded, of one process, and whole after a kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livevalidation.errors import SpoolUnusable
from livevalidation.spool import MIN_BYTES, Spool
from tests.faults.harness.small_disk import small_disk

#: Bytes, for those who read all there is.
MANY = 1 << 30


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.spool"


@pytest.fixture
def spool(path: Path) -> Iterator[Spool]:
    spool = Spool(path, MIN_BYTES)
    yield spool
    spool.close()


def records(spool: Spool, after: int = 0) -> list[bytes]:
    return [record for _, record in spool.read(after, 1_000_000, MANY)]


def test_records_come_back_in_order_until_they_are_removed(spool: Spool) -> None:
    for number in range(5):
        assert spool.append(b"%d" % number)
    assert spool.read(1, 2, MANY) == [(2, b"1"), (3, b"2")]
    spool.remove(2)
    assert records(spool) == [b"2", b"3", b"4"]
    assert (len(spool), spool.before_first, spool.last) == (3, 2, 5)


def test_a_reading_ends_with_the_record_that_fills_it_and_has_one_at_least(spool: Spool) -> None:
    for size in (400, 400, 400, 2_000, 1):
        assert spool.append(b"x" * size)
    readings = [(after, [number for number, _ in spool.read(after, 10, 800)]) for after in range(6)]
    assert readings == [(0, [1, 2]), (1, [2, 3]), (2, [3, 4]), (3, [4]), (4, [5]), (5, [])]
    assert [number for number, _ in spool.read(0, 2, 1_200)] == [1, 2]


@given(st.lists(st.one_of(st.binary(max_size=300), st.integers(1, 5), st.none()), max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
def test_a_spool_is_a_queue_that_survives_being_opened_again(
    tmp_path: Path, steps: list[bytes | int | None]
) -> None:
    """Bytes: append them; a number: remove as many of the oldest; None: close and open again."""
    path = tmp_path / "events.spool"
    path.unlink(missing_ok=True)
    spool, model, removed = Spool(path, MIN_BYTES), list[bytes](), 0
    for step in steps:
        if isinstance(step, bytes):
            assert spool.append(step)
            model.append(step)
        elif step is None:
            spool.close()
            spool = Spool(path, MIN_BYTES)
        elif model:
            numbers = [number for number, _ in spool.read(0, step, MANY)]
            spool.remove(numbers[-1])
            removed += len(numbers)
            del model[: len(numbers)]
        assert records(spool) == model
        assert len(spool) == len(model)
        assert not model or records(spool, spool.before_first) == model
    spool.close()


def test_a_full_spool_says_so_and_has_room_again_once_records_are_removed(spool: Spool, path: Path) -> None:
    record = b"x" * 1_000
    for _ in range(3):
        while spool.append(record):
            assert spool.size <= MIN_BYTES
        assert 800 <= len(spool) <= 1_048
        assert path.stat().st_size <= MIN_BYTES
        spool.remove(spool.last)
        assert len(spool) == 0
    assert spool.append(record)


def test_what_a_full_disk_cannot_delete_is_gone_all_the_same_and_deleted_once_there_is_room() -> None:
    with (
        small_disk(12) as disk,
        closing(Spool(disk.folder / "events.spool", 16 * MIN_BYTES)) as spool,
    ):
        others = disk.folder / "others"
        others.write_bytes(bytes(4 * MIN_BYTES))
        record = b"x" * 20_000
        while spool.append(record):
            pass
        disk.fill()
        newest = spool.last
        assert not spool.remove(3)
        assert (spool.before_first, len(spool)) == (3, newest - 3)
        assert not spool.append(record)
        assert spool.read(0, 1, MANY)[0][0] == 1, "on the disk"
        others.unlink()
        assert spool.append(record)
        assert spool.read(0, 1, MANY)[0][0] == 4
        assert (spool.last, len(spool)) == (newest + 1, newest - 2)


#: A limit of a file's size stands for a quota, and for any disk that fails: SQLite calls all of them
#: "disk I/O error". It holds for a whole process.
_LIMITED = """
import resource, sys
from pathlib import Path
from livevalidation.spool import Spool

def limit(soft):
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))

path = Path(sys.argv[1])
limit(resource.RLIM_INFINITY)
spool = Spool(path, 64 << 20)
limit(200_000)
kept = sum(iter(lambda: spool.append(b"x" * 10_000), False))
assert 5 < kept < 20, kept
assert (len(spool), spool.last, spool.refusal) == (kept, kept, "disk I/O error")
"""


def run_limited(path: Path, script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED + script, path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_a_failing_disk_does_not_take_is_told_and_taken_once_it_works(path: Path) -> None:
    run_limited(
        path,
        """
assert not spool.remove(1), "not deleted either"
assert not spool.append(b"x" * 10_000)
limit(resource.RLIM_INFINITY)
assert spool.append(b"last")
assert [number for number, _ in spool.read(0, 100, 1 << 30)] == list(range(2, kept + 2))
""",
    )


def test_a_spool_that_holds_nothing_more_begins_anew_where_nothing_can_be_written_to_it(path: Path) -> None:
    run_limited(
        path,
        """
assert spool.remove(spool.last)
assert (len(spool), spool.append(b"next"), spool.read(0, 100, 1 << 30)) == (0, True, [(kept + 1, b"next")])
""",
    )


def test_a_spool_whose_path_is_a_text_begins_anew_too(path: Path) -> None:
    run_limited(
        path,
        "spool.close()\npath.unlink()\n"
        + _LIMITED.replace("Spool(path", "Spool(str(path)")
        + """
assert spool.remove(spool.last)
assert (len(spool), spool.append(b"next")) == (0, True)
""",
    )


def test_a_spool_that_cannot_begin_anew_tries_again_with_each_record(path: Path) -> None:
    run_limited(
        path,
        """
limit(1)
assert spool.remove(spool.last), "the file is gone"
assert not spool.append(b"next")
assert (len(spool), spool.size) == (0, 0)
limit(resource.RLIM_INFINITY)
assert spool.append(b"next")
spool.close()
assert Spool(path, 64 << 20).read(0, 100, 1 << 30) == [(kept + 1, b"next")]
""",
    )


def test_a_spool_whose_folder_is_away_goes_on_once_it_is_back(path: Path) -> None:
    run_limited(
        path,
        """
folder, away = path.parent, path.parent.with_name("away")
folder.rename(away)
assert not spool.remove(spool.last)
assert not spool.append(b"x" * 10_000)
away.rename(folder)
assert spool.append(b"next")
""",
    )


def test_two_processes_cannot_share_a_spool(spool: Spool, path: Path) -> None:
    spool.append(b"1")
    with pytest.raises(SpoolUnusable, match="in use by another process"):
        Spool(path, MIN_BYTES)


def test_what_is_no_spool_is_left_alone(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"no database at all" * 1_000)
    with pytest.raises(SpoolUnusable, match="is no spool"):
        Spool(path, MIN_BYTES)
    assert path.read_bytes() == b"no database at all" * 1_000
    with pytest.raises(SpoolUnusable, match="cannot be opened"):
        Spool(tmp_path / "no such folder" / "events.spool", MIN_BYTES)
    with pytest.raises(ValueError, match="spool_bytes"):
        Spool(path, 10)


_FORKED = """
import os, signal, sys
from pathlib import Path
from livevalidation.spool import Spool
spool = Spool(Path(sys.argv[1]), 1 << 20)
assert spool.append(b"before")
references = sys.getrefcount(spool._connection)
child = os.fork()
if child == 0:
    del spool
    sys.exit()
assert os.waitpid(child, 0)[1] == 0
assert spool.append(b"after")
assert sys.getrefcount(spool._connection) == references
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_forked_process_that_exits_leaves_the_log_to_the_one_that_writes_it(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _FORKED, path], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    spool = Spool(path, MIN_BYTES)
    assert records(spool) == [b"before", b"after"]
    spool.close()


_WRITER = """
import sys
from pathlib import Path
from livevalidation.spool import Spool
spool = Spool(Path(sys.argv[1]), 64 << 20)
number = spool.last
while True:
    number += 1
    assert spool.append(b"%d" % number + b"." * (number % 3000))
    print(number, flush=True)
"""


def test_a_process_killed_while_it_writes_loses_nothing_that_it_was_told_is_kept(path: Path) -> None:
    told = 0
    for kill_after in (1, 40, 300):
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, path], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        for _ in range(kill_after):
            told = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        with writer:
            rest = writer.stdout.read().splitlines()
        told = int(rest[-1]) if rest else told
        spool = Spool(path, 64 << 20)
        kept = spool.read(0, 1_000_000, MANY)
        spool.close()
        assert len(kept) - told in (0, 1)
        assert kept == [(n, b"%d" % n + b"." * (n % 3000)) for n in range(1, len(kept) + 1)]

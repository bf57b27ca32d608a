import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.sending.lines import PAUSE, Line, Read, read_lines


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def read_file(path: Path, content: bytes, limit: int = 100) -> list[Read]:
    path.write_bytes(content)
    with path.open("rb") as file:
        return list(read_lines(file.fileno(), limit))


def test_lines_have_their_numbers_and_sizes(tmp_path: Path) -> None:
    assert read_file(tmp_path / "f", b"one\n\nthree") == [
        Line(1, b"one", 4),
        Line(2, b"", 1),
        Line(3, b"three", 5),
    ]
    assert read_file(tmp_path / "f", b"one\n") == [Line(1, b"one", 4)]
    assert read_file(tmp_path / "f", b"") == []


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    lines = read_file(tmp_path / "f", b"\xef\xbb\xbf{}\n\xef\xbb\xbf{}\n")
    assert [line.content for line in lines if isinstance(line, Line)] == [b"{}", b"\xef\xbb\xbf{}"]


@pytest.mark.parametrize("ending", [b"", b"\n"])
def test_a_line_beyond_the_limit_is_passed_over(tmp_path: Path, ending: bytes) -> None:
    long, limit = b"x" * 1_000_001, 1_000_000
    assert read_file(tmp_path / "f", b"a\n" + long + b"\nb\n" + long + ending, limit) == [
        Line(1, b"a", 2),
        Line(2, None, len(long) + 1),
        Line(3, b"b", 2),
        Line(4, None, len(long) + len(ending)),
    ]


def test_a_line_of_the_limit_is_whole_across_chunks(tmp_path: Path) -> None:
    long = bytes(range(32, 127)) * 20_000
    assert read_file(tmp_path / "f", long + b"\nb", len(long)) == [
        Line(1, long, len(long) + 1),
        Line(2, b"b", 1),
    ]


def test_a_pipe_that_gives_nothing_pauses_and_goes_on(pipe: tuple[int, int]) -> None:
    reading, writing = pipe

    def write() -> None:
        os.write(writing, b"one\ntw")
        time.sleep(0.5)
        os.write(writing, b"o\n")
        os.close(writing)

    writer = threading.Thread(target=write)
    writer.start()
    reads = list(read_lines(reading, 100))
    writer.join()
    assert [read for read in reads if read is not PAUSE] == [Line(1, b"one", 4), Line(2, b"two", 4)]
    assert reads[1] is PAUSE

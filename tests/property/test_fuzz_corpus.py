"""Every input that fuzzing began with, or once failed on, again; `make fuzz` looks for more."""

from pathlib import Path

import pytest

from tests.fuzz.ingest_target import try_bytes

_CORPUS = sorted((Path(__file__).parents[1] / "fuzz" / "corpus").iterdir())


@pytest.mark.parametrize("path", _CORPUS, ids=lambda path: path.name)
def test_of_the_corpus(path: Path) -> None:
    try_bytes(path.read_bytes())

"""Data sets that live beside the repository, read in place; they may be missing."""

from pathlib import Path

import pytest

_SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def shared_data(name: str) -> Path:
    """The path of a data set, like `github-webhooks`; skips the test where it is missing."""
    path = _SHARED_DATA / name
    if not path.exists():
        pytest.skip(f"the data set shared/data/{name} does not lie beside the repository")
    return path

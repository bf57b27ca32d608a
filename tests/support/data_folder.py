"""Data folders for tests that run an embedded server of their own."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.embedded import EmbeddedPostgres


@contextmanager
def temporary_data_dir() -> Iterator[Path]:
    """A data folder that root's unprivileged user can reach too; removed with its server and its cluster."""
    parent = Path(tempfile.mkdtemp(prefix="lvd-test-"))
    parent.chmod(0o755)
    try:
        yield parent / "data"
    finally:
        remove_data_dir(parent / "data")
        shutil.rmtree(parent)


def remove_data_dir(data_dir: Path) -> None:
    """Stops the server of a data folder and removes all it stored, also outside the folder."""
    EmbeddedPostgres(data_dir).stop()
    cluster = (data_dir / "postgres").resolve()
    for folder in (cluster, data_dir):
        if folder.exists():
            shutil.rmtree(folder)

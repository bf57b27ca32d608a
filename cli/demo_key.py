"""The key of the demo's first app: the only key that is kept, so that an event can be sent by hand."""

import os
import tempfile
from pathlib import Path


def demo_key_path(data_dir: Path) -> Path:
    """Where the key lies in a data folder."""
    return data_dir / "demo.key"


def read_demo_key(data_dir: Path) -> str | None:
    """The kept key; None: none was made yet."""
    path = demo_key_path(data_dir)
    return path.read_text(encoding="ascii").strip() if path.exists() else None


def write_demo_key(data_dir: Path, key: str) -> None:
    """Keeps the key for this user alone, at one stroke: whoever reads the file reads all of it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=data_dir, prefix=".demo.key.")  # mode 0600
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{key}\n")
    Path(temporary).replace(demo_key_path(data_dir))

"""What a figure depends on beside the code: machine, versions, settings, revision."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Engine, text

from storage.database import translate_errors

_PACKAGES = (
    "grpcio",
    "protobuf",
    "orjson",
    "jsonschema-rs",
    "psycopg2-binary",
    "sqlalchemy",
    "dash",
)
#: Settings of Postgres that decide what a commit costs, and what a read finds in memory.
_SETTINGS = (
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "shared_buffers",
    "max_wal_size",
    "checkpoint_timeout",
    "wal_compression",
    "autovacuum",
    "max_parallel_workers_per_gather",
    "jit",
)
_SETTINGS_QUERY = text("SELECT name, current_setting(name) FROM unnest(CAST(:names AS text[])) AS name")


def surroundings(engine: Engine, seed: int) -> dict[str, Any]:
    """All of it, as JSON. Raises Unavailable."""
    with translate_errors(), engine.connect() as conn:
        settings: dict[str, str] = dict(
            conn.execute(_SETTINGS_QUERY, {"names": list(_SETTINGS)}).tuples().all()
        )
        postgres = conn.execute(text("SHOW server_version")).scalar_one()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": revision(),
        "seed": seed,
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "cores": os.cpu_count(),
            "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
            #: Processes that wanted a core in the minute before: on a quiet machine it is near 0.
            "load_before": round(os.getloadavg()[0], 2),
        },
        "versions": {
            "python": platform.python_version(),
            "postgres": postgres,
            **{name: version(name) for name in _PACKAGES},
        },
        "postgres_settings": settings,
    }


def revision() -> str | None:
    """The commit of the sources, with a + where they differ from it; None where there is no repository."""
    folder = Path(__file__).parent
    described = ["git", "-C", str(folder), "describe", "--always", "--exclude=*", "--dirty=+"]
    try:
        told = subprocess.run(described, capture_output=True, text=True, check=False, timeout=30)
    except OSError:
        return None
    return told.stdout.strip() or None

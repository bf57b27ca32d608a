"""An ingest server as a process: `python -m benchmarks.ingest_process`. Settings by environment, as ever.

Says its address when it takes calls; serves until SIGTERM.
"""

import sys

import structlog

from ingest_server.main import run
from ingest_server.settings import IngestSettings
from storage.settings import StorageSettings, read_settings


def main() -> int:
    """Serves; returns the exit code."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    storage = read_settings(StorageSettings)
    if storage.database_url is None:
        raise SystemExit("LVD_DATABASE_URL is not set")
    return run(read_settings(IngestSettings), storage, storage.database_url, _say_address)


def _say_address(address: str) -> None:
    print(address, flush=True)


if __name__ == "__main__":
    sys.exit(main())

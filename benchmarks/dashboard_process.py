"""A dashboard as a process: `python -m benchmarks.dashboard_process`. Settings by environment, as ever."""

from dashboard.server import run
from dashboard.settings import DashboardSettings
from storage.settings import StorageSettings, read_settings


def main() -> None:
    """Serves until SIGTERM."""
    storage = read_settings(StorageSettings)
    if storage.database_url is None:
        raise SystemExit("LVD_DATABASE_URL is not set")
    run(read_settings(DashboardSettings), storage.database_url, storage.database_url)


if __name__ == "__main__":
    main()

"""The embedded server's settings: modest, and made for one steady writer beside a few readers."""

from pathlib import Path

import psutil

_MB = 1 << 20
_GB = 1 << 30
#: Where a container's limit is told (cgroup v2); psutil sees the whole machine.
_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")

#: On the command line, where no configuration file can weaken them: an ack promises a commit on disk.
DURABILITY = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def usable_memory() -> int:
    """Bytes of memory this process may count on."""
    machine = int(psutil.virtual_memory().total)
    try:
        limit = _CONTAINER_LIMIT.read_text(encoding="ascii").strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdigit() else machine


def settings(memory: int) -> dict[str, str]:
    """postgresql.conf's settings for that many bytes of memory."""
    return {
        # A quarter is the manual's advice; 2 GB hold the right edge of every index, all that writes touch.
        "shared_buffers": _megabytes(min(memory // 4, 2 * _GB)),
        # A hint only: what the system's own cache will hold besides.
        "effective_cache_size": _megabytes(memory // 2),
        # Per sort or hash of a query; the readers seek along indexes and seldom need any.
        "work_mem": "16MB",
        # Index builds on new partitions, vacuum.
        "maintenance_work_mem": _megabytes(min(memory // 16, 256 * _MB)),
        # Pools of several ingest processes and dashboard workers, and room for a person with psql.
        "max_connections": "100",
        # A query that meets every partition locks each with all its indexes: 90 days are some 500 locks. It
        # also sizes the locks a session takes without the shared table (since 18).
        "max_locks_per_transaction": "256",
        # Full pages are written again after each checkpoint: rare checkpoints make bulk COPY cheaper, at the
        # price of a longer recovery.
        "max_wal_size": "4GB",
        "min_wal_size": "512MB",
        # A new file is not filled with zeros first: while one was, commits waited 50 ms, and a quarter of
        # Postgres's time went there. A full disk is told at the write instead: docs/decisions/0007.
        "wal_init_zero": "off",
        "checkpoint_timeout": "15min",
        # Pages that a busy writer pushes out go to the disk soon, not half a minute later all at once, when
        # commits waited up to 100 ms for the same disk.
        "backend_flush_after": "2MB",
        # This build knows only pglz, which costs the writing backend more time than the bytes it saves.
        "wal_compression": "off",
        # Solid-state disks: a random page costs about what the next one costs.
        "random_page_cost": "1.1",
        # Queries take milliseconds; compiling one takes longer.
        "jit": "off",
        # The cores belong to the writer and to many small reads: one query must not take them all.
        "max_parallel_workers_per_gather": "0",
        # The ledger and the rollups are small and always rewritten: look at them often, finish fast.
        "autovacuum_naptime": "15s",
        "autovacuum_vacuum_cost_limit": "1000",
        # One per core of a small machine; the default of 3 would starve the writer.
        "autovacuum_max_workers": "2",
        # Every time that is stored or shown is UTC.
        "timezone": "UTC",
        "log_timezone": "UTC",
        # What was slow, who waited for whom; I/O times in EXPLAIN and pg_stat_io cost next to nothing here.
        "log_min_duration_statement": "2s",
        "log_lock_waits": "on",
        "track_io_timing": "on",
        # Keys and statements carry users' data, and a failed optimistic COPY is everyday: keep both out.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_line_prefix": "'%m [%p] %a '",
        # Only over the socket, which only its users may open.
        "listen_addresses": "''",
        "unix_socket_permissions": "0700",
        "cluster_name": "lvd",
    }


def render(values: dict[str, str]) -> str:
    """The text of a configuration file."""
    return "".join(f"{name} = {value}\n" for name, value in values.items())


def _megabytes(size: int) -> str:
    return f"{max(size // _MB, 16)}MB"

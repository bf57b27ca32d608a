"""Another process that keeps the embedded server of a data folder running."""

import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path


def start_holder(
    data_dir: Path, environment: dict[str, str] | None = None, prefix: Sequence[str] = ()
) -> subprocess.Popen[str]:
    """A process that starts the server, tells when that began, and keeps it until its stdin ends.

    `prefix` is a program that runs it, like `unshare` with its options.
    """
    code = """
        import sys, pathlib, psycopg2
        from storage.embedded import EmbeddedPostgres
        server = EmbeddedPostgres(pathlib.Path(sys.argv[1]))
        with psycopg2.connect(server.start()) as conn, conn.cursor() as cursor:
            cursor.execute("SELECT pg_postmaster_start_time()::text")
            print(cursor.fetchone()[0], flush=True)
        conn.close()
        sys.stdin.read()
        server.release()
    """
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", textwrap.dedent(code), str(data_dir)],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(holder: subprocess.Popen[str]) -> str:
    """Lets it release the server; what it told."""
    told, _ = holder.communicate(timeout=60)
    assert holder.returncode == 0
    return told.strip()

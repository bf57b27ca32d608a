"""Backups by PostgreSQL's own programs, which come with the embedded server."""

import os
import subprocess
from pathlib import Path

from sqlalchemy import Engine, make_url, text

from storage.database import normal_url, translate_errors
from storage.embedded.binaries import packaged_program
from storage.errors import Conflict, StorageError

#: Older servers do not know a setting that our pg_restore sends first.
_OLDEST_TO_RESTORE = 170_000

_TABLES = text("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()")
_VERSION = text("SELECT current_setting('server_version_num')::int")


class BackupFailed(StorageError):
    """A program of PostgreSQL's said no; the message holds its words."""


def dump(url: str, target: Path) -> None:
    """Writes the whole database, as of one moment, to a file for this user alone, in pg_dump's custom format.

    Servers go on meanwhile. A former file is replaced only once the new one is whole. Raises BackupFailed.
    """
    partial = target.with_name(f"{target.name}.partial")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    except OSError as error:
        raise BackupFailed(f"{partial} cannot be written: {error.strerror}") from None
    try:
        _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={partial}")
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)  # half a backup is none, and would keep a full disk full
        raise


def restore(engine: Engine, url: str, source: Path) -> None:
    """Fills an empty database from such a file, all or nothing.

    Raises Conflict (the database is not empty, or older than PostgreSQL 17), BackupFailed, Unavailable.
    """
    with translate_errors(), engine.connect() as conn:
        if conn.execute(_TABLES).scalar_one():
            raise Conflict("The database holds tables already: restore into an empty one")
        if conn.execute(_VERSION).scalar_one() < _OLDEST_TO_RESTORE:
            raise Conflict(
                "The server is older than PostgreSQL 17: use its own pg_restore, then `lvd db restored`"
            )
    flags = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _run("pg_restore", url, *flags, str(source.absolute()))


def _run(program: str, url: str, *arguments: str) -> None:
    place = make_url(normal_url(url)).set(drivername="postgresql")
    # A password on the command line could be read by every user of the machine.
    environment = {**os.environ, "PGPASSWORD": place.password or os.environ.get("PGPASSWORD", "")}
    where = place.set(password=None).render_as_string()
    done = subprocess.run(  # noqa: S603 - a program of ours
        [packaged_program(program), "--dbname", where, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BackupFailed(f"{program} failed: {done.stderr.strip()}")

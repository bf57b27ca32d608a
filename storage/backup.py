"""Backups by PostgreSQL's own programs, which come with the embedded server."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from tempfile import TemporaryFile
from typing import IO, cast

from sqlalchemy import Engine, make_url, text

from storage.database import normal_url, translate_errors
from storage.embedded.binaries import packaged_program
from storage.errors import Conflict, StorageError

#: Older servers do not know a setting that our pg_restore sends first; their own one does not read what our
#: pg_dump writes.
_KNOWS_THE_SETTING = 170_000
_SETTING = b"SET transaction_timeout = 0;\n"
_OWNED_BY_US = ("--no-owner", "--no-privileges")

_TABLES = text("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()")
_VERSION = text("SELECT current_setting('server_version_num')::int")


class BackupFailed(StorageError):
    """A program of PostgreSQL's said no; the message holds its words."""


def dump(url: str, target: Path) -> None:
    """Writes the whole database, as of one moment, to a file for this user alone, in pg_dump's custom format.

    Servers go on meanwhile. A former file is replaced only once the new one is whole. Raises BackupFailed.
    """
    if target.exists() and not target.is_file():
        raise BackupFailed(f"{target} is no file, and would be replaced by one: name a file, like lvd.backup")
    partial = target.with_name(f"{target.name}.partial")
    with _written_by_us_alone(partial) as handle:
        try:
            arguments = ("--format=custom", *_OWNED_BY_US, f"--file={partial}")
            _run("pg_dump", url, *arguments, inherited=(handle,))
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)  # half a backup is none, and would keep a full disk full
            raise


@contextmanager
def _written_by_us_alone(partial: Path) -> Iterator[int]:
    """A handle that locks the file, made if missing; a program that inherits it keeps the lock to its end.

    Two backups that wrote into one file would leave neither. Raises BackupFailed.
    """
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise BackupFailed(f"{partial} cannot be written: {error.strerror}") from None
    try:
        if not _locked(handle, partial):
            raise BackupFailed(f"Another backup writes {partial}: wait for its end, or name another file")
        yield handle
    finally:
        os.close(handle)


def _locked(handle: int, partial: Path) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had the lock before us may have renamed the file since we opened it: then it is a backup.
        return os.path.samestat(os.fstat(handle), partial.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def restore(engine: Engine, url: str, source: Path) -> None:
    """Fills an empty database from such a file, all or nothing.

    Raises Conflict (the database is not empty), BackupFailed, Unavailable.
    """
    with translate_errors(), engine.connect() as conn:
        if conn.execute(_TABLES).scalar_one():
            raise Conflict("The database holds tables already: restore into an empty one")
        knows_the_setting = conn.execute(_VERSION).scalar_one() >= _KNOWS_THE_SETTING
    if knows_the_setting:
        flags = (*_OWNED_BY_US, "--exit-on-error", "--single-transaction")
        _run("pg_restore", url, *flags, str(source.absolute()))
    else:
        _restore_by_script(url, source)


def _restore_by_script(url: str, source: Path) -> None:
    where, environment = _login(url)
    pg_restore, psql = str(packaged_program("pg_restore")), str(packaged_program("psql"))
    read = [pg_restore, *_OWNED_BY_US, "--file=-", str(source.absolute())]
    fill = [psql, "--dbname", where, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    with TemporaryFile("w+") as told:
        with (
            Popen(read, stdout=PIPE, stderr=told) as reading,  # noqa: S603 - a program of ours
            Popen(fill, stdin=PIPE, stdout=DEVNULL, stderr=told, env=environment) as filling,  # noqa: S603 - as above
        ):
            _hand_over(reading, filling)
        if reading.returncode or filling.returncode:
            told.seek(0)
            raise BackupFailed(f"pg_restore failed: {told.read().strip()}")


def _hand_over(reading: Popen[bytes], filling: Popen[bytes]) -> None:
    """Feeds psql with the script but for the setting; committed is only what was read to its end."""
    lines, script = cast("IO[bytes]", reading.stdout), cast("IO[bytes]", filling.stdin)
    # psql ends at the first error, and says which.
    with suppress(BrokenPipeError), script:
        script.write(b"BEGIN;\n")
        for line in lines:
            if line == _SETTING:
                break
            script.write(line)
        shutil.copyfileobj(lines, script)
        if reading.wait() == 0:
            script.write(b"COMMIT;\n")


def _login(url: str) -> tuple[str, dict[str, str]]:
    """What a program needs to connect: where to, and its environment."""
    place = make_url(normal_url(url)).set(drivername="postgresql")
    # A password on the command line could be read by every user of the machine.
    environment = {**os.environ, "PGPASSWORD": place.password or os.environ.get("PGPASSWORD", "")}
    return place.set(password=None).render_as_string(), environment


def _run(program: str, url: str, *arguments: str, inherited: tuple[int, ...] = ()) -> None:
    where, environment = _login(url)
    done = subprocess.run(  # noqa: S603 - a program of ours
        [packaged_program(program), "--dbname", where, *arguments],
        env=environment,
        pass_fds=inherited,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BackupFailed(f"{program} failed: {done.stderr.strip()}")

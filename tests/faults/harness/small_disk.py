"""A small file system for a database's tables or its WAL, which can be filled up. Mounting needs root."""

import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql
from sqlalchemy import make_url

from storage import migrate

_SUPERUSER = "postgres"
_NAME = "lvd_small"
_PAGE = bytes(4_096)


class SmallDisk:
    """A file system of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leaves no page free, whatever Postgres takes meanwhile."""
        with self._ballast.open("wb", buffering=0) as ballast:
            try:
                while ballast.write(_PAGE):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def free(self) -> None:
        """As before."""
        self._ballast.unlink()


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Skips the test where nothing may be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="lvd-small-"))
    try:
        with _mounted(folder, megabytes):
            yield SmallDisk(folder)
    finally:
        folder.rmdir()


@contextmanager
def database_on(disk: SmallDisk, server_url: str) -> Iterator[str]:
    """The URL of a migrated database whose tables lie there; its WAL does not."""
    with _database(server_url, disk.folder) as url:
        migrate.upgrade(url)
        yield url


@contextmanager
def _mounted(folder: Path, megabytes: int) -> Iterator[None]:
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root may mount the small file system that this test fills")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def _database(server_url: str, folder: Path) -> Iterator[str]:
    """A database in a tablespace there."""
    url = make_url(server_url)
    socket_folder = Path(str(url.query["host"]))
    place = folder / "tables"
    place.mkdir()
    shutil.chown(place, socket_folder.owner(), socket_folder.group())
    with closing(_superuser(server_url)) as conn, conn.cursor() as cursor:
        space = sql.Identifier(_NAME)
        cursor.execute(
            sql.SQL("CREATE TABLESPACE {} OWNER lvd LOCATION {}").format(space, sql.Literal(str(place)))
        )
        cursor.execute(sql.SQL("CREATE DATABASE {} OWNER lvd TABLESPACE {}").format(space, space))
        try:
            yield url.set(database=_NAME).render_as_string(hide_password=False)
        finally:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(space))
            cursor.execute(sql.SQL("DROP TABLESPACE {}").format(space))


def _superuser(server_url: str) -> "psycopg2.extensions.connection":
    url = make_url(server_url).set(username=_SUPERUSER, database="postgres")
    conn = psycopg2.connect(url.render_as_string(hide_password=False))
    conn.autocommit = True
    return conn

"""A backup of PostgreSQL 15 or 16, and back into it: where Debian's package of such a server is there."""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.bad_input import event, field
from tests.support.command_line import CommandLine
from tests.support.ingest import new_tenant, running_server, send_bytes
from tests.support.oracle import check_app
from tests.support.writing import engine_of

OLDER = sorted(Path("/usr/lib/postgresql").glob("1[56]/bin/initdb"))


@pytest.fixture(scope="module")
def older_server() -> Iterator[str]:
    """The URL of a server that is older than PostgreSQL 17, up to the database's name."""
    if not OLDER:
        pytest.skip("no PostgreSQL 15 or 16 is installed")
    programs = OLDER[0].parent
    with tempfile.TemporaryDirectory(prefix="lvd-older-") as name:
        folder, user = Path(name), "nobody" if os.geteuid() == 0 else None
        if user is not None:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)

        def run(program: str, *arguments: str) -> None:
            command = [str(programs / program), f"--pgdata={folder / 'data'}", *arguments]
            subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)

        run("initdb", "--username=lvd", "--auth=trust", "--no-sync")
        options = f"-k {folder} -c listen_addresses= -c max_locks_per_transaction=256 -c fsync=off"
        run("pg_ctl", "start", "--wait", f"--options={options}", f"--log={folder / 'log'}")
        try:
            yield f"postgresql://lvd@/{{name}}?host={folder}"
        finally:
            run("pg_ctl", "stop", "--mode=immediate")


def new_database(server: str, name: str) -> str:
    with (
        engine_of(server.format(name="postgres")) as engine,
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn,
    ):
        conn.execute(text(f"CREATE DATABASE {name}"))
    return server.format(name=name)


def test_a_backup_of_an_older_server_goes_back_into_one(older_server: str, tmp_path: Path) -> None:
    file, before = tmp_path / "lvd.backup", new_database(older_server, "before")
    lvd = CommandLine(DATABASE_URL=before)
    lvd.run("db", "upgrade")
    with engine_of(before) as engine:
        tenant = new_tenant(engine, "shop")
    with running_server(before) as running:
        send_bytes(running.address, tenant.key, [field(2, event()) * 3])
    lvd.run("db", "backup", file)

    after = new_database(older_server, "after")
    target = CommandLine(DATABASE_URL=after)
    assert target.json("db", "restore", file) == {"apps": 1}
    assert "holds tables already" in target.run("db", "restore", file, exit_code=1).stderr
    with engine_of(after) as engine:
        assert check_app(engine, tenant.app_id) == 1
    assert target.json("db", "status")["apps"][0]["minutes_that_do_not_add_up"] == []


@pytest.mark.parametrize("lost", [10, 1_000_000])
def test_nothing_of_a_torn_backup_is_kept(
    older_server: str, database: str, tmp_path: Path, lost: int
) -> None:
    file = tmp_path / "lvd.backup"
    CommandLine(DATABASE_URL=database).run("db", "backup", file)
    os.truncate(file, max(0, file.stat().st_size - lost))
    target = new_database(older_server, f"torn_{lost}")
    assert "pg_restore" in CommandLine(DATABASE_URL=target).run("db", "restore", file, exit_code=1).stderr
    with engine_of(target) as engine, engine.connect() as conn:
        assert conn.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar() == 0

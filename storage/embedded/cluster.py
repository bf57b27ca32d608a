"""The cluster: PostgreSQL's own folder. Where it is, how it is made, and what is written into it."""

import os
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote

from storage.embedded import tuning
from storage.embedded.account import Account, current_account
from storage.embedded.binaries import MAJOR, state_folder
from storage.embedded.errors import EmbeddedPostgresError, explain

#: The role and the database that lvd works with. The role is no superuser; it may make databases of its own.
ROLE = "lvd"
DATABASE = "lvd"
#: The superuser, for the one-off making of role and database.
SUPERUSER = "postgres"
_USER_MAP = "lvd"

#: In the data folder: the cluster, or a link to it where the server's user cannot reach the data folder.
_NAME = "postgres"
_SETTINGS_FILE = "lvd.conf"
#: In a cluster that a data folder links to: that folder's path.
_FOLDER_FILE = "lvd.folder"


def locate(data_dir: Path) -> Path | None:
    """The cluster of a data folder, None if it has none yet. Raises if its link leads nowhere.

    Also if the data folder is a copy of another, and so links to what is the other's.
    """
    noted = data_dir / _NAME
    if noted.exists():
        if noted.is_symlink():
            _refuse_copy(data_dir, noted.resolve())
        return noted.resolve()
    if noted.is_symlink():
        raise EmbeddedPostgresError(
            f"The data of {data_dir} should be in {noted.readlink()}, which is gone: bring it back, "
            f"or remove {noted} to begin with an empty database"
        )
    return None


def create(data_dir: Path, account: Account, binaries: Path, log: Path) -> Path:
    """Makes the cluster and notes it in the data folder; returns its folder.

    What a kill leaves half-made has another name, and is thrown away by the next attempt.
    """
    noted = data_dir / _NAME
    home = noted if account.can_reach(data_dir) else _outside(data_dir)
    partial = home.with_name(f"{home.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    account.make_folder(partial)
    try:
        _initdb(partial, account, binaries, log)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    partial.replace(home)
    if home != noted:
        noted.symlink_to(home)
    return home.resolve()


def claim(data_dir: Path, cluster: Path, account: Account) -> None:
    """Notes in a cluster that the data folder links to whose it is, so that a copy of the link is told."""
    if (data_dir / _NAME).is_symlink():
        account.write(cluster / _FOLDER_FILE, quote(str(data_dir.resolve()), errors="surrogateescape"))


def check_version(cluster: Path) -> None:
    """Raises if another major version of PostgreSQL made the cluster, or if it is none."""
    try:
        found = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise EmbeddedPostgresError(
            f"{cluster} holds no PostgreSQL data: move it away, or choose another folder with --data-dir"
        ) from None
    if found != str(MAJOR):
        raise EmbeddedPostgresError(
            f"{cluster} was made by PostgreSQL {found}, this version of lvd brings {MAJOR}: export with the "
            "lvd that made it, or choose another folder with --data-dir"
        )


def configure(cluster: Path, account: Account, overrides: Mapping[str, str]) -> None:
    """Writes our settings and who may connect. An administrator's own settings in postgresql.conf win."""
    values = {**tuning.settings(tuning.usable_memory()), **overrides}
    account.write(cluster / _SETTINGS_FILE, tuning.render(values))
    # The system's own word for who is at the other end of the socket: no password to keep or to leak.
    account.write(cluster / "pg_hba.conf", f"local all all peer map={_USER_MAP}\n")
    names = sorted({account.name, current_account().name, "root"})
    lines = [f'{_USER_MAP} "{name}" {role}\n' for name in names for role in (ROLE, SUPERUSER)]
    account.write(cluster / "pg_ident.conf", "".join(lines))


def _refuse_copy(data_dir: Path, cluster: Path) -> None:
    """Raises if the cluster notes another folder that still links to it; one that does not was moved."""
    try:
        text = (cluster / _FOLDER_FILE).read_text(encoding="ascii")
    except (FileNotFoundError, PermissionError):  # who may not read it is told so by all that follows
        return
    other = Path(unquote(text, errors="surrogateescape"))
    if os.path.realpath(other / _NAME) == str(cluster) and not other.samefile(data_dir):
        raise EmbeddedPostgresError(
            f"{data_dir} is a copy of {other}, and both mean the one database in {cluster}: give an empty "
            "folder with --data-dir, and fill it from a backup by `lvd db restore`"
        )


def _outside(data_dir: Path) -> Path:
    clusters = state_folder() / "clusters"
    if not clusters.exists():
        clusters.mkdir(exist_ok=True)
        clusters.chmod(0o755)
    # Random, not derived from the path: a data folder made anew must not find the old one's data.
    return clusters / f"{data_dir.parent.name}-{uuid.uuid4().hex[:12]}"


def _initdb(folder: Path, account: Account, binaries: Path, log: Path) -> None:
    result = account.run(
        [
            binaries / "initdb",
            "--pgdata=.",
            f"--username={SUPERUSER}",
            "--auth=peer",
            "--encoding=UTF8",
            # Sorts by code point, the same on every system, and fast; knows case beyond ASCII.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        ],
        cwd=folder,
    )
    output = result.stdout.decode(errors="replace")
    if result.returncode != 0:
        raise EmbeddedPostgresError(explain("making its data folder", output, log))
    config = folder / "postgresql.conf"
    # First, so that every line an administrator adds below it, or sets by ALTER SYSTEM, wins.
    account.write(config, f"include_if_exists = '{_SETTINGS_FILE}'\n\n# Your own settings:\n")

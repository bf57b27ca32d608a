"""Write the Python stubs of the contract: messages, gRPC classes, and types for both.

`python proto/generate.py` writes them into the project; with `--check` it writes nothing, names the stubs
that differ from the contract, and exits with 1 if there are any.
"""

import argparse
import sys
import sysconfig
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from grpc_tools import protoc  # type: ignore[import-untyped]

PROTO_ROOT = Path(__file__).resolve().parent
PROJECT_ROOT = PROTO_ROOT.parent
#: Generated files end so; everything else in the package is written by hand.
STUB_PATTERNS = ("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*_pb2_grpc.pyi")


def generate(out: Path) -> None:
    """Write the stubs of every .proto below out/, in the folders of their packages."""
    arguments = [
        "protoc",
        f"-I{PROTO_ROOT}",
        f"-I{files('grpc_tools') / '_proto'}",
        *(_plugin(name) for name in ("mypy", "mypy_grpc")),
        f"--python_out={out}",
        f"--grpc_python_out={out}",
        f"--mypy_out=quiet:{out}",
        f"--mypy_grpc_out=quiet:{out}",
        *sorted(str(path.relative_to(PROTO_ROOT)) for path in PROTO_ROOT.rglob("*.proto")),
    ]
    if protoc.main(arguments) != 0:
        raise SystemExit("The contract does not compile: mend the lines that protoc named above.")


def stale_stubs(out: Path) -> list[str]:
    """Stubs below out/ that the contract does not give: changed, missing, or left over."""
    with TemporaryDirectory() as fresh:
        generate(Path(fresh))
        expected, found = _stubs(Path(fresh)), _stubs(out)
    return sorted(name for name in expected | found if expected.get(name) != found.get(name))


def _plugin(name: str) -> str:
    # Named by its full path, so that an environment which is not activated works too.
    suffix = ".exe" if sys.platform == "win32" else ""
    return f"--plugin=protoc-gen-{name}={Path(sysconfig.get_path('scripts'), f'protoc-gen-{name}{suffix}')}"


def _stubs(root: Path) -> dict[str, bytes]:
    folder = root / "livevalidation"
    paths = (path for pattern in STUB_PATTERNS for path in folder.rglob(pattern))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PROJECT_ROOT, help="folder that holds livevalidation/")
    parser.add_argument("--check", action="store_true", help="only compare")
    options = parser.parse_args(arguments)
    if not options.check:
        generate(options.out)
        return 0
    stale = stale_stubs(options.out)
    for name in stale:
        sys.stderr.write(f"{name} differs from the contract: run `python proto/generate.py`.\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())

"""The generated stubs in the tree are those of the contract in the tree."""

import shutil
import subprocess
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
STUBS = PROJECT_ROOT / "livevalidation" / "v1"


def check_stubs(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "proto/generate.py", "--check", "--out", str(root)]
    return subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_the_committed_stubs_are_those_of_the_contract() -> None:
    result = check_stubs(PROJECT_ROOT)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_changed_a_missing_and_a_left_over_stub_are_named(tmp_path: Path) -> None:
    copy = tmp_path / "livevalidation" / "v1"
    shutil.copytree(STUBS, copy)
    with (copy / "ingest_pb2.pyi").open("a") as stub:
        stub.write("# edited by hand\n")
    (copy / "ingest_pb2_grpc.py").unlink()
    (copy / "gone_pb2.py").touch()

    result = check_stubs(tmp_path)

    assert result.returncode == 1
    assert [line.split()[0] for line in result.stderr.splitlines()] == [
        "livevalidation/v1/gone_pb2.py",
        "livevalidation/v1/ingest_pb2.pyi",
        "livevalidation/v1/ingest_pb2_grpc.py",
    ]

"""What the README and docs/client.md tell people to type, typed."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import environment
from tests.support.ingest import running_server

_ROOT = Path(__file__).resolve().parents[2]


class Shell:
    """A shell in an empty folder, with `lvd` on its path."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        lvd = folder / "bin" / "lvd"
        lvd.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli "$@"\n')
        lvd.chmod(0o755)
        path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        self._environment = environment(**settings) | {"PATH": path, "PYTHONPATH": str(_ROOT)}

    def run(self, script: str) -> str:
        done = subprocess.run(
            ["sh", "-e", "-c", script],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def address(database: str) -> Iterator[str]:
    with running_server(database) as server:
        yield server.address


def blocks(language: str, document: str = "README.md") -> list[str]:
    """The code blocks of a document in one language; "" are commands."""
    text = (_ROOT / document).read_text()
    return [
        block for kind, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S) if kind == language
    ]


def block_with(word: str, language: str = "") -> str:
    (found,) = (block for block in blocks(language) if word in block)
    return found


def test_the_tour_does_what_it_says(database: str, address: str, tmp_path: Path) -> None:
    shell = Shell(tmp_path, DATABASE_URL=database, TARGET=address)
    (tmp_path / "plan.yaml").write_text(block_with("Signed Up", "yaml"))
    send = block_with("verdicts.jsonl")
    python = block_with("import", "python").replace("127.0.0.1:50051", address)
    (tmp_path / "own.py").write_text(python)
    told = shell.run(
        f"{block_with('lvd plan check')}\n{send}\nlvd send events.jsonl --json\n{sys.executable} own.py"
    ).splitlines()
    verdicts = [json.loads(line) for line in told if line.startswith('{"line"')]
    assert [verdict["verdict"] for verdict in verdicts] == ["valid", "invalid", "unplanned"]
    assert len(verdicts[1]["violations"]) == 3
    (again,) = (json.loads(line) for line in told if line.startswith('{"sent"'))
    assert (again["received"], again["duplicate"]) == (3, 3)
    assert told[-1] == "valid []"


def test_each_snippet_of_the_client_runs_by_itself(database: str, address: str, tmp_path: Path) -> None:
    shell = Shell(tmp_path, DATABASE_URL=database, TARGET=address)
    key = shell.run("lvd app create Shop >&2; lvd key create --app Shop").strip()
    snippets = blocks("python", "docs/client.md")
    assert len(snippets) == 4
    for number, snippet in enumerate(snippets):
        own = snippet.replace("127.0.0.1:50051", address).replace("/var/lib/shop", str(tmp_path))
        (tmp_path / f"{number}.py").write_text(own)
        shell.run(f"LVD_KEY={key} {sys.executable} {number}.py")


def test_stubs_of_ones_own_are_made_as_it_says(tmp_path: Path) -> None:
    (tmp_path / "proto").symlink_to(_ROOT / "proto")
    (block,) = (block for block in blocks("", "docs/client.md") if "protoc" in block)
    lines = block.replace("\\\n", "").splitlines()
    # The plugins of other languages are programs of their own.
    ours = [
        line.replace("python ", f"{sys.executable} ", 1) for line in lines if not line.startswith("protoc ")
    ]
    Shell(tmp_path).run("\n".join(ours))
    assert [path.name for path in sorted((tmp_path / "gen/livevalidation/v1").iterdir())] == [
        "ingest_pb2.py",
        "ingest_pb2_grpc.py",
    ]


def test_links_lead_somewhere() -> None:
    for path in (_ROOT / "README.md", *(_ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text()):
            # Screenshots are made by the browser tests.
            assert target.endswith(".png") or (path.parent / target).exists(), f"{path}: {target}"

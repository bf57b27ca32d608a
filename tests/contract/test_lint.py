"""The linters, each as a test: one closing line tells all."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Where this environment keeps its programs.
PROGRAMS = Path(sys.executable).parent

#: What runs in production.
PRODUCT = (
    "cli",
    "dashboard",
    "demo",
    "ingest_server",
    "livevalidation",
    "proto",
    "storage",
    "tracking_plan",
    "dev.py",
)

CHECKS = {
    "buf": ["buf", "lint"],
    "ruff check": ["ruff", "check"],
    "ruff format": ["ruff", "format", "--check"],
    "mypy": ["mypy"],
    "mypy of dev.py": ["mypy", "dev.py"],
    "bandit": ["bandit", "--quiet", "--configfile", "pyproject.toml", "--recursive", *PRODUCT],
    "import-linter": ["lint-imports"],
    "compose schema": ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
}


@pytest.mark.parametrize("command", CHECKS.values(), ids=CHECKS.keys())
def test_lint(command: list[str]) -> None:
    done = subprocess.run(
        [PROGRAMS / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}"


def test_no_pinned_package_has_a_known_hole() -> None:
    """Skips, and says so, where the advisories cannot be reached: without a network, behind a mirror."""
    flags = ["--requirement=constraints.txt", "--no-deps", "--disable-pip", "--timeout=10", "--format=json"]
    done = subprocess.run(
        [PROGRAMS / "pip-audit", *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout:
        pytest.skip(f"advisories cannot be reached: {done.stderr.strip().splitlines()[-1]}")
    packages = json.loads(done.stdout)["dependencies"]
    if all("skip_reason" in package for package in packages):
        pytest.skip(f"advisories cannot be reached: {packages[0]['skip_reason']}")
    holes = {package["name"]: package["vulns"] for package in packages if package.get("vulns")}
    assert not holes

"""Fixtures of the fault tests: the seed, how much to do, and the figures that docs/reliability.md shows."""

from collections.abc import Iterator
from dataclasses import asdict
from time import monotonic

import pytest
from sqlalchemy import Engine

from tests.faults.harness.full_oracle import Figures
from tests.faults.harness.scene import Scene
from tests.support.ingest import new_tenant
from tests.support.writing import engine_of

_FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """By which a run is repeated: `--fault-seed`."""
    return int(request.config.getoption("--fault-seed"))


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """Beside every fault: not through any proxy."""
    with engine_of(database, pool_size=8) as engine:
        yield engine


@pytest.fixture
def scene(request: pytest.FixtureRequest, database: str, engine: Engine, seed: int) -> Scene:
    """An app, whose figures the run's summary shows as a table's line."""
    began = monotonic()

    def record(figures: Figures) -> None:
        cells = [f"`{request.node.name}`", *(f"{value:,}" for value in asdict(figures).values())]
        lines = request.config.stash.setdefault(_FIGURES, [])
        lines.append(f"| {' | '.join(cells)} | {monotonic() - began:.0f} s |")

    return Scene(database, engine, new_tenant(engine, "shop"), seed, record)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The figures, ready for docs/reliability.md."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name == "figures" and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid}: {value}")
    lines = config.stash.get(_FIGURES, [])
    if lines:
        terminalreporter.section(f"faults, --fault-seed {config.getoption('--fault-seed')}")
        terminalreporter.write_line("| test | faults | sent | acked | stored | lost | twice | time |")
        for line in lines:
            terminalreporter.write_line(line)

"""Tests 2 and 3: Postgres is killed, or restarted cleanly, under load."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.faults.harness.own_postgres import OwnPostgres, own_postgres
from tests.faults.harness.scene import Scene
from tests.support.ingest import new_tenant, running_server
from tests.support.writing import engine_of

#: Seconds after its return by which events are acked again.
_BACK_WITHIN = 10.0


@pytest.fixture(scope="module")
def postgres() -> Iterator[OwnPostgres]:
    with own_postgres() as postgres:
        yield postgres


@pytest.fixture
def own_scene(scene: Scene, postgres: OwnPostgres, request: pytest.FixtureRequest) -> Iterator[Scene]:
    with engine_of(postgres.url) as engine:
        tenant = new_tenant(engine, request.node.name)
        yield replace(scene, database=postgres.url, engine=engine, tenant=tenant)


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.soak)])
@pytest.mark.parametrize("how", ["kill", "stop"])
def test_postgres_goes_and_returns_under_load(
    how: str, times: int, own_scene: Scene, postgres: OwnPostgres
) -> None:
    with (
        running_server(own_scene.database) as server,
        own_scene.load(server.address) as work,
    ):
        for _ in range(times):
            work.wait_for_acks(5)
            getattr(postgres, how)()
            postgres.start()
            assert work.wait_for_acks(1) < _BACK_WITHIN
        work.wait_for_acks(5)
    own_scene.conclude(work, faults=times)

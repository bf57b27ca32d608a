"""Dockerfile and docker-compose.yml against the code they run. test_lint checks the Compose schema."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from cli.main import cli
from dashboard.settings import DashboardSettings
from ingest_server.settings import IngestSettings
from storage.settings import StorageSettings

ROOT = Path(__file__).parents[2]
SETTINGS = (StorageSettings, IngestSettings, DashboardSettings)
OURS = ("migrate", "ingest", "dashboard")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return dict(compose["services"])


def test_each_part_waits_for_what_it_needs(services: dict[str, Any]) -> None:
    assert services.keys() == {"postgres", *OURS}
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("ingest", "dashboard"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
        assert services[name]["healthcheck"]["test"][0] == "CMD"


def test_every_variable_is_a_setting(services: dict[str, Any]) -> None:
    known = {
        f"{kind.model_config['env_prefix']}{name}".upper() for kind in SETTINGS for name in kind.model_fields
    }
    for name in OURS:
        assert set(services[name]["environment"]) <= known


@pytest.mark.parametrize("name", OURS)
def test_every_command_is_one_of_ours(name: str, services: dict[str, Any]) -> None:
    told = CliRunner().invoke(cli, [*services[name]["command"], "--help"])
    assert told.exit_code == 0, told.output


def test_no_password_is_given_away_and_no_port_is_open_to_others(services: dict[str, Any]) -> None:
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${LVD_POSTGRES_PASSWORD:?")
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert sorted(ports) == ["127.0.0.1:50051:50051", "127.0.0.1:8050:8050"]


def test_the_dashboard_is_reached_by_no_other_sites_name(services: dict[str, Any]) -> None:
    """It listens for all, as the container's port is this host's own."""
    assert services["dashboard"]["environment"]["LVD_DASHBOARD_HOSTS"] == "${LVD_DASHBOARD_HOSTS:-localhost}"


@pytest.mark.parametrize("name", ["ingest", "dashboard"])
def test_a_health_check_is_a_program(name: str, services: dict[str, Any]) -> None:
    _, python, flag, code = services[name]["healthcheck"]["test"]
    assert (python, flag) == ("python", "-c")
    compile(code, name, "exec")


def test_the_image_is_built_from_every_package_and_runs_unprivileged() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "USER lvd" in dockerfile
    assert 'ENTRYPOINT ["lvd"]' in dockerfile
    built_from = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert {f"!{package}" for package in packages} <= set(built_from)

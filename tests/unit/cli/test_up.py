"""What `lvd up` is asked for, by flags and by variables, without running any of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import cli
from tests.support.certificates import Authority


def output_of(
    monkeypatch: pytest.MonkeyPatch,
    run_all: Any,
    arguments: Sequence[str],
    variables: Mapping[str, str],
    exit_code: int = 0,
) -> str:
    monkeypatch.setattr("cli.commands.up.run_all", run_all)
    monkeypatch.setattr("cli.commands.up.configure_logs", lambda: None)
    environment = {f"LVD_{name}": value for name, value in variables.items()}
    # Everything that ends a command is told by `run`, which exits.
    done = CliRunner().invoke(cli, ["up", *arguments], env=environment)
    told = done.output + str(done.exception or "")
    assert getattr(done.exception, "exit_code", done.exit_code) == exit_code, told
    return told


def told_when_ready(monkeypatch: pytest.MonkeyPatch, *arguments: str, **variables: str) -> str:
    return output_of(monkeypatch, lambda _wanted, on_ready: on_ready(), arguments, variables)


def asked_for(monkeypatch: pytest.MonkeyPatch, *arguments: str, **variables: str) -> Any:
    asked: list[Any] = []
    output_of(monkeypatch, lambda wanted, _on_ready: asked.append(wanted), arguments, variables)
    (wanted,) = asked
    return wanted


@pytest.mark.parametrize(
    ("variables", "grpc", "http"),
    [
        ({}, "127.0.0.1:50051", "127.0.0.1:8050"),
        ({"INGEST_ADDRESS": "0.0.0.0:6000"}, "0.0.0.0:6000", "127.0.0.1:8050"),
        ({"DASHBOARD_PORT": "8060"}, "127.0.0.1:50051", "127.0.0.1:8060"),
        ({"DASHBOARD_HOST": "::", "DASHBOARD_PORT": "8060"}, "127.0.0.1:50051", "[::]:8060"),
        ({"INGEST_ADDRESS": "", "DASHBOARD_PORT": ""}, "127.0.0.1:50051", "127.0.0.1:8050"),
    ],
)
def test_its_parts_listen_where_their_variables_say(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], grpc: str, http: str
) -> None:
    wanted = asked_for(monkeypatch, **variables)
    assert (str(wanted.grpc), str(wanted.http)) == (grpc, http)


def test_a_flag_goes_before_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"INGEST_ADDRESS": "0.0.0.0:6000", "DASHBOARD_HOST": "0.0.0.0", "DASHBOARD_PORT": "8060"}
    wanted = asked_for(monkeypatch, "--grpc", "127.0.0.1:6001", "--http", "127.0.0.1:8061", **variables)
    assert (str(wanted.grpc), str(wanted.http)) == ("127.0.0.1:6001", "127.0.0.1:8061")


def test_the_next_commands_are_of_the_same_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are typed in another terminal, which has neither its flags nor its variables."""
    assert " app create Shop; " in told_when_ready(monkeypatch)
    for told in (
        told_when_ready(monkeypatch, "--data-dir", "/srv/my data"),
        told_when_ready(monkeypatch, DATA_DIR="/srv/my data"),
    ):
        assert told.count(" --data-dir '/srv/my data'") == 3
        assert "The data stay in /srv/my data." in told
    told = told_when_ready(monkeypatch, DATABASE_URL="postgresql://me:secret@host/lvd")
    assert "with the same LVD_DATABASE_URL" in told
    assert "The data stay in the database" in told
    assert "secret" not in told


def test_a_demo_by_tls_wants_to_know_whom_to_trust(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "ca")
    pair = authority.issue()
    flags = ("--demo", "--tls-cert", str(pair.certificate), "--tls-key", str(pair.key))
    assert asked_for(monkeypatch, *flags, TLS_CA=str(authority.file)).tls is not None
    # An empty variable counts as not set.
    assert "LVD_TLS_CA" in output_of(monkeypatch, None, flags, {"TLS_CA": ""}, exit_code=2)

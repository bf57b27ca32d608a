"""Under which names the dashboard is reached."""

import pytest
from flask import Flask
from pydantic import ValidationError
from werkzeug.test import TestResponse

from dashboard.hosts import is_known, only_known
from dashboard.settings import ANY, DashboardSettings


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:80", "10.0.0.7", "[::1]:8050", "localhost:80", "LOCALHOST", "a.localhost", "localhost."],
)
def test_addresses_and_this_machines_own_name_are_known(host: str) -> None:
    assert is_known(host, ())


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8050",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "[",
        "a b",
        "é",
    ],
)
def test_another_sites_name_is_not(host: str) -> None:
    assert not is_known(host, ())


def test_names_are_known_by_the_setting() -> None:
    names = ("events.example.com", ".intern.example.com", "lvd_dash")
    known = (
        *("events.example.com", "Events.Example.com:443", "intern.example.com", "a.b.intern.example.com"),
        *("events.example.com.", "lvd_dash:8050"),
    )
    assert [is_known(host, names) for host in known] == [True] * len(known)
    other = ("example.com", "x.events.example.com", "aintern.example.com")
    assert [is_known(host, names) for host in other] == [False] * 3


def asked(names: tuple[str, ...], host: str | None) -> TestResponse:
    server = Flask("test")
    only_known(server, names)
    server.add_url_rule("/", view_func=lambda: "secret")
    environ = {} if host is None else {"HTTP_HOST": host}
    return server.test_client().get("/", environ_overrides=environ)


def test_another_name_is_refused_and_told_what_to_do() -> None:
    response = asked((), "evil.example")
    assert response.status_code == 421
    assert "evil.example" in response.text
    assert "LVD_DASHBOARD_HOSTS" in response.text
    assert "secret" not in response.text
    assert asked((), "<b>evil</b>").text.count("<b>") == 0


@pytest.mark.parametrize(("names", "host"), [((), "127.0.0.1:8050"), ((ANY,), "evil.example"), ((), "")])
def test_known_names_all_where_any_is_and_questions_without_one_are_answered(
    names: tuple[str, ...], host: str
) -> None:
    assert asked(names, host).text == "secret"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "::1", "[::1]", "127.1.2.3"])
def test_a_dashboard_for_this_machine_alone_knows_no_other_name(host: str) -> None:
    assert DashboardSettings(host=host).known_hosts == ()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "dashboard"])
def test_one_for_others_knows_any_until_it_is_told_which(host: str) -> None:
    assert DashboardSettings(host=host).known_hosts == (ANY,)
    assert DashboardSettings(host=host, hosts=("a.example",)).known_hosts == ("a.example",)


def test_names_come_from_the_environment_behind_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVD_DASHBOARD_HOSTS", "Events.Example.com., .intern.example.com,")
    assert DashboardSettings().known_hosts == ("events.example.com", ".intern.example.com")


@pytest.mark.parametrize("name", ["https://a.example", "a.example:443", "*.a.example", "a..b"])
def test_what_is_no_name_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("LVD_DASHBOARD_HOSTS", name)
    with pytest.raises(ValidationError, match=r"no host name: give names alone, such as events"):
        DashboardSettings()

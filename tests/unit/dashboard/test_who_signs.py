"""Who changes something, as far as a proxy before the dashboard tells it."""

import pytest
from flask import Request
from pydantic import ValidationError
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from dashboard.access import EveryApp
from dashboard.settings import DashboardSettings


def request(**headers: str) -> Request:
    return Request(EnvironBuilder(headers=Headers(headers)).get_environ())


@pytest.mark.parametrize(
    ("header", "sent", "who"),
    [
        ("X-Forwarded-User", " ada ", "ada"),
        ("X-Forwarded-User", "a" * 80, "a" * 60),
        ("X-Forwarded-User", "a\x85b", "a\\x85b"),
        ("X-Forwarded-User", "", ""),
        ("X-Other", "ada", ""),
        ("", "ada", ""),
    ],
)
def test_the_name_is_that_of_the_proxy_s_header_alone(header: str, sent: str, who: str) -> None:
    assert EveryApp(header).who(request(**{"X-Forwarded-User": sent})) == who


def test_a_header_that_cannot_be_is_refused_at_start_up() -> None:
    with pytest.raises(ValidationError, match="user_header"):
        DashboardSettings(user_header="X: evil")

"""The page's settings on the command line, for the commands that show it."""

from cli.address import parse_address
from dashboard.settings import DashboardSettings
from storage.settings import read_settings


def page_settings(http: str | None) -> DashboardSettings:
    """The dashboard's settings; where `--http` (None: not given) says where to serve, it goes before them."""
    address = parse_address(http, "--http") if http else None
    return read_settings(DashboardSettings, host=address and address.host, port=address and address.port)

"""What can be set of the dashboard: environment variables LVD_DASHBOARD_…, read once at start-up."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

#: Of `hosts`: whatever the name.
ANY = "*"
_LOCAL = "localhost"


def _parted(names: object) -> object:
    """As the variable has them: behind commas."""
    return tuple(filter(None, map(str.strip, names.split(",")))) if isinstance(names, str) else names


def _known_name(name: str) -> str:
    if name == ANY:
        return name
    if set(name) & set("/:@*[] ") or "" in name.removeprefix(".").removesuffix(".").split("."):
        raise ValueError(
            f"{name!r} is no host name: give names alone, such as events.example.com, or .example.com for all"
            " that end so, without scheme and port, separated by commas"
        )
    return name.lower().removesuffix(".")


_Name = Annotated[str, AfterValidator(_known_name)]


class DashboardSettings(BaseSettings):
    """Settings of one dashboard; an unusable value is refused at start-up by its name."""

    model_config = SettingsConfigDict(env_prefix="LVD_DASHBOARD_", env_ignore_empty=True, frozen=True)

    #: Where to listen.
    host: str = "127.0.0.1"
    port: int = Field(default=8050, ge=1, le=65535)
    #: Names under which it is reached, beside addresses and localhost; `*`: any. Empty: any, but where it
    #: listens for this machine alone none.
    hosts: Annotated[tuple[_Name, ...], NoDecode, BeforeValidator(_parted)] = ()
    #: Worker processes and threads in each; every thread may hold one database connection.
    workers: int = Field(default=1, ge=1, le=64)
    threads: int = Field(default=8, ge=1, le=64)
    #: How often an open page asks for news, in seconds.
    tick_seconds: float = Field(default=1.0, ge=0.2, le=60)
    #: For how long one reading of an app's ledger serves every viewer, in seconds. As long as the tick, with
    #: which it should be changed: one viewer reads afresh at each, fifty cost the database as much as one.
    coalesce_seconds: float = Field(default=1.0, ge=0, le=60)
    #: Longest a query of the dashboard may run, in milliseconds.
    statement_timeout_ms: int = Field(default=5_000, ge=100, le=600_000)
    #: How far its processes, and the backends it reads by at a socket, stand back where cores are short, so
    #: that searches and exports do not hold up what arrives. 0: not at all; 15: to a thirtieth of a writer,
    #: and on all cores but one.
    nice: int = Field(default=15, ge=0, le=19)
    #: Header by which a proxy that signs people in tells a person's name, kept with what they change; None:
    #: none does. Only where nobody reaches the dashboard but through the proxy.
    user_header: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]{0,100}$")
    #: Folder of the cache, for this user alone; None: a temporary one, gone at the end.
    cache_dir: Path | None = None
    cache_megabytes: int = Field(default=256, ge=16)

    @property
    def address(self) -> str:
        """host:port, with an IPv6 host in brackets."""
        return f"[{self._host}]:{self.port}" if ":" in self._host else f"{self._host}:{self.port}"

    @property
    def known_hosts(self) -> tuple[str, ...]:
        """Names under which it is reached; ANY among them: whatever the name."""
        return self.hosts if self.hosts or self._is_local else (ANY,)

    @property
    def _host(self) -> str:
        return self.host.removeprefix("[").removesuffix("]")

    @property
    def _is_local(self) -> bool:
        """Whether it listens for this machine alone."""
        try:
            return ip_address(self._host).is_loopback
        except ValueError:
            return self._host.lower() == _LOCAL

"""What can be set of the dashboard: environment variables LVD_DASHBOARD_…, read once at start-up."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DashboardSettings(BaseSettings):
    """Settings of one dashboard; an unusable value is refused at start-up by its name."""

    model_config = SettingsConfigDict(env_prefix="LVD_DASHBOARD_", env_ignore_empty=True, frozen=True)

    #: Where to listen.
    host: str = "127.0.0.1"
    port: int = Field(default=8050, ge=1, le=65535)
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
    #: that searches and exports do not hold up what arrives. 0: not at all; 15: to a thirtieth of a writer.
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
        host = self.host.removeprefix("[").removesuffix("]")
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

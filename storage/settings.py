"""What can be set of storage: environment variables LVD_…, read once at start, and how they are read."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage.database import normal_url
from storage.errors import BadRequest, StorageError
from storage.model import MOST_FUTURE_US, Limits

_SECONDS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(rf"([0-9]{{1,9}}) ?({'|'.join(_SECONDS)})")
_MICROSECOND = timedelta(microseconds=1)


class SettingsError(StorageError):
    """A setting that cannot be used; the message names its key, never its value, which may be a password."""


def _to_duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        raise ValueError("write a number and its unit (s, min, h, d), like 10min or 48h")
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


def _check_url(value: str) -> str:
    try:
        normal_url(value)
    except BadRequest as error:
        raise ValueError(str(error)) from None
    return value


#: A time span, written like 90s, 10min, 48h or 30d.
Duration = Annotated[timedelta, BeforeValidator(_to_duration)]
DatabaseUrl = Annotated[str, AfterValidator(_check_url)]


#: Ten years.
MAX_RETENTION_DAYS = 3_650


class StorageSettings(BaseSettings):
    """Settings of storage; read them by `read_settings(StorageSettings)`."""

    model_config = SettingsConfigDict(env_prefix="LVD_", env_ignore_empty=True, frozen=True)

    #: The embedded server's data, keys of the demo, caches.
    data_dir: Path = Path(".lvd")
    #: A PostgreSQL of one's own, 15 or newer; None: the embedded one in `data_dir`.
    database_url: DatabaseUrl | None = Field(default=None, repr=False)
    #: A replica for the dashboards to read from; None: the same as `database_url`.
    read_database_url: DatabaseUrl | None = Field(default=None, repr=False)
    #: Days of events that are kept, by arrival; also how far back a duplicate is recognised.
    retention_days: int = Field(default=30, ge=1, le=MAX_RETENTION_DAYS)
    #: How far ahead of our clock an event's own time may be; above an hour the search for duplicates, which
    #: looks that much further, would reach into one more partition too often.
    max_future: Duration = Field(
        default=timedelta(minutes=10), ge=timedelta(0), le=MOST_FUTURE_US * _MICROSECOND
    )
    #: How far back an equal event without a time of its own is a duplicate. Within a UTC day it always is.
    undated_window: Duration = Field(default=timedelta(hours=48), ge=timedelta(days=1))

    @model_validator(mode="after")
    def _window_within_retention(self) -> Self:
        if self.undated_window > self.retention:
            raise ValueError(
                "LVD_UNDATED_WINDOW: may not be longer than LVD_RETENTION_DAYS: set it to at most"
                f" {self.retention_days}d, or keep more days"
            )
        return self

    @property
    def retention(self) -> timedelta:
        """How long events are kept."""
        return timedelta(days=self.retention_days)

    @property
    def limits(self) -> Limits:
        """The same as the writer takes it."""
        return Limits(
            max_future_us=self.max_future // _MICROSECOND,
            retention_us=self.retention // _MICROSECOND,
            undated_window_us=self.undated_window // _MICROSECOND,
        )


SettingsT = TypeVar("SettingsT", bound=BaseSettings)


def read_settings(kind: type[SettingsT], **given: object) -> SettingsT:
    """Settings from the environment; what a command-line flag gave (not None) goes before it.

    Raises SettingsError with every unusable key and why.
    """
    try:
        return kind(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        prefix = kind.model_config.get("env_prefix", "")
        told = [_problem(prefix, problem["loc"], problem["msg"]) for problem in error.errors()]
        raise SettingsError("; ".join(told)) from None


def _problem(prefix: str, where: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    return f"{prefix}{where[0]}".upper() + f": {message}" if where else message

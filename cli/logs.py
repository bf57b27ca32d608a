"""Logs of services: on stderr, for people on a terminal, as JSON lines elsewhere."""

import logging
import sys
from contextlib import suppress
from threading import Lock
from typing import Literal

import structlog
from pydantic_settings import BaseSettings, SettingsConfigDict
from structlog.typing import EventDict, Processor, WrappedLogger

from cli.exception_text import exception_text
from storage.settings import read_settings


class LogSettings(BaseSettings):
    """Settings of the logs."""

    model_config = SettingsConfigDict(env_prefix="LVD_LOG_", env_ignore_empty=True, frozen=True)

    #: The least that is logged. `debug` adds a line for each batch and each call that is refused.
    level: Literal["debug", "info", "warning", "error"] = "info"


class _Stderr:
    """Takes finished lines. One that nobody can take, as on a full disk or where whoever read them ended, is
    lost: who logs is often busy with a failure already, and must get to its end.
    """

    _lock = Lock()

    def write(self, line: str) -> None:
        """Writes the line, if that can be done."""
        with self._lock, suppress(OSError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = write


def configure_logs() -> None:
    """Once per process, before the first line. Raises SettingsError."""
    least = logging.getLevelNamesMapping()[read_settings(LogSettings).level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(exception_text),
    ]
    render: Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: _Stderr(),
        cache_logger_on_first_use=True,
    )
    # Libraries log by the standard way.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_add_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(least, logging.WARNING))


def _add_name(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Says which library speaks."""
    event["logger"] = event["_record"].name
    return event

"""Structured logs on standard error: JSON lines by default, for people with `QINGYI_LOG_FORMAT=console`."""

import logging
import sys
import traceback
from collections.abc import Iterator

import structlog
from structlog.typing import EventDict

from infra.settings import Settings


def _chain(error: BaseException) -> Iterator[str]:
    """An error and what it came from, the last first: where it was raised and its type."""
    found: BaseException | None = error
    while found is not None:
        kind = type(found)
        state = getattr(found, "sqlstate", None)
        yield (
            "".join(traceback.format_tb(found.__traceback__))
            + f"{kind.__module__}.{kind.__qualname__}"
            + (f" {state}" if state else "")
        )
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def without_values(_logger: object, _method: str, event: EventDict) -> EventDict:
    """
    A fault as the places in the code that it went through. Its message stays out of the log: Postgres, for one, puts the
    row that breaks a rule into it.
    """
    told = event.pop("exc_info", None)
    error = told if isinstance(told, BaseException) else sys.exc_info()[1] if told else None
    if error is not None:
        event["exception"] = "\n-- from --\n".join(_chain(error))
    return event


def configure_logs(config: Settings) -> None:
    """Set up structlog once for the process."""
    as_text = config.log_format == "console"
    level = logging.getLevelNamesMapping().get(config.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_values,
            structlog.dev.ConsoleRenderer() if as_text else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )

"""Structured logs on standard error: JSON lines by default, for people with `QINGYI_LOG_FORMAT=console`."""

import logging
import sys

import structlog

from infra.settings import Settings


def configure_logs(config: Settings) -> None:
    """Set up structlog once for the process. Tracebacks carry code, never the values of variables."""
    as_text = config.log_format == "console"
    level = logging.getLevelNamesMapping().get(config.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if as_text else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )

"""The backing services of a command: those that the environment names, else the embedded ones of the data folder."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from infra.embedded.errors import ServicesFailed
from infra.embedded.services import Services, services
from infra.settings import Settings, settings


def complain(reason: str) -> None:
    """One line for people, on standard error."""
    sys.stderr.write(f"qingyi: {reason}\n")


@contextmanager
def connected() -> Iterator[Settings]:
    """
    Settings with `database_url` and `redis_url` set, for as long as the block lasts.

    What the environment does not name is embedded: attached to when it runs already, started otherwise. The addresses
    are in the environment too, for child processes. Ends the process with one line (status 1) when it cannot be had.
    """
    config = settings()
    if config.database_url is not None and config.redis_url is not None:
        yield config
        return
    if config.production:
        complain("DATABASE_URL and REDIS_URL must be set in production")
        raise SystemExit(1)
    with ExitStack() as stack:
        try:
            running = stack.enter_context(services(config.data_dir))
        except ServicesFailed as failure:
            complain(str(failure))
            raise SystemExit(1) from None
        stack.enter_context(_in_environment(config, running))
        yield settings()


@contextmanager
def _in_environment(config: Settings, running: Services) -> Iterator[None]:
    before = dict(os.environ)
    if config.database_url is None:
        os.environ["DATABASE_URL"] = running.database_url
    if config.redis_url is None:
        os.environ["REDIS_URL"] = running.redis_url
    settings.cache_clear()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()

"""`qingyi worker`: the outbox and scheduled work of all programmes."""

import asyncio
import signal

from api.running.backing import connected
from infra.database import database_of
from infra.lifeline import exit_with_parent_if_asked
from infra.logs import configure_logs
from infra.settings import Settings
from infra.worker import Worker, all_handlers, all_jobs


def worker() -> None:
    """Deliver what must follow from changes, and run scheduled work, until stopped. Several may run at once."""
    exit_with_parent_if_asked()
    with connected() as config:
        configure_logs(config)
        asyncio.run(_work(config))


async def _work(config: Settings) -> None:
    assert config.database_url is not None  # `connected` sees to it
    database = database_of(config, config.database_url)
    working = Worker(database, all_handlers(), all_jobs())
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(stop, working.stop)
    try:
        await working.run()
    finally:
        await database.engine.dispose()

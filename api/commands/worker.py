"""`qingyi worker`: the outbox and scheduled work of all programmes."""

import asyncio
import signal
from typing import Annotated

import typer

from api.running.backing import connected
from domain.core import outbox
from domain.core.sealing import Sealer
from infra.database import EngineDatabase, database_of
from infra.keys import key_ring
from infra.lifeline import exit_with_parent_if_asked
from infra.logs import configure_logs
from infra.sealing import RingSealer
from infra.worker import WORKER, Worker, all_handlers, all_jobs, sealed_jobs


def worker(
    revive: Annotated[
        bool, typer.Option("--revive", help="Give the dead letters another round, say how many, and end.")
    ] = False,
) -> None:
    """Deliver what must follow from changes, and run scheduled work, until stopped. Several may run at once."""
    exit_with_parent_if_asked()
    with connected() as config:
        configure_logs(config)
        assert config.database_url is not None  # `connected` sees to it
        database = database_of(config, config.database_url)
        sealer = RingSealer(key_ring(config))
        asyncio.run(_revive(database) if revive else _work(database, sealer))


async def _revive(database: EngineDatabase) -> None:
    try:
        async with database.write(WORKER) as tx:
            print(f"{await outbox.revive(tx)} dead letters revived")
    finally:
        await database.engine.dispose()


async def _work(database: EngineDatabase, sealer: Sealer) -> None:
    working = Worker(database, all_handlers(), (*all_jobs(), *sealed_jobs(sealer)))
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(stop, working.stop)
    try:
        await working.run()
    finally:
        await database.engine.dispose()

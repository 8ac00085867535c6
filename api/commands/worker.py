"""`qingyi worker`: the outbox and scheduled work of all programmes."""

import asyncio
import signal
from typing import Annotated

import typer

from api.running.backing import connected
from domain.core import outbox
from infra.database import EngineDatabase, database_of
from infra.keys import key_ring
from infra.lifeline import exit_with_parent_if_asked
from infra.logs import configure_logs
from infra.outside import outgoing_client
from infra.registry import registry_of
from infra.sealing import RingSealer
from infra.settings import Settings
from infra.statements import RingReceipts
from infra.warming import read_in
from infra.worker import WORKER, Worker, all_errands, all_handlers, all_jobs, all_piecework


def worker(
    revive: Annotated[
        bool, typer.Option("--revive", help="Give the dead letters another round, say how many, and end.")
    ] = False,
) -> None:
    """Deliver what must follow from changes, run scheduled work, errands and piecework, until stopped. Several may run at once."""
    exit_with_parent_if_asked()
    with connected() as config:
        configure_logs(config)
        assert config.database_url is not None  # `connected` sees to it
        database = database_of(config, config.database_url)
        asyncio.run(_revive(database) if revive else _work(config, database))


async def _revive(database: EngineDatabase) -> None:
    try:
        async with database.write(WORKER) as tx:
            print(f"{await outbox.revive(tx)} dead letters revived")
    finally:
        await database.engine.dispose()


async def _work(config: Settings, database: EngineDatabase) -> None:
    ring = key_ring(config)
    sealer = RingSealer(ring)
    async with outgoing_client() as http:
        errands = all_errands(sealer, registry_of(config, http))
        piecework = all_piecework(sealer, RingReceipts(ring))
        working = Worker(database, all_handlers(sealer), all_jobs(sealer), errands, piecework)
        loop = asyncio.get_running_loop()
        for stop in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(stop, working.stop)
        warming = asyncio.create_task(read_in(database))
        try:
            await working.run()
        finally:
            warming.cancel()
            await asyncio.wait([warming])
            await database.engine.dispose()

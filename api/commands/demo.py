"""`qingyi demo`: made-up data to look around in, or to measure with."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TaskID, TimeElapsedColumn

from api.running.backing import complain, connected
from infra.database import database_of
from infra.demo.load import Scale, load
from infra.keys import key_ring
from infra.sealing import RingSealer
from infra.settings import Settings


def demo(scale: Annotated[Scale, typer.Option(help="How much.")] = Scale.SMALL) -> None:
    """Load demo data into an empty, migrated database."""
    with connected() as config:
        if config.production:
            complain("demo data are refused in production")
            raise typer.Exit(1)
        asyncio.run(_load(config, scale))


async def _load(config: Settings, scale: Scale) -> None:
    assert config.database_url is not None  # `connected` sees to it
    database = database_of(config, config.database_url)
    bars: dict[str, TaskID] = {}
    columns = (*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:

            def show(what: str, done: int, of: int) -> None:
                if what not in bars:
                    bars[what] = progress.add_task(what, total=of)
                progress.update(bars[what], completed=done)

            await load(database, RingSealer(key_ring(config)), scale, show)
    finally:
        await database.engine.dispose()

"""`qingyi demo`: made-up data to look around in, or to measure with."""

import asyncio
from typing import Annotated

import typer

from api.running.backing import complain, connected
from api.running.progress import shown_progress
from infra.database import database_of
from infra.demo.bulk.loading import NotEmpty, load_province
from infra.demo.load import BULK, Scale, load
from infra.keys import key_ring
from infra.sealing import RingSealer
from infra.settings import Settings


def demo(scale: Annotated[Scale, typer.Option(help="How much.")] = Scale.SMALL) -> None:
    """Load demo data into an empty, migrated database."""
    with connected() as config:
        if config.production:
            complain("demo data are refused in production")
            raise typer.Exit(1)
        try:
            asyncio.run(_load(config, scale))
        except NotEmpty as reason:
            complain(str(reason))
            raise typer.Exit(1) from None


async def _load(config: Settings, scale: Scale) -> None:
    assert config.database_url is not None  # `connected` sees to it
    database, ring = database_of(config, config.database_url), key_ring(config)
    try:
        with shown_progress() as show:
            shape = BULK.get(scale)
            if shape is not None:
                await load_province(config.database_url, ring, shape, database.clock(), show)
            await load(database, RingSealer(ring), scale, show)
    finally:
        await database.engine.dispose()

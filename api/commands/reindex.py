"""`qingyi reindex`: the words that rows are found by, made anew while people search."""

import asyncio

import typer
from sqlalchemy.exc import SQLAlchemyError

from api.running.backing import complain, connected
from api.running.progress import shown_progress
from domain.searchable import REWRITINGS
from infra.database import database_of
from infra.grants import GRANTS
from infra.reindexing import reindex as reindex_all


def reindex() -> None:
    """Make all search words anew, as after an upgrade that changes how they are made. Can be cut off and run again."""
    with connected() as config:
        assert config.database_url is not None  # `connected` sees to it
        database = database_of(config, config.database_url)

        async def run() -> int:
            try:
                with shown_progress() as show:
                    return await reindex_all(database, GRANTS, REWRITINGS, show)
            finally:
                await database.engine.dispose()

        try:
            done = asyncio.run(run())
        except (OSError, SQLAlchemyError) as error:  # without its text: drivers put values into it
            complain(f"the database failed ({type(error).__name__}); what was done is kept, run it again")
            raise typer.Exit(1) from None
    print(f"{done:,} rows have new words")

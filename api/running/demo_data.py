"""Whether the database still waits for its first data."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


def is_empty(database_url: str) -> bool:
    """True when no organization was ever made: everything else hangs on those."""
    return asyncio.run(_is_empty(database_url))


async def _is_empty(database_url: str) -> bool:
    engine = create_async_engine(database_url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return not await connection.scalar(text("SELECT EXISTS (SELECT FROM partners_organization)"))
    finally:
        await engine.dispose()

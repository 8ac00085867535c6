"""How Alembic reaches the database: the async engine, one migrating process at a time, never a long wait for a lock."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import domain.models  # noqa: F401 - fills the metadata with all tables
from domain.core.columns import EnumText
from infra.concurrently import SET_ASIDE
from infra.turns import turn


def render_item(kind: str, item: object, _: object) -> str | bool:
    """In a revision an EnumText is what it is in the database: text."""
    return "sa.Text()" if kind == "type" and isinstance(item, EnumText) else False


def include_object(_: object, name: str | None, kind: str, reflected: bool, __: object) -> bool:
    """An index that was set aside is no part of what the code declares."""
    return not (kind == "index" and reflected and name and SET_ASIDE.search(name))


OPTIONS = {
    "include_object": include_object,
    "render_item": render_item,
    "target_metadata": SQLModel.metadata,
    # One transaction for each revision: an interrupted upgrade stays at the last finished one.
    "transaction_per_migration": True,
    "compare_server_default": True,
}


def migrate(connection: Connection) -> None:
    with turn(connection):
        # A migration that waits for a lock makes everyone behind it wait: rather fail, and be tried again.
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
        context.configure(connection=connection, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


async def online() -> None:
    url = context.config.attributes.get("database_url") or os.environ["DATABASE_URL"]
    url = "postgresql+asyncpg://" + url.partition("://")[2]
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


def offline() -> None:
    context.configure(dialect_name="postgresql", literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    offline()
else:
    asyncio.run(online())

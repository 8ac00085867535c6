"""Databases that a test makes, looks into and lets go; all synchronous, as Alembic is."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import asyncpg

# Constraints and indexes by table and name, in Postgres' own words. Of Alembic's own table nothing.
SHAPE = """
    SELECT conrelid::regclass::text AS "table", conname AS name, contype::text AS kind, pg_get_constraintdef(oid) AS words
    FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND conrelid::regclass::text <> 'alembic_version'
    UNION ALL
    SELECT tablename, indexname, 'index', indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    UNION ALL
    SELECT table_name, column_name, 'column',
        concat_ws(' ', data_type, character_maximum_length, collation_name, is_nullable, column_default, generation_expression)
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    UNION ALL
    SELECT '', extname, 'extension', '' FROM pg_extension
"""
Shape = dict[tuple[str, str, str], str]


def address(url: str) -> str:
    """As the driver wants it."""
    return url.replace("postgresql+asyncpg://", "postgresql://")


def fetch(url: str, *statements: str) -> list[Any]:
    """The rows of the last of statements that share a connection, each a transaction of its own."""

    async def run() -> list[Any]:
        connection = await asyncpg.connect(address(url))
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return list(await connection.fetch(statements[-1]))
        finally:
            await connection.close()

    return asyncio.run(run())


def shape(url: str) -> Shape:
    return {(row["table"], row["kind"], row["name"]): row["words"] for row in fetch(url, SHAPE)}


@contextmanager
def empty_database(url: str, kind: str) -> Iterator[str]:
    """A new one beside that of `url`."""
    server, _, query = url.partition("?")
    name = f"{kind}_{uuid4().hex}"
    fetch(url, f'CREATE DATABASE "{name}"')
    yield f"{server.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    fetch(url, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def older_transaction(url: str) -> Iterator[None]:
    """One that has looked at the database and goes on, as a dump does."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(address(url)))
        runner.run(connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ"))
        runner.run(connection.fetch("SELECT count(*) FROM pg_class"))
        try:
            yield
        finally:
            runner.run(connection.close())

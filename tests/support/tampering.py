"""Rows changed behind the back of the application, and put back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from support.house import House


@asynccontextmanager
async def by_hand(house: House, *statements: str, **values: object) -> AsyncIterator[None]:
    """As somebody with every right and no scruples would do it; undone afterwards."""
    tables = ("volunteering_entry", "volunteering_account", "volunteering_record", "volunteering_redemption")
    async with house.database.engine.begin() as connection:
        await connection.execute(sa.text("SET session_replication_role = replica"))
        for table in (*tables, "volunteering_perk"):
            await connection.execute(sa.text(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}"))
            for name in await connection.scalars(
                sa.text(
                    "SELECT conname FROM pg_constraint WHERE conrelid = CAST(:t AS regclass) AND contype = 'c'"
                ).bindparams(t=table)
            ):
                await connection.execute(sa.text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
        for statement in statements:
            found = sa.text(statement)
            bound = {name: value for name, value in values.items() if f":{name}" in statement}
            assert (await connection.execute(found.bindparams(**bound))).rowcount != 0, statement
        await connection.execute(sa.text("SET session_replication_role = DEFAULT"))
    try:
        yield
    finally:
        async with house.database.engine.begin() as connection:
            await connection.execute(sa.text("SET session_replication_role = replica"))
            for table in (*tables, "volunteering_perk"):
                await connection.execute(sa.text(f"DELETE FROM {table}"))
                await connection.execute(sa.text(f"INSERT INTO {table} SELECT * FROM kept_{table}"))
                await connection.execute(sa.text(f"DROP TABLE kept_{table}"))
            await connection.execute(sa.text("SET session_replication_role = DEFAULT"))

"""A table from one end to the other in the order of its primary key, in short steps: no statement is long, none is lost."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from domain.core.actors import System
from domain.core.db import Database, Read

KEYS = System("keys")
STEP_ROWS = 1_000

Show = Callable[[str, int, int], None]
"""Told of what is walked, how many rows are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Step:
    """The rows after `after` (None: from the start) up to and with `upto` (None: to the end)."""

    table: sa.Table
    after: tuple[Any, ...] | None
    upto: tuple[Any, ...] | None

    @property
    def rows(self) -> sa.ColumnElement[bool]:
        """The condition that a row is one of them."""
        ends = []
        if self.after is not None:
            ends.append(_key(self.table) > _bound(self.table, self.after))
        if self.upto is not None:
            ends.append(_key(self.table) <= _bound(self.table, self.upto))
        return sa.and_(sa.true(), *ends)


def _key(table: sa.Table) -> sa.ColumnElement[Any]:
    return sa.tuple_(*table.primary_key.columns)


def _bound(table: sa.Table, values: tuple[Any, ...]) -> sa.ColumnElement[Any]:
    columns = table.primary_key.columns
    return sa.tuple_(*(sa.literal(value, column.type) for column, value in zip(columns, values, strict=True)))


async def steps(database: Database, table: sa.Table) -> AsyncIterator[Step]:
    """All rows that are there from first to last; rows added meanwhile may be in them or not."""
    key = list(table.primary_key.columns)
    after: tuple[Any, ...] | None = None
    while True:
        ends = sa.select(*key).where(Step(table, after, None).rows).order_by(*key)
        async with database.read() as db:
            last = await db.first(ends.offset(STEP_ROWS - 1).limit(1))
        upto = None if last is None else tuple(last)
        yield Step(table, after, upto)
        if upto is None:
            return
        after = upto


def array(kind: sa.types.TypeEngine[Any], values: Sequence[Any]) -> sa.ColumnElement[Any]:
    """Many values in one parameter, for `unnest`."""
    return sa.literal(list(values), ARRAY(kind))


@asynccontextmanager
async def unhurried(database: Database) -> AsyncIterator[Read]:
    """One look at a whole table, which may take longer than a request ever may."""
    async with database.write(KEYS) as tx:
        await tx.execute(sa.text("SET LOCAL statement_timeout = 0"))
        await tx.execute(sa.text("SET TRANSACTION READ ONLY"))
        yield tx


async def size(database: Database, table: sa.Table) -> int:
    async with unhurried(database) as db:
        return int(await db.scalar(sa.select(sa.func.count()).select_from(table)))

"""How long lists are, exact to a cap."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Select, SQLColumnExpression

from domain.core.composing import once
from domain.core.db import Given, Read
from domain.core.keyset import COUNT_MOST, Order
from domain.core.paging import PARENTS, written


def capped(statement: Select[Any]) -> Select[Any]:
    return (
        statement.with_only_columns(sa.literal(1), maintain_column_froms=True)
        .order_by(None)
        .limit(written(COUNT_MOST))
    )


async def count(db: Read, statement: Select[Any], order: Order | None = None, given: Given = None) -> int:
    """How many rows, exact to COUNT_MOST and no further; by the `order`, where that knows a better way."""
    if order is not None and order.reading is not None:
        return await order.reading.count(db)
    counted = once(statement, count, lambda: _counting(statement))
    return int(await db.scalar(counted, given))


def _counting(statement: Select[Any]) -> Select[Any]:
    return sa.select(sa.func.count()).select_from(capped(statement).subquery())


async def counts(
    db: Read, statement: Select[Any], parent: SQLColumnExpression[UUID], parents: Sequence[UUID]
) -> dict[UUID, int]:
    """The same for the list of each parent, in one statement; an empty list is not among them."""
    key = PARENTS.c.id
    rows = capped(statement.where(parent == key)).lateral("counted")
    whole = sa.select(key, sa.func.count()).select_from(PARENTS.table).join(rows, sa.true()).group_by(key)
    return {row[0]: int(row[1]) for row in await db.rows(whole, PARENTS.bound((key,) for key in parents))}

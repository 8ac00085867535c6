"""Pages of lists: of one list, or the same page of the list of each of many parents."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select, SQLColumnExpression

from domain.core.composing import once
from domain.core.db import Given, Read
from domain.core.keyset import Key, Order, Page, PageAsked
from domain.core.unnesting import Rows

R = TypeVar("R")


def _literal(value: Any, key: Key) -> ColumnElement[Any]:
    if value == date.max:
        # asyncpg sends the last day of Python's calendar as 'infinity', which lies beyond it.
        return sa.cast(sa.literal(value.isoformat(), sa.Text), sa.Date)
    return sa.literal(value, key.expression.type)  # type: ignore[attr-defined]  # every column has one


def _beyond(keys: Sequence[Key], position: Sequence[Any], *, backward: bool) -> ColumnElement[bool]:
    """Rows strictly after (or before) the position. One row comparison where all keys run the same way: an index's."""
    values = [_literal(value, key) for key, value in zip(keys, position, strict=True)]
    if len({key.descending for key in keys}) == 1:
        left, right = sa.tuple_(*(key.expression for key in keys)), sa.tuple_(*values)
        return left < right if keys[0].descending != backward else left > right
    alternatives = []
    for index, key in enumerate(keys):
        equal = [earlier.expression == values[i] for i, earlier in enumerate(keys[:index])]
        further = (
            key.expression < values[index] if key.descending != backward else key.expression > values[index]
        )
        alternatives.append(sa.and_(*equal, further))
    return sa.or_(*alternatives)


def first_rows(statement: Select[Any], order: Order, asked: PageAsked) -> Select[Any]:
    """One row more than asked for: it tells whether there is a further page. The keys stand after the columns."""
    keys = order.keys
    for position, backward in ((asked.after, False), (asked.before, True)):
        if position is not None:
            statement = statement.where(_beyond(keys, position, backward=backward))
    statement = statement.add_columns(*(key.expression.label(f"_key_{i}") for i, key in enumerate(keys)))
    by = [by_key(key.expression, key, asked) for key in keys]
    return statement.order_by(*by).limit(written(asked.limit + 1))


def written(limit: int) -> ColumnElement[int]:
    """A limit written out: a plan for all limits would reckon with a tenth of the table."""
    return sa.literal_column(str(limit), sa.Integer)


def _first(statement: Select[Any], order: Order, asked: PageAsked) -> Select[Any]:
    return once(statement, (order, asked), lambda: first_rows(statement, order, asked))


def by_key(expression: SQLColumnExpression[Any], key: Key, asked: PageAsked) -> ColumnElement[Any]:
    return expression.desc() if key.descending != asked.backward else expression.asc()


def page_of(found: Sequence[Sequence[Any]], width: int, make: Callable[..., R], asked: PageAsked) -> Page[R]:
    more = len(found) > asked.limit
    found = found[: asked.limit]
    if asked.backward:
        found = found[::-1]
    return Page(
        rows=tuple([make(*row[:width]) for row in found]),
        positions=tuple([tuple(row[width:]) for row in found]),
        has_next=asked.before is not None if asked.backward else more,
        has_previous=more if asked.backward else asked.after is not None,
    )


async def page(
    db: Read,
    statement: Select[Any],
    make: Callable[..., R],
    order: Order,
    asked: PageAsked,
    given: Given = None,
) -> Page[R]:
    """
    One page of `statement`, whose columns are those of `make` in order; `given` are its parameters (an order with a `reading`
    takes none).
    """
    if order.reading is not None:
        return await order.reading.page(db, statement, make, asked)
    part = (
        _first(statement, order, asked)
        if asked.after is None is asked.before
        else first_rows(statement, order, asked)
    )
    found = await db.tuples(part, given)
    return page_of(found, -len(order.keys), make, asked)


PARENTS = Rows("parents", id=sa.Uuid)


async def pages(
    db: Read,
    statement: Select[Any],
    parent: SQLColumnExpression[UUID],
    parents: Sequence[UUID],
    make: Callable[..., R],
    order: Order,
    asked: PageAsked,
) -> dict[UUID, Page[R]]:
    """The same page of the list of each parent, in one statement that reads no more of a list than its page."""
    rows = first_rows(statement.where(parent == PARENTS.c.id), order, asked).lateral("page")
    keys = [rows.c[f"_key_{i}"] for i in range(len(order.keys))]
    by = [by_key(column, key, asked) for column, key in zip(keys, order.keys, strict=True)]
    whole = sa.select(PARENTS.c.id, *rows.c).select_from(PARENTS.table).join(rows, sa.true()).order_by(*by)
    found: dict[UUID, list[Sequence[Any]]] = {key: [] for key in parents}
    for row in await db.tuples(whole, PARENTS.bound((key,) for key in parents)):
        found[row[0]].append(row[1:])
    width = len(statement.selected_columns)
    return {key: page_of(part, width, make, asked) for key, part in found.items()}

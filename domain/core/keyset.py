"""
Lists that do not shift: pages by the values of the last row seen (keyset), never by offset.

An `Order` names the sort keys, the last of them unique. A cursor is the values of those keys, so that rows which are
added or removed meanwhile neither repeat nor skip any other row. Signing of cursors belongs to the doors.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select, SQLColumnExpression

from domain.core.db import Given, Read
from domain.core.unnesting import Rows

R = TypeVar("R")

PAGE_DEFAULT = 20
PAGE_MOST = 100
COUNT_MOST = 10_000
"""Counts are exact to here; this number means that many or more."""


@dataclass(frozen=True, slots=True)
class Key:
    """One sort key: never null (coalesce where the column may be)."""

    expression: SQLColumnExpression[Any]
    kind: Callable[[Any], Any]
    descending: bool = False


class Reading(Protocol):
    """Reads pages of a long list; see `domain.core.search.reading`."""

    async def count(self, db: Read) -> int:
        """As `count`."""

    async def page(
        self, db: Read, statement: Select[Any], make: Callable[..., R], asked: "PageAsked"
    ) -> "Page[R]":
        """As `page`."""


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """
    Sort keys in turn; `name` keeps a cursor of one order from being used with another.

    `reading` reads a page, and knows of a count, in another way than by one statement over all rows.
    """

    name: str
    keys: tuple[Key, ...]
    reading: "Reading | None" = None


def uuid_value(value: Any) -> UUID:
    return UUID(value)


def instant_value(value: Any) -> datetime:
    return datetime.fromisoformat(value)


def date_value(value: Any) -> date:
    return date.fromisoformat(value)


def integer_value(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("not an integer")
    return value


def float_value(value: Any) -> float:
    if type(value) is not float or not isfinite(value):
        raise ValueError("not a finite number")
    return value


def newest_first(
    created: SQLColumnExpression[Any], identity: SQLColumnExpression[Any], name: str = "newest"
) -> Order:
    return Order(
        name, (Key(created, instant_value, descending=True), Key(identity, uuid_value, descending=True))
    )


@dataclass(frozen=True, slots=True)
class PageAsked:
    """Which part of a list: forward after a position, or backward before one."""

    limit: int = PAGE_DEFAULT
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows in the list's own order, each with its position."""

    rows: tuple[R, ...]
    positions: tuple[tuple[Any, ...], ...]
    has_next: bool
    has_previous: bool


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


def _part(statement: Select[Any], order: Order, asked: PageAsked) -> Select[Any]:
    """One row more than asked for: it tells whether there is a further page. The keys stand after the columns."""
    keys = order.keys
    for position, backward in ((asked.after, False), (asked.before, True)):
        if position is not None:
            statement = statement.where(_beyond(keys, position, backward=backward))
    statement = statement.add_columns(*(key.expression.label(f"_key_{i}") for i, key in enumerate(keys)))
    by = [_by(key.expression, key, asked) for key in keys]
    return statement.order_by(*by).limit(_written(asked.limit + 1))


def _written(limit: int) -> ColumnElement[int]:
    """A limit written out: a plan for all limits would reckon with a tenth of the table."""
    return sa.literal_column(str(limit), sa.Integer)


_MADE: WeakKeyDictionary[Select[Any], dict[Hashable, Select[Any]]] = WeakKeyDictionary()


def _once(statement: Select[Any], key: Hashable, make: Callable[[], Select[Any]]) -> Select[Any]:
    """What is made of a statement that is kept, and is asked for again and again, is composed once."""
    known = _MADE.setdefault(statement, {})
    found = known.get(key)
    if found is None:
        found = known[key] = make()
    return found


def _first(statement: Select[Any], order: Order, asked: PageAsked) -> Select[Any]:
    return _once(statement, (order, asked), lambda: _part(statement, order, asked))


def _by(expression: SQLColumnExpression[Any], key: Key, asked: PageAsked) -> ColumnElement[Any]:
    return expression.desc() if key.descending != asked.backward else expression.asc()


def _page(found: Sequence[Sequence[Any]], width: int, make: Callable[..., R], asked: PageAsked) -> Page[R]:
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
        else _part(statement, order, asked)
    )
    found = await db.tuples(part, given)
    return _page(found, -len(order.keys), make, asked)


@dataclass(frozen=True, slots=True)
class Part:
    """
    One part of a list, with its own expressions of the list's keys.

    `each`: a column of it, and the ids of whose rows the list is made. Then of each of them the first rows are taken, by an
    index on that column and the keys; without it the rows of all others would be walked past.
    """

    statement: Select[Any]
    keys: tuple[Key, ...]
    each: tuple[SQLColumnExpression[Any], Select[Any]] | None = None

    @property
    def whole(self) -> Select[Any]:
        """Everything, in no order."""
        if self.each is None:
            return self.statement
        column, ids = self.each
        return self.statement.where(column.in_(ids))

    def first(self, asked: "PageAsked") -> sa.Subquery:
        """What of it may be on the page, in no order."""
        order = Order("", self.keys)
        if self.each is None:
            return _part(self.statement, order, asked).subquery()
        column, statement = self.each
        ids = statement.subquery()
        rows = _part(self.statement.where(column == ids.c[0]), order, asked).lateral()
        return sa.select(*rows.c).select_from(ids).join(rows, sa.true()).subquery()


@dataclass(frozen=True, slots=True)
class Merged:
    """
    A list that is several parts together (`Reading`): the database takes the first rows of each by that part's own index, and
    merges them. Of a union as a whole it would read and sort everything.

    There is a part at least.
    """

    parts: tuple[Part, ...]

    async def count(self, db: Read) -> int:
        """As `count`."""
        capped = (sa.select(_capped(part.whole).subquery()) for part in self.parts)
        rows = sa.union_all(*capped).limit(_written(COUNT_MOST))
        return int(await db.scalar(sa.select(sa.func.count()).select_from(rows.subquery())))

    async def page(
        self,
        db: Read,
        statement: Select[Any],  # noqa: ARG002  # of a `Reading`
        make: Callable[..., R],
        asked: PageAsked,
    ) -> Page[R]:
        keys = self.parts[0].keys
        firsts = [part.first(asked) for part in self.parts]
        whole = sa.union_all(*(sa.select(*one.columns) for one in firsts)).subquery()
        by = [_by(whole.c[f"_key_{i}"], key, asked) for i, key in enumerate(keys)]
        found = await db.tuples(sa.select(*whole.columns).order_by(*by).limit(_written(asked.limit + 1)))
        return _page(found, -len(keys), make, asked)


_PARENTS = Rows("parents", id=sa.Uuid)


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
    rows = _part(statement.where(parent == _PARENTS.c.id), order, asked).lateral("page")
    keys = [rows.c[f"_key_{i}"] for i in range(len(order.keys))]
    by = [_by(column, key, asked) for column, key in zip(keys, order.keys, strict=True)]
    whole = sa.select(_PARENTS.c.id, *rows.c).select_from(_PARENTS.table).join(rows, sa.true()).order_by(*by)
    found: dict[UUID, list[Sequence[Any]]] = {key: [] for key in parents}
    for row in await db.tuples(whole, _PARENTS.bound((key,) for key in parents)):
        found[row[0]].append(row[1:])
    width = len(statement.selected_columns)
    return {key: _page(part, width, make, asked) for key, part in found.items()}


def _capped(statement: Select[Any]) -> Select[Any]:
    return (
        statement.with_only_columns(sa.literal(1), maintain_column_froms=True)
        .order_by(None)
        .limit(_written(COUNT_MOST))
    )


async def count(db: Read, statement: Select[Any], order: Order | None = None, given: Given = None) -> int:
    """How many rows, exact to COUNT_MOST and no further; by the `order`, where that knows a better way."""
    if order is not None and order.reading is not None:
        return await order.reading.count(db)
    counted = _once(statement, count, lambda: _counting(statement))
    return int(await db.scalar(counted, given))


def _counting(statement: Select[Any]) -> Select[Any]:
    return sa.select(sa.func.count()).select_from(_capped(statement).subquery())


async def counts(
    db: Read, statement: Select[Any], parent: SQLColumnExpression[UUID], parents: Sequence[UUID]
) -> dict[UUID, int]:
    """The same for the list of each parent, in one statement; an empty list is not among them."""
    key = _PARENTS.c.id
    rows = _capped(statement.where(parent == key)).lateral("counted")
    whole = sa.select(key, sa.func.count()).select_from(_PARENTS.table).join(rows, sa.true()).group_by(key)
    return {row[0]: int(row[1]) for row in await db.rows(whole, _PARENTS.bound((key,) for key in parents))}

"""Lists that are several parts together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Select, SQLColumnExpression

from domain.core.counting import capped
from domain.core.db import Read
from domain.core.keyset import COUNT_MOST, Key, Order, Page, PageAsked
from domain.core.paging import by_key, first_rows, page_of, written

R = TypeVar("R")


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
            return first_rows(self.statement, order, asked).subquery()
        column, statement = self.each
        ids = statement.subquery()
        rows = first_rows(self.statement.where(column == ids.c[0]), order, asked).lateral()
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
        parts = (sa.select(capped(part.whole).subquery()) for part in self.parts)
        rows = sa.union_all(*parts).limit(written(COUNT_MOST))
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
        by = [by_key(whole.c[f"_key_{i}"], key, asked) for i, key in enumerate(keys)]
        found = await db.tuples(sa.select(*whole.columns).order_by(*by).limit(written(asked.limit + 1)))
        return page_of(found, -len(keys), make, asked)

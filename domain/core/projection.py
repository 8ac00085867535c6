"""Plain frozen rows: a dataclass whose fields are columns of a table, read without the ORM."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Executable, Select
from sqlmodel import SQLModel

from domain.core.db import Given, Read
from domain.core.unnesting import any_of

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Projection(Generic[R]):
    """The columns of a row type, in its order."""

    make: Callable[..., R]
    columns: tuple[ColumnElement[Any], ...]
    names: tuple[str, ...]
    """Of the fields."""
    _all: Select[Any]
    _by_ids: Select[Any]

    def select(self) -> Select[Any]:
        """Composed once, as thirty columns take longer than the database; who adds to it makes another."""
        return self._all

    async def all(self, db: Read, statement: Executable, given: Given = None) -> list[R]:
        return [self.make(*row) for row in await db.rows(statement, given)]

    async def first(self, db: Read, statement: Executable) -> R | None:
        row = await db.first(statement)
        return None if row is None else self.make(*row)

    async def by_ids(self, db: Read, ids: Iterable[UUID]) -> list[R]:
        """Those that exist, in no order."""
        return await self.all(db, self._by_ids, {"ids": list(ids)})


def projection(
    row: type[R], table: type[SQLModel], *, identity: str = "id", **others: ColumnElement[Any]
) -> Projection[R]:
    """Fields are columns of the same name, or the expressions given by keyword; rows are found by the column `identity`."""
    columns = sa.inspect(table).columns
    read = tuple(
        others[field.name].label(field.name) if field.name in others else columns[field.name]
        for field in fields(row)  # type: ignore[arg-type]  # any dataclass
    )
    names = tuple(field.name for field in fields(row))  # type: ignore[arg-type]  # any dataclass
    everything = sa.select(*read)
    by_ids = everything.where(columns[identity] == any_of("ids", sa.Uuid))
    return Projection(make=row, columns=read, names=names, _all=everything, _by_ids=by_ids)

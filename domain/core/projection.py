"""Plain frozen rows: a dataclass whose fields are columns of a table, read without the ORM."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Executable, Select
from sqlmodel import SQLModel

from domain.core.db import Given, Read
from domain.core.unnesting import any_of

R = TypeVar("R")


@dataclass(frozen=True, slots=True, eq=False)
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

    def only(self, wanted: Iterable[str]) -> "Projection[R]":
        """Of some fields alone; to read another one of such a row is an AttributeError."""
        names = frozenset(wanted)
        assert names <= set(self.names)
        kept = [
            (name, column) for name, column in zip(self.names, self.columns, strict=True) if name in names
        ]
        columns = tuple(column for _, column in kept)
        return Projection(
            make=_partly(cast("type[R]", self.make), [name for name, _ in kept]),
            columns=columns,
            names=tuple(name for name, _ in kept),
            _all=self._all.with_only_columns(*columns, maintain_column_froms=True),
            _by_ids=self._by_ids.with_only_columns(*columns, maintain_column_froms=True),
        )

    async def all(self, db: Read, statement: Executable, given: Given = None) -> list[R]:
        return [self.make(*row) for row in await db.rows(statement, given)]

    async def first(self, db: Read, statement: Executable, given: Given = None) -> R | None:
        row = await db.first(statement, given)
        return None if row is None else self.make(*row)

    async def by_ids(self, db: Read, ids: Iterable[UUID]) -> list[R]:
        """Those that exist, in no order."""
        return await self.all(db, self._by_ids, {"ids": list(ids)})


def _partly(row: type[R], names: Sequence[str]) -> Callable[..., R]:
    """Makes rows whose other fields are never set; the row's class has slots, so that nothing stands in for them."""
    setters = [row.__dict__[name].__set__ for name in names]

    def made(*values: Any) -> R:
        partial = object.__new__(row)
        for set_one, value in zip(setters, values, strict=True):
            set_one(partial, value)
        return partial

    return made


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

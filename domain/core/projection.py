"""Plain frozen rows: a dataclass whose fields are columns of a table, read without the ORM."""

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from types import FunctionType
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Executable, Select
from sqlmodel import SQLModel

from domain.core.db import Given, Look, Read
from domain.core.unnesting import ByKeys

R = TypeVar("R")
S = TypeVar("S")


@dataclass(frozen=True, slots=True, eq=False)
class Projection(Generic[R]):
    """The columns of a row type, in its order."""

    make: Callable[..., R]
    columns: tuple[ColumnElement[Any], ...]
    names: tuple[str, ...]
    """Of the fields."""
    _all: Select[Any]
    _by_ids: ByKeys
    _narrowed: dict[ByKeys, ByKeys] | None = None
    """Selects of all columns, each as it is of these alone; None where these are all."""

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
            _by_ids=self._by_ids.only(*columns),
            _narrowed={},
        )

    async def all(self, db: Read, statement: Executable, given: Given = None) -> list[R]:
        return [self.make(*row) for row in await db.tuples(statement, given)]

    async def first(self, db: Read, statement: Executable, given: Given = None) -> R | None:
        row = await db.first(statement, given)
        return None if row is None else self.make(*row)

    async def looked_up(self, db: Read, select: ByKeys, ids: Iterable[UUID]) -> dict[UUID, R]:
        """By id, those that a kept select of all columns finds; see `Read.looked_up`."""
        assert self.names[0] == "id"
        return await db.looked_up(self._of_these(select), self.make, list(ids))

    def _of_these(self, select: ByKeys) -> ByKeys:
        if self._narrowed is None:
            return select
        return self._narrowed.get(select) or self._narrowed.setdefault(select, select.only(*self.columns))

    async def of_ids(self, db: Read, ids: Iterable[UUID]) -> dict[UUID, R]:
        """Those that exist, by id; see `Read.looked_up`."""
        return await db.looked_up(self._by_ids, self.make, list(ids))

    async def shown(self, db: Read, ids: Iterable[UUID], show: Callable[..., S]) -> dict[UUID, S]:
        """Those that exist, by id, as `show` makes them of the columns; kept as that where rows are kept (`Read.looked_up`)."""
        return await db.looked_up(self._by_ids, show, list(ids))

    def kept(self, look: Look, ids: Sequence[UUID], show: Callable[..., S]) -> list[S | None] | None:
        """As `shown`, in the order of the ids, where all of them are kept (`Look.kept`)."""
        return look.kept(self._by_ids, show, ids)

    async def by_ids(self, db: Read, ids: Iterable[UUID]) -> list[R]:
        """Those that exist, in no order."""
        return await self.all(db, *self._by_ids.of(ids))


def _partly(row: type[R], names: Sequence[str]) -> Callable[..., R]:
    """A class of tuples with these fields and the methods of the row's class; to read another field is an AttributeError."""
    others = [field.name for field in fields(row) if field.name not in names]  # type: ignore[arg-type]  # any dataclass
    methods = {
        name: found
        for name, found in vars(row).items()
        if isinstance(found, FunctionType | property) and not name.startswith("__")
    }
    body = {"__slots__": (), **methods, **{name: property(_unread) for name in others}}
    return cast("Callable[..., R]", type(row.__name__, (namedtuple(row.__name__, names),), body))  # noqa: PYI024  # its fields are known here alone


def _unread(_row: Any) -> Any:
    raise AttributeError("this field was not asked for")


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
    by_ids = ByKeys(lambda ids: everything.where(columns[identity] == ids), sa.Uuid)
    return Projection(make=row, columns=read, names=names, _all=everything, _by_ids=by_ids)

"""Plain frozen rows: a dataclass whose fields are columns of a table, read without the ORM."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Executable, Select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import SQLModel

from domain.core.db import Read

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Projection(Generic[R]):
    """The columns of a row type, in its order."""

    make: Callable[..., R]
    columns: tuple[ColumnElement[Any], ...]
    id: ColumnElement[UUID]
    selected: Select[Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "selected", sa.select(*self.columns))

    def select(self) -> Select[Any]:
        """Never changed by who adds to it, and composed once: thirty columns take longer than the database."""
        return self.selected

    async def all(self, db: Read, statement: Executable) -> list[R]:
        return [self.make(*row) for row in await db.rows(statement)]

    async def first(self, db: Read, statement: Executable) -> R | None:
        row = await db.first(statement)
        return None if row is None else self.make(*row)

    async def by_ids(self, db: Read, ids: Iterable[UUID]) -> list[R]:
        """Those that exist, in no order."""
        asked = sa.any_(sa.literal(list(ids), ARRAY(self.id.type)))
        return await self.all(db, self.select().where(self.id == asked))


def projection(row: type[R], table: type[SQLModel], **others: ColumnElement[Any]) -> Projection[R]:
    """Fields are columns of the same name, or the expressions given by keyword."""
    columns = sa.inspect(table).columns
    return Projection(
        make=row,
        columns=tuple(
            others[part.name].label(part.name) if part.name in others else columns[part.name]
            for part in fields(row)  # type: ignore[arg-type]  # any dataclass
        ),
        id=columns["id"],
    )

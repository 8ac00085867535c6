"""
What is held about a youth, table by table: what they are shown of it, and what becomes of it when they are erased.

Each programme declares its tables in its `holdings.py`, `domain.holdings` gathers them, and a test fails for a table with a
person's id that nobody declared. Nothing of other persons is shown: no other youths, and of staff and organizations only
what the youth is told anyway.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select
from sqlmodel import SQLModel, col

from domain.core.db import Read, Write
from domain.core.sealing import Sealer, place


class Fate(StrEnum):
    """What an erasure does to the rows."""

    DELETED = "DELETED"
    ANONYMISED = "ANONYMISED"
    """The row stays for counts; what says whose it is, and every text, goes."""
    KEPT = "KEPT"


@dataclass(frozen=True, slots=True)
class Said:
    """Words for the youth, in each language."""

    zh: str
    en: str

    def to_json(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


Shown = Callable[[Any, Sealer], Any]
"""A value of a row as its youth reads it."""


@dataclass(frozen=True, slots=True)
class Holding:
    """
    The rows of a table that are about a youth.

    `name` is their key in an export and on a receipt. `of` finds them; `shows` says what an export gives of each, by
    readable names: a column, or a `Shown` (see `opened`). `rows` selects them where the table's own columns do not tell
    enough. `cleared` is what ANONYMISED sets (see `blank`); `because` is the reason in law for what is not DELETED.
    """

    name: str
    table: type[SQLModel]
    what: Said
    of: Callable[[UUID], ColumnElement[bool]]
    shows: Mapping[str, str | Shown]
    fate: Fate = Fate.DELETED
    because: Said | None = None
    cleared: Mapping[str, Any] | None = None
    rows: Callable[[UUID], Select[Any]] | None = None

    def __post_init__(self) -> None:
        if (self.fate is Fate.DELETED) != (self.because is None):
            raise TypeError(f"{self.name}: what is not deleted has a reason, and only that")
        if (self.fate is Fate.ANONYMISED) != (self.cleared is not None):
            raise TypeError(f"{self.name}: what is anonymised says which columns are cleared, and only that")

    def selected(self, youth_id: UUID) -> Select[Any]:
        if self.rows is not None:
            return self.rows(youth_id)
        return sa.select(*sa.inspect(self.table).columns).where(self.of(youth_id))


Ending = Callable[[Write, UUID], Awaitable[None]]
"""Brings to an end what a youth has under way, by the domain's own actions, before anything is erased."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything held, in the order in which it is erased: what refers to a row before the row."""

    tables: tuple[Holding, ...]
    endings: tuple[Ending, ...]
    no_youths: Mapping[str, str]
    """Columns `table.column` that could hold a youth's id and do not: what they hold instead."""


def opened(table: type[SQLModel], column: str) -> Shown:
    """The text of the column `<column>_sealed`, sealed for this table, column and row."""
    name = str(table.__tablename__)

    def show(row: Any, sealer: Sealer) -> str | None:
        sealed = getattr(row, f"{column}_sealed")
        return None if sealed is None else sealer.open(sealed, place(name, column, row.id))

    return show


def blank(table: type[SQLModel], *keep: str, **cleared: Any) -> dict[str, Any]:
    """
    Every column but those to keep becomes null, or its default where it may not be null; others as given.

    By what is kept and not by what goes, so that a column added later is not forgotten.
    """
    whole = dict(cleared)
    for column in sa.inspect(table).columns:
        if column.name not in keep and column.name not in cleared:
            if not column.nullable and column.server_default is None:
                raise TypeError(f"{column}: say what it becomes")
            whole[column.name] = None if column.nullable else sa.text("DEFAULT")
    return whole


async def shown(tx: Write, sealer: Sealer, holding: Holding, youth_id: UUID) -> AsyncIterator[dict[str, Any]]:
    """The rows as their youth reads them, one after the other; never all in memory."""
    if not holding.shows:
        return
    async with tx.connection.stream(holding.selected(youth_id)) as found:
        async for row in found:
            yield {
                name: getattr(row, how) if isinstance(how, str) else how(row, sealer)
                for name, how in holding.shows.items()
            }


async def count(db: Read, holding: Holding, youth_id: UUID) -> int:
    rows = sa.select(sa.func.count()).select_from(holding.table).where(holding.of(youth_id))
    return int(await db.scalar(rows))


async def erase(tx: Write, holding: Holding, youth_id: UUID) -> int:
    """Do to the rows what their fate is; how many they are. Again changes nothing more."""
    match holding.fate:
        case Fate.DELETED:
            return await tx.execute(sa.delete(holding.table).where(holding.of(youth_id)))
        case Fate.ANONYMISED:
            cleared = dict(holding.cleared or {})
            return await tx.execute(sa.update(holding.table).where(holding.of(youth_id)).values(cleared))
        case Fate.KEPT:
            return await count(tx, holding, youth_id)


def owned_by(column: Any, owners: Callable[[UUID], Select[Any]]) -> Callable[[UUID], ColumnElement[bool]]:
    """Rows of a table that belong to rows of another: the column is one of the other's ids."""

    def of(youth_id: UUID) -> ColumnElement[bool]:
        return col(column).in_(owners(youth_id))

    return of


def tables_of(holdings: Sequence[Holding]) -> frozenset[str]:
    return frozenset(str(holding.table.__tablename__) for holding in holdings)

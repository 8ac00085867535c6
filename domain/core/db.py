"""
Reading and writing as different types: a resolver that reads cannot write, and only a mutation opens a transaction.

A `Read` is a short look at committed data. A `Write` is one transaction: domain functions take it and never commit.
Statements are SQLAlchemy Core over the SQLModel tables; no identity map, no lazy loading anywhere.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Executable, Select, SelectBase, bindparam, inspect, update
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import SQLModel

from domain.core.actors import Actor
from domain.core.clock import day_of
from domain.core.unnesting import ByKeys

R = TypeVar("R")


@cache
def _insertion(table: type[SQLModel]) -> Insert:
    """Into the table itself: by way of its class each row would be looked at as an object's."""
    return pg_insert(table.__table__)  # type: ignore[attr-defined]  # SQLModel's tables have one


Given = Mapping[str, Any] | None
"""Values for the parameters of a statement that was built before."""


class Column(Protocol):
    """The first column of what a statement found."""

    def all(self) -> Sequence[Any]: ...


class Found(Protocol):
    """What a statement found."""

    def all(self) -> Sequence[Any]: ...

    def first(self) -> Any: ...

    def scalar(self) -> Any: ...

    def scalars(self) -> Column: ...


class Runs(Protocol):
    """What runs a statement: a connection, or what takes one for each statement."""

    @property
    def engine(self) -> AsyncEngine: ...

    async def execute(self, statement: Executable, given: Given = None, /) -> Found: ...


class Looks(Protocol):
    """What finds rows by their ids, together with others who ask by the same select at one time."""

    async def looked_up(
        self, select: ByKeys, make: Callable[..., Any], ids: Sequence[Any]
    ) -> Mapping[Any, Any]:
        """As `Read.looked_up`, and what the others asked for too."""


class Read:
    """A short look at the data, at the instant `now`."""

    __slots__ = ("connection", "now", "together")

    connection: Runs

    def __init__(self, connection: Runs, now: datetime, together: Looks | None = None) -> None:
        self.connection = connection
        self.now = now
        self.together = together

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        return day_of(self.now)

    async def rows(self, statement: Executable, given: Given = None) -> Sequence[Any]:
        return (await self.connection.execute(statement, given)).all()

    async def tuples(self, statement: Executable, given: Given = None) -> Sequence[Sequence[Any]]:
        """The rows by position alone, which takes less time where names are not needed."""
        found = await self.connection.execute(statement, given)
        positional: Callable[[], Sequence[Sequence[Any]]] | None = getattr(found, "positional", None)
        return found.all() if positional is None else positional()

    async def first(self, statement: Executable, given: Given = None) -> Any:
        return (await self.connection.execute(statement, given)).first()

    async def scalar(self, statement: Executable, given: Given = None) -> Any:
        return (await self.connection.execute(statement, given)).scalar()

    async def scalars(self, statement: Executable, given: Given = None) -> Sequence[Any]:
        return (await self.connection.execute(statement, given)).scalars().all()

    async def looked_up(self, select: ByKeys, make: Callable[..., R], ids: Sequence[UUID]) -> dict[UUID, R]:
        """
        What `make` makes of the rows of a select, by their ids: the first column.

        Those who look at one time, by the same select, get theirs by one statement: rights must be part of its WHERE.
        """
        if self.together is None:
            return {row[0]: make(*row) for row in await self.tuples(*select.of(ids))}
        found = await self.together.looked_up(select, make, ids)
        return {key: row for key in ids if (row := found.get(key)) is not None}

    async def exists(self, statement: Select[Any]) -> bool:
        return bool(await self.scalar(statement.exists().select()))


class Write(Read):
    """One transaction, by `actor`; whoever opened it commits."""

    __slots__ = ("actor",)

    connection: AsyncConnection

    def __init__(self, connection: AsyncConnection, now: datetime, actor: Actor) -> None:
        super().__init__(connection, now)
        self.actor = actor

    async def execute(self, statement: Executable, given: Given = None) -> int:
        """Run a statement that changes data; the number of rows it touched."""
        return (await self.connection.execute(statement, given)).rowcount

    async def parts(self, statement: SelectBase, at_once: int) -> AsyncIterator[Sequence[Any]]:
        """
        What a statement finds, so many rows at a time, by a cursor of the server: for millions of rows.

        The rows are the driver's own: values by position, members of an enum as their text.
        """
        raw = await self.connection.get_raw_connection()
        driver: Any = raw.driver_connection
        compiled = statement.compile(dialect=self.connection.dialect, compile_kwargs={"literal_binds": True})
        cursor = await driver.cursor(str(compiled))
        while part := await cursor.fetch(at_once):
            yield part

    async def insert(self, table: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> None:
        """Insert plain rows, all with the same keys, in one round trip."""
        values = [dict(row) for row in rows]
        if values:
            await self.connection.execute(_insertion(table), values)

    async def update_each(self, table: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> None:
        """Change rows, each by its own `id`, all with the same keys, in one round trip."""
        values = [{f"_{name}": value for name, value in row.items()} for row in rows]
        if not values:
            return
        columns = inspect(table).columns
        names = [name.removeprefix("_") for name in values[0] if name != "_id"]
        statement = update(table.__table__).where(columns["id"] == bindparam("_id"))  # type: ignore[attr-defined]  # the table itself: many rows by key
        await self.connection.execute(
            statement.values({name: bindparam(f"_{name}") for name in names}), values
        )

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What is inside is undone when it raises; the transaction lives on."""
        async with self.connection.begin_nested():
            yield


class Look(AbstractAsyncContextManager[Read]):
    """A look that somebody is about to take."""

    __slots__ = ()

    def kept(self, select: ByKeys, make: Callable[..., R], ids: Sequence[UUID]) -> list[R | None] | None:  # noqa: ARG002  # for those who keep something
        """As `Read.looked_up`, in the order of the ids and without waiting; None when one of them must be waited for."""
        return None


class Database(Protocol):
    """What the outside gives: short reads and transactions."""

    def read(self) -> Look: ...

    def read_as_stranger(self) -> Look:
        """For whoever has no credentials: what is public may be up to a second old."""

    def read_as_youth(self) -> Look:
        """For youths: what no youth changes may be up to a second old."""

    def write(self, actor: Actor) -> AbstractAsyncContextManager[Write]: ...

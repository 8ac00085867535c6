"""
Reads by the driver itself: SQLAlchemy composes and caches a statement, asyncpg runs it, nothing lies between.

A connection is taken for each statement and given back with its rows, so that none is held while Python works. It commits
by itself: no BEGIN is sent and there is nothing to roll back.

SQLAlchemy has no public way to compose a statement and leave the running to others, so parts of it are used that are its
own (SLF001). The lock holds its version; `tests/infra/test_plain_reads.py` and all that reads say when they change.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast
from weakref import WeakKeyDictionary

import asyncpg
from sqlalchemy import ARRAY, Dialect, Executable, Row
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool, PoolProxiedConnection, QueuePool
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine
from sqlalchemy.util import greenlet_spawn

from domain.core.columns import EnumText
from domain.core.db import Given
from infra.tables import tables_read

_Columns = Sequence[tuple[str, TypeEngine[Any]]]


class Rows:
    """What a statement gave; the part of SQLAlchemy's results that `domain.core.db.Read` uses, and rows as plain tuples."""

    __slots__ = ("_records", "_rows", "_shape", "_tuples")

    def __init__(self, records: Sequence[asyncpg.Record], shape: "_Shape") -> None:
        self._records = records
        self._shape = shape
        self._rows: list[Row[Any]] | None = None
        self._tuples: list[tuple[Any, ...]] | None = None

    def all(self) -> Sequence[Row[Any]]:
        if self._rows is None:
            self._rows = [self._shape.row(record) for record in self._records]
        return self._rows

    def positional(self) -> Sequence[tuple[Any, ...]]:
        """The values by position alone, which takes less time than rows that know names."""
        if self._tuples is None:
            self._tuples = [self._shape.values(record) for record in self._records]
        return self._tuples

    def first(self) -> Row[Any] | None:
        return self._shape.row(self._records[0]) if self._records else None

    def scalar(self) -> Any:
        return self._shape.values(self._records[0])[0] if self._records else None

    def scalars(self) -> "Scalars":
        return Scalars([row[0] for row in self.positional()])


class Scalars:
    """The first column."""

    __slots__ = ("_found",)

    def __init__(self, found: Sequence[Any]) -> None:
        self._found = found

    def all(self) -> Sequence[Any]:
        return self._found


def _processor(kind: TypeEngine[Any], dialect: Dialect, oid: int) -> Any:
    """What SQLAlchemy would make of a value; None for what the driver gives as it should be."""
    if isinstance(kind, EnumText):
        return kind.reader
    is_list = isinstance(kind, ARRAY) and not kind.as_tuple
    if is_list and kind.item_type._cached_result_processor(dialect, None) is None:  # type: ignore[attr-defined]  # noqa: SLF001  # see the head of the file
        return None  # a list already, SQLAlchemy would copy it
    return kind._cached_result_processor(dialect, oid)  # noqa: SLF001  # see the head of the file


class _Shape:
    """How the records of one compiled statement become rows."""

    __slots__ = ("_made", "indexes", "parent", "processors")

    def __init__(self, columns: _Columns, dialect: Dialect, attributes: Sequence[asyncpg.Attribute]) -> None:
        names = [name for name, _ in columns] or [attribute.name for attribute in attributes]
        self.parent = SimpleResultMetaData(names)
        self.indexes = self.parent._key_to_index  # noqa: SLF001  # see the head of the file
        processors = [
            _processor(kind, dialect, attribute.type.oid)
            for (_, kind), attribute in zip(columns, attributes, strict=False)
        ]
        self.processors = processors if any(processors) else None
        self._made = [(place, made) for place, made in enumerate(processors) if made is not None]

    def values(self, record: asyncpg.Record) -> tuple[Any, ...]:
        if not self._made:
            return tuple(record)
        found = list(record)
        for place, made in self._made:
            found[place] = made(found[place])
        return tuple(found)

    def row(self, record: asyncpg.Record) -> Row[Any]:
        return Row(self.parent, self.processors, self.indexes, tuple(record))


class Form:
    """
    What is known of one composed statement, whatever values it is run with. It does not hold the statement: what is kept by a
    statement must not be what keeps it.
    """

    __slots__ = ("__weakref__", "_columns", "_dialect", "_shape", "tables")

    def __init__(self, compiled: SQLCompiler) -> None:
        result = compiled._result_columns  # noqa: SLF001  # as SQLAlchemy's own cursors read it
        self.tables = tables_read(compiled.statement)
        """That it reads; none where that cannot be known."""
        self._columns = [(column.keyname, column.type) for column in result]
        self._dialect = compiled.dialect
        self._shape: _Shape | None = None

    def shape(self, attributes: Sequence[asyncpg.Attribute]) -> _Shape:
        if self._shape is None:
            self._shape = _Shape(self._columns, self._dialect, attributes)
        return self._shape


def _open(pool: Pool) -> bool:
    """Is the connection that the pool would give open, so that nothing is waited for?"""
    queue: Any = pool._pool if isinstance(pool, AsyncAdaptedQueuePool) else None  # noqa: SLF001  # as above
    waiting = getattr(queue, "_queue", None)
    if not isinstance(waiting, asyncio.LifoQueue) or waiting.empty():
        return False
    found = waiting._queue[-1]  # type: ignore[attr-defined]  # noqa: SLF001  # the last one comes first
    spoilt = max(found._soft_invalidate_time, pool._invalidate_time)  # noqa: SLF001  # as above
    return found.dbapi_connection is not None and spoilt <= found.starttime and pool._recycle < 0  # noqa: SLF001  # as above


class Composed(NamedTuple):
    """A statement as text, with its values in the order of their places."""

    form: Form
    text: str
    values: list[Any]


class _Kept:
    """A statement that was composed, with its own values made ready; good for whoever gives the same names."""

    __slots__ = ("_made", "_places", "_processors", "form", "names", "text")

    def __init__(
        self,
        form: Form,
        text: str,
        places: Sequence[str],
        made: Sequence[Any],
        processors: Mapping[str, Any],
        names: frozenset[str],
    ) -> None:
        self.form = form
        self.names = names
        self.text = text
        self._places = {place: index for index, place in enumerate(places)}
        self._made = [None if place in names else value for place, value in zip(places, made, strict=True)]
        self._processors = processors

    def composed(self, named: Given) -> Composed:
        """With the values of this time."""
        values = list(self._made)
        for name, value in (named or {}).items():
            place = self._places.get(name)
            if place is not None:
                processor = self._processors.get(name)
                values[place] = value if processor is None else processor(value)
        return Composed(self.form, self.text, values)


class PlainReads:
    """Runs reads over the engine's own pool."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._engine = engine.sync_engine
        self._dialect = cast("PGDialect_asyncpg", self._engine.dialect)
        self._forms: WeakKeyDictionary[SQLCompiler, Form] = WeakKeyDictionary()
        self._kept: WeakKeyDictionary[Executable, _Kept] = WeakKeyDictionary()

    async def execute(self, statement: Executable, given: Given = None, /) -> Rows:
        """All rows; a DBAPIError for what the database refuses, as SQLAlchemy raises it."""
        return await self.run(self.composed(statement, given))

    async def run(self, composed: Composed) -> Rows:
        """As `execute`, for what was composed before."""
        kept = await self._taken()
        try:
            found = await self._run(kept.dbapi_connection, composed)
        except DBAPIError as fault:
            if fault.connection_invalidated:
                kept.invalidate(fault)
            raise
        except BaseException as fault:
            kept.invalidate(fault)  # cut off in the middle: what the server is at is not known
            raise
        finally:
            await self._give_back(kept)
        return found

    async def _taken(self) -> PoolProxiedConnection:
        pool = self._engine.pool
        return pool.connect() if _open(pool) else await greenlet_spawn(pool.connect)

    async def _give_back(self, kept: PoolProxiedConnection) -> None:
        if isinstance(self._engine.pool, QueuePool):
            kept.close()  # it goes on: there is nothing to wait for
        else:
            await greenlet_spawn(kept.close)

    async def _run(self, connection: Any, composed: Composed) -> Rows:
        form, text, values = composed
        for listener in self._engine.dispatch.before_cursor_execute:
            listener(None, None, text, values, None, False)
        dialect = self._dialect
        try:
            prepared, attributes = await connection._prepare(  # noqa: SLF001  # it keeps what it has prepared
                text,
                dialect._invalidate_schema_cache_asof,  # noqa: SLF001  # see the head of the file
            )
            records = await prepared.fetch(*values)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise self._translated(connection, error, text) from error
        return Rows(records, form.shape(attributes))

    def composed(self, statement: Executable, named: Given = None) -> Composed:
        """
        The statement as text, with its values in the order of their places; kept for as long as the statement itself, as
        those that run often are built once.
        """
        kept, names = self._kept.get(statement), frozenset(named or ())
        if kept is not None and kept.names == names:
            return kept.composed(named)
        compiled, text, places, given, processors = self._compiled(statement, named)
        form = self._forms.get(compiled)
        if form is None:
            form = self._forms[compiled] = Form(compiled)
        values = [
            processors[place](given[place]) if place in processors else given[place] for place in places
        ]
        # What makes its value anew each time, or changes the text by a value of this time, is composed each time.
        if not any(
            found.callable is not None or (found.required and found in compiled.post_compile_params)
            for found in compiled.bind_names
        ):
            self._kept[statement] = _Kept(form, text, places, values, processors, names)
        return Composed(form, text, values)

    def _compiled(
        self, statement: Executable, named: Given
    ) -> tuple[SQLCompiler, str, Sequence[str], Mapping[str, Any], Mapping[str, Any]]:
        composed, extracted, collected, _ = statement._compile_w_cache(  # noqa: SLF001  # see the head of the file
            self._dialect,
            compiled_cache=self._engine._compiled_cache,  # noqa: SLF001  # see the head of the file
            column_keys=[],
        )
        compiled = cast("SQLCompiler", composed)
        given = compiled.construct_params(
            named, extracted_parameters=extracted, escape_names=False, _collected_params=collected
        )
        text: str = compiled.string
        places: Sequence[str] | None = compiled.positiontup
        processors: Mapping[str, Any] = compiled._bind_processors  # noqa: SLF001  # see the head of the file
        if compiled.literal_execute_params or compiled.post_compile_params:
            expanded = compiled._process_parameters_for_postcompile(given)  # noqa: SLF001  # see the head of the file
            text, places = expanded.statement, expanded.positiontup
            processors = {**processors, **expanded.processors}
        return compiled, text, places or (), given, processors

    def _translated(self, connection: Any, error: Exception, text: str) -> BaseException:
        """The error as SQLAlchemy would raise it, without the values."""
        dialect = self._dialect
        if isinstance(error, asyncpg.InvalidCachedStatementError | asyncpg.InternalServerError):
            dialect._invalidate_schema_cache()  # type: ignore[no-untyped-call]  # noqa: SLF001  # a table has changed: prepare anew
        try:
            connection._handle_exception(error)  # noqa: SLF001  # see the head of the file
        except Exception as translated:  # noqa: BLE001  # it always raises
            error = translated
        return DBAPIError.instance(
            text,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=connection._connection.is_closed(),  # noqa: SLF001  # see the head of the file
            dialect=dialect,
        )

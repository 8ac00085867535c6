"""Connections to Postgres: short reads without a transaction, and writes as one transaction each."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.sql.compiler import SQLCompiler

from domain.core.actors import Actor
from domain.core.clock import Clock, system_clock
from domain.core.db import Read, Runs, Write
from domain.public import PUBLIC_TABLES, REFERENCE_TABLES, TABLES_OF_STAFF
from infra.keeping import Keeper, KeptReads
from infra.reading import PlainReads
from infra.settings import Settings
from infra.tables import tables_written
from infra.together import Together

# A statement that takes this long is a mistake; a lock that long is somebody's crash.
_SERVER_SETTINGS = {
    "application_name": "qingyi",
    "timezone": "UTC",
    "statement_timeout": "15s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "30s",
}
POOL_WAIT_SECONDS = 10
_CHANGED = "qingyi_changed"
"""Where a connection keeps the tables that its transaction has written."""


def _to_json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()  # asyncpg gives ids of a class of its own


def make_engine(url: str, *, pool: int = 8, statement_cache: int = 256) -> AsyncEngine:
    """An engine of `pool` connections at most. Behind pgbouncer in transaction mode, `statement_cache` must be 0."""
    return create_async_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_use_lifo=True,
        hide_parameters=True,  # an error's text must not carry names and numbers into a log
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        connect_args={
            "statement_cache_size": statement_cache,
            "prepared_statement_cache_size": statement_cache,
            "server_settings": _SERVER_SETTINGS,
        },
    )


class _Looking:
    """A short look: nothing is opened for it and nothing is left to close."""

    __slots__ = ("_read",)

    def __init__(self, read: Read) -> None:
        self._read = read

    async def __aenter__(self) -> Read:
        return self._read

    async def __aexit__(self, *_: object) -> None:
        return None


class EngineDatabase:
    """`domain.core.db.Database` over an engine and a clock."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock = system_clock,
        *,
        statement_cache: int = 256,
        keeper: Keeper | None = None,
        together: bool = False,
    ) -> None:
        self.engine = engine
        self.clock: Callable[[], datetime] = clock
        self._plain = PlainReads(engine)
        self._pooled = engine.execution_options(isolation_level="AUTOCOMMIT")
        # What the driver prepares by itself a pgbouncer in transaction mode would send elsewhere.
        self._prepares = statement_cache > 0
        self._keeper = keeper
        if keeper is not None:
            self._written: WeakKeyDictionary[SQLCompiler, frozenset[str]] = WeakKeyDictionary()
            event.listen(engine.sync_engine, "before_cursor_execute", self._note_written)
        self._anybody, self._youths, self._strangers = (
            self._reader(tables, shared=together)
            for tables in (REFERENCE_TABLES, TABLES_OF_STAFF, PUBLIC_TABLES)
        )

    async def aclose(self) -> None:
        """Until nothing is under way any more."""
        for _, together in (self._anybody, self._youths, self._strangers):
            await together.aclose()

    def read(self) -> AbstractAsyncContextManager[Read]:
        return self._looking(self._anybody)

    def read_as_youth(self) -> AbstractAsyncContextManager[Read]:
        return self._looking(self._youths)

    def read_as_stranger(self) -> AbstractAsyncContextManager[Read]:
        return self._looking(self._strangers)

    def _reader(self, tables: frozenset[str], *, shared: bool) -> tuple[Runs, Together]:
        """What runs the reads of those who may see changes of these tables a moment late."""
        keeper = self._keeper
        together = Together(self._plain, shared=shared, keeper=keeper, tables=tables)
        if keeper is None or keeper.seconds == 0:
            return self._plain, together
        return KeptReads(self._plain, keeper, tables), together

    def _looking(self, reader: tuple[Runs, Together]) -> AbstractAsyncContextManager[Read]:
        runs, together = reader
        return _Looking(Read(runs, self.clock(), together)) if self._prepares else self._read()

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[Read]:
        async with self._pooled.connect() as connection:
            yield Read(connection, self.clock())

    @asynccontextmanager
    async def write(self, actor: Actor) -> AsyncIterator[Write]:
        changed: set[str] = set()
        try:
            async with self.engine.begin() as connection:
                connection.info[_CHANGED] = changed
                yield Write(connection, self.clock(), actor)
        finally:
            if changed and self._keeper is not None:
                self._keeper.changes.note(changed)  # also when it is not known whether it was committed

    def _note_written(
        self, connection: Any, _cursor: Any, _text: str, _values: Any, run: Any, *_: Any
    ) -> None:
        compiled = None if run is None else run.compiled  # a plain read has no context
        if compiled is None:
            return
        written = self._written.get(compiled)
        if written is None:
            written = self._written[compiled] = tables_written(compiled.statement)
        if written:
            connection.info.setdefault(_CHANGED, set()).update(written)


def database_of(config: Settings, url: str) -> EngineDatabase:
    engine = make_engine(url, pool=config.database_pool, statement_cache=config.database_statement_cache)
    return EngineDatabase(engine, statement_cache=config.database_statement_cache)

"""
Rows of public reads, kept for less than a second.

What is kept are the rows of a statement, by its text and values: they hold whatever its answer depends on, rights and language
too, since rights are part of a WHERE. Two kinds of readers get them: strangers, for statements over tables that are public
(`domain.public`), and everybody, for tables that no operation of the API changes. So whoever writes through the API reads what
they wrote: they have credentials, and with these the database itself is asked.

Rows are used for `seconds` after their statement was sent, whatever Valkey says, and no longer once a change of one of its
tables was noted (`infra.changes`). Those who ask for the same at one time wait for one statement together; should it fail, each
of the others asks by itself.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from prometheus_client import Counter, Gauge
from sqlalchemy import Executable, TableClause, TextClause
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase

from domain.core.db import Given
from infra.changes import Changes
from infra.reading import Composed, PlainReads, Rows

ENTRIES_MOST = 2_000
BYTES_OF_ONE = 256 * 1024
"""What is larger is not kept."""
_BYTES_OF_ROW, _BYTES_OF_VALUE = 120, 40

_ASKED = Counter("qingyi_kept_rows_asked", "Reads of what may be kept, by whether it was there.", ["found"])
HIT, MISS = _ASKED.labels("yes"), _ASKED.labels("no")
_BYTES = Gauge("qingyi_kept_rows_bytes", "About how many bytes of rows are kept.")


@dataclass(slots=True, eq=False)
class _Kept:
    """Rows, or the statement that will give them."""

    began: float
    count: int
    """Of the changes of its tables when it began."""
    flight: asyncio.Task[Rows]
    size: int = 0


class Keeper:
    """What a process keeps. `seconds` 0: nothing."""

    def __init__(self, changes: Changes, seconds: float, bytes_most: int) -> None:
        self.changes = changes
        self.seconds = seconds
        self._bytes_most = bytes_most
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._bytes = 0
        self._flights: set[asyncio.Task[Rows]] = set()
        self._tables: WeakKeyDictionary[SQLCompiler, frozenset[str]] = WeakKeyDictionary()

    def tables(self, compiled: SQLCompiler) -> frozenset[str]:
        """The tables that a statement reads; none where that cannot be known."""
        found = self._tables.get(compiled)
        if found is None:
            found = self._tables[compiled] = tables_read(compiled.statement)
        return found

    async def rows(self, plain: PlainReads, composed: Composed, tables: frozenset[str]) -> Rows:
        """The rows of a statement, kept or new."""
        key = _key(composed)
        if key is None:
            return await plain.run(composed)
        now, count = time.monotonic(), self.changes.count(tables)
        kept = self._kept.get(key)
        if kept is not None and kept.count == count and now - kept.began < self.seconds:
            self._kept.move_to_end(key)
            HIT.inc()
            try:
                flight = kept.flight
                return flight.result() if flight.done() else await asyncio.shield(flight)
            except Exception:  # noqa: BLE001  # another's: this one asks by itself
                return await plain.run(composed)
        MISS.inc()
        flight = asyncio.create_task(plain.run(composed))
        kept = _Kept(now, count, flight)
        self._put(key, kept)
        self._flights.add(flight)
        flight.add_done_callback(lambda _: self._landed(key, kept))
        return await asyncio.shield(flight)

    async def aclose(self) -> None:
        """Until nothing is under way any more."""
        await asyncio.gather(*self._flights, return_exceptions=True)

    def _put(self, key: Hashable, kept: _Kept) -> None:
        self._drop(key)
        self._kept[key] = kept
        if len(self._kept) > ENTRIES_MOST:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        before = self._kept.pop(key, None)
        if before is not None:
            self._bytes -= before.size

    def _landed(self, key: Hashable, kept: _Kept) -> None:
        flight = kept.flight
        self._flights.discard(flight)
        failed = flight.cancelled() or flight.exception() is not None
        if self._kept.get(key) is not kept:
            return
        kept.size = 0 if failed else _size(flight.result())
        if failed or kept.size > BYTES_OF_ONE:
            del self._kept[key]
            return
        self._bytes += kept.size
        while self._bytes > self._bytes_most:
            self._drop(next(iter(self._kept)))
        _BYTES.set(self._bytes)


class KeptReads:
    """Runs reads as `PlainReads` does; rows of statements over `tables` alone may be kept ones."""

    def __init__(self, plain: PlainReads, keeper: Keeper, tables: frozenset[str]) -> None:
        self._plain = plain
        self._keeper = keeper
        self._may_be_kept = tables

    @property
    def engine(self) -> AsyncEngine:
        return self._plain.engine

    async def execute(self, statement: Executable, given: Given = None, /) -> Rows:
        composed = self._plain.composed(statement, given)
        tables = self._keeper.tables(composed.compiled)
        if tables and tables <= self._may_be_kept:
            return await self._keeper.rows(self._plain, composed, tables)
        return await self._plain.run(composed)


def tables_read(statement: Any) -> frozenset[str]:
    """The tables that a statement reads; none for one that writes, locks, or has words of its own in it."""
    found: set[str] = set()
    for part in visitors.iterate(statement):
        if isinstance(part, TextClause | UpdateBase) or getattr(part, "_for_update_arg", None) is not None:
            return frozenset()
        if isinstance(part, TableClause):
            found.add(part.name)
    return frozenset(found)


def tables_written(statement: Any) -> frozenset[str]:
    """The tables that a statement itself writes; what it deletes below them by a foreign key is not among them."""
    written = (part.table for part in visitors.iterate(statement) if isinstance(part, UpdateBase))
    return frozenset(table.name for table in written if isinstance(table, TableClause))


def _key(composed: Composed) -> Hashable | None:
    """None for values that cannot be part of a key."""
    values = tuple(tuple(value) if isinstance(value, list) else value for value in composed.values)
    try:
        hash(values)
    except TypeError:
        return None
    return composed.compiled, composed.text, values


def _size(rows: Rows) -> int:
    """About how many bytes: texts are what is large."""
    found = 0
    for row in rows.positional():
        found += _BYTES_OF_ROW
        for value in row:
            found += _BYTES_OF_VALUE
            if isinstance(value, str | bytes):
                found += 2 * len(value)
            elif isinstance(value, list):
                found += sum(_BYTES_OF_VALUE + 2 * len(str(one)) for one in value)
    return found

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
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from prometheus_client import Gauge
from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.core.db import Given
from infra.changes import Changes
from infra.reading import Composed, Form, PlainReads, Rows
from infra.tallies import Tallies

ENTRIES_MOST = 2_000
BYTES_OF_ONE = 256 * 1024
"""What is larger is not kept."""
BYTES_OF_VALUES = 4 * 1024
"""Nor are rows of a statement that was given more: the values are kept with the rows."""
_BYTES_OF_ROW, _BYTES_OF_VALUE = 120, 40

_ASKED = Tallies(
    "qingyi_kept_rows_asked", "Reads of what may be kept, by whether it was there.", "found", "yes", "no"
)
HIT, MISS = _ASKED.by_value["yes"], _ASKED.by_value["no"]
_BYTES = Gauge("qingyi_kept_rows_bytes", "About how many bytes of rows are kept.")


class _Key(NamedTuple):
    """By what rows are known; forms are compared by identity."""

    form: Form
    text: str
    values: tuple[Any, ...]


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
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._bytes = 0
        self._flights: set[asyncio.Task[Rows]] = set()

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

    def _put(self, key: _Key, kept: _Kept) -> None:
        self._drop(key)
        self._kept[key] = kept
        if len(self._kept) > ENTRIES_MOST:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: _Key) -> None:
        before = self._kept.pop(key, None)
        if before is not None:
            self._bytes -= before.size

    def _landed(self, key: _Key, kept: _Kept) -> None:
        flight = kept.flight
        self._flights.discard(flight)
        failed = flight.cancelled() or flight.exception() is not None
        if self._kept.get(key) is not kept:
            return
        kept.size = 0 if failed else _size(flight.result()) + _weight(key.values)
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
        tables = composed.form.tables
        if tables and tables <= self._may_be_kept:
            return await self._keeper.rows(self._plain, composed, tables)
        return await self._plain.run(composed)


def _key(composed: Composed) -> _Key | None:
    """None for values that cannot be part of a key, or are too large for one."""
    values = tuple(tuple(value) if isinstance(value, list) else value for value in composed.values)
    if _weight(values) > BYTES_OF_VALUES:
        return None
    try:
        hash(values)
    except TypeError:
        return None
    return _Key(composed.form, composed.text, values)


def _size(rows: Rows) -> int:
    """About how many bytes: texts are what is large."""
    return sum(_BYTES_OF_ROW + _weight(row) for row in rows.positional())


def _weight(values: Iterable[Any]) -> int:
    found = 0
    for value in values:
        found += _BYTES_OF_VALUE
        if isinstance(value, str | bytes):
            found += 2 * len(value)
        elif isinstance(value, list | tuple):
            found += sum(_BYTES_OF_VALUE + 2 * len(str(one)) for one in value)
    return found

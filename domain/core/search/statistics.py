"""
What Postgres knows of an index of words since its last ANALYZE: about how many rows, which share of them holds a common word, and when
they were published.

Autovacuum keeps it up. It is read once a minute by each process: it is much, and nobody needs it to the second.
"""

from bisect import bisect_right
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from domain.core.db import Read

KEPT = timedelta(minutes=1)
_NEW_MOST = 0.1
"""Autovacuum looks at a table anew when about this share of its rows is new."""

_NUMBERS = sa.text(
    "SELECT reltuples, most_common_elems::text::text[] AS lexemes, most_common_elem_freqs AS shares"
    " FROM pg_class LEFT JOIN pg_stats ON schemaname = current_schema() AND tablename = relname"
    " WHERE oid = to_regclass(:index)"
)
_COMMONEST = sa.text(
    "SELECT most_common_vals::text::text[] FROM pg_stats WHERE schemaname = current_schema() AND tablename = :index"
)
_INSTANTS = sa.text(
    "SELECT coalesce(histogram_bounds, most_common_vals)::text::timestamptz[] FROM pg_stats"
    " WHERE schemaname = current_schema() AND tablename = :table AND attname = :column"
)


class Indexed(Protocol):
    """What is asked about; see `declared`."""

    @property
    def table(self) -> str: ...
    @property
    def published(self) -> str | None: ...
    @property
    def where(self) -> str | None: ...
    @property
    def index_name(self) -> str: ...


class Shares(Mapping[str, float]):
    """The share of the rows that hold a lexeme; of one that is not among the commonest, a quarter of the rarest of these."""

    __slots__ = ("_common", "_rest")

    def __init__(self, common: Mapping[str, float]) -> None:
        self._common = common
        self._rest = min(common.values(), default=0.0) / 4

    def __getitem__(self, lexeme: str) -> float:
        return self._common.get(lexeme, self._rest)

    def __contains__(self, lexeme: object) -> bool:
        """It is among the commonest."""
        return lexeme in self._common

    def __iter__(self) -> Any:
        return iter(self._common)

    def __len__(self) -> int:
        return len(self._common)


class Timeline:
    """
    When rows were published. `bounds` rise and part the rows into equal parts, but for those that have come since: up to
    `newest` they are taken to have come as fast as the last ones that are known. `oldest` is exact.
    """

    __slots__ = ("_bounds", "_top", "oldest")

    def __init__(
        self, bounds: Sequence[datetime], oldest: datetime | None = None, newest: datetime | None = None
    ) -> None:
        # One instant more than once would be a part without length.
        self._bounds = sorted(dict.fromkeys(bounds))
        self.oldest = oldest
        self._top = float(self._parts)
        if self._parts > 0 and newest is not None and newest > self._bounds[-1]:
            self._top += min((newest - self._bounds[-1]) / self._last, _NEW_MOST * self._parts)

    @property
    def _parts(self) -> int:
        return len(self._bounds) - 1

    @property
    def _last(self) -> timedelta:
        return self._bounds[-1] - self._bounds[-2]

    def beyond(self, start: datetime | None, share: float, *, backward: bool) -> datetime | None:
        """
        The instant that about this share of the rows lies before, going back from `start` (None: the newest), or forward
        from it. None where so many are not left, or nothing is known.
        """
        if self._parts < 1:
            return None
        begin = self._place(start) if start is not None else 0.0 if backward else self._top
        end = begin + share * self._parts * (1 if backward else -1)
        return self._instant(end) if 0 < end < self._top else None

    def share(self, earliest: datetime, end: datetime) -> float:
        """About which share of the rows lies between; 1 where nothing is known."""
        return (self._place(end) - self._place(earliest)) / self._top if self._parts > 0 else 1.0

    def _place(self, instant: datetime) -> float:
        """Before how many parts it lies."""
        at = bisect_right(self._bounds, instant) - 1
        if at < 0:
            return 0.0
        if at >= self._parts:
            return min(self._top, self._parts + (instant - self._bounds[-1]) / self._last)
        return at + (instant - self._bounds[at]) / (self._bounds[at + 1] - self._bounds[at])

    def _instant(self, place: float) -> datetime:
        at = min(int(place), self._parts)
        width = self._last if at == self._parts else self._bounds[at + 1] - self._bounds[at]
        return self._bounds[at] + (place - at) * width


@dataclass(frozen=True, slots=True)
class Statistics:
    rows: int
    shares: Shares
    timeline: Timeline


T = TypeVar("T")
_kept: WeakKeyDictionary[Any, dict[str, tuple[datetime, Any]]] = WeakKeyDictionary()
"""By the pool of connections, which is one for each database."""


async def _read_now_and_then(db: Read, index: str, read: Callable[[], Awaitable[T]]) -> T:
    of_database = _kept.setdefault(db.connection.engine.pool, {})
    at, found = of_database.get(index, (None, None))
    if at is not None and abs(db.now - at) < KEPT:
        return cast("T", found)
    if at is not None:
        of_database[index] = db.now, found  # whoever asks meanwhile goes on with what was known
    found = await read()
    of_database[index] = db.now, found
    return found


async def commonest(db: Read, index: str) -> Sequence[str]:
    """Of an index whose first column is a text: its commonest values, the commonest first."""

    async def read() -> Sequence[str]:
        return await db.scalar(_COMMONEST.bindparams(index=index)) or ()

    return await _read_now_and_then(db, index, read)


async def statistics(db: Read, of: Indexed) -> Statistics:
    """Of an index whose first column is a `tsvector`."""
    return await _read_now_and_then(db, of.index_name, lambda: _statistics(db, of))


async def _statistics(db: Read, of: Indexed) -> Statistics:
    row = await db.first(_NUMBERS.bindparams(index=of.index_name))
    common = dict(zip(row.lexemes or (), row.shares or (), strict=False)) if row else {}
    return Statistics(max(0, int(row.reltuples)) if row else 0, Shares(common), await _timeline(db, of))


async def _timeline(db: Read, of: Indexed) -> Timeline:
    if of.published is None:
        return Timeline(())
    bounds = await db.scalar(_INSTANTS.bindparams(table=of.table, column=of.published))
    published = sa.column(of.published, sa.DateTime(timezone=True))
    ends = sa.select(sa.func.min(published), sa.func.max(published)).select_from(sa.text(of.table))
    oldest, newest = await db.first(ends.where(sa.text(of.where or "true")))
    return Timeline(bounds or (), oldest, newest)

"""
Rows that are looked up by their ids, for many requests together.

What several want at one time, of one select, is read by one statement (`domain.core.rounds`). A select is known by itself: only those
that the program keeps are ever shared, and rights are part of their text. Nobody is given rows that they did not ask for
(`Read.looked_up`).

Rows of tables that a reader may see a moment late (`domain.public`) are kept besides, each by its id, whichever others it was read
with; for how long, and until which change, is as in `infra.keeping`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from domain.core.rounds import Rounds
from domain.core.unnesting import ByKeys
from infra.keeping import HIT, MISS, Keeper
from infra.reading import PlainReads
from infra.tables import tables_read

KEPT_MOST = 10_000
"""Rows of one select."""


class _Kept:
    """Rows by their ids, none older than `began`; None for those that were not there."""

    __slots__ = ("began", "count", "rows")

    def __init__(self, began: float, count: int) -> None:
        self.began = began
        self.count = count
        self.rows: dict[Any, Any] = {}


class Together:
    """`domain.core.db.Looks` over what runs statements. Without `shared` nobody waits for others."""

    def __init__(
        self, runs: PlainReads, *, shared: bool, keeper: Keeper | None, tables: frozenset[str]
    ) -> None:
        self._runs = runs
        self._rounds: Rounds[Any, Mapping[Any, Any]] | None = Rounds() if shared else None
        self._keeper = keeper if keeper is not None and keeper.seconds > 0 else None
        self._may_be_kept = tables
        self._tables: WeakKeyDictionary[ByKeys, frozenset[str]] = WeakKeyDictionary()
        self._kept: WeakKeyDictionary[ByKeys, dict[Any, _Kept]] = WeakKeyDictionary()

    async def looked_up(
        self, select: ByKeys, make: Callable[..., Any], ids: Sequence[Any]
    ) -> Mapping[Any, Any]:
        kept = self._kept_of(select, make)
        if kept is None:
            return await self._read(select, make, ids)
        lacking = [key for key in ids if key not in kept.rows]
        (MISS if lacking else HIT).inc()
        if not lacking:
            return kept.rows
        found = await self._read(select, make, lacking)
        if len(kept.rows) < KEPT_MOST:
            kept.rows.update((key, found.get(key)) for key in lacking)
        return {key: found[key] if key in found else kept.rows.get(key) for key in ids}

    async def aclose(self) -> None:
        """Until nothing is under way any more."""
        if self._rounds is not None:
            await self._rounds.aclose()

    async def _read(self, select: ByKeys, make: Callable[..., Any], ids: Sequence[Any]) -> Mapping[Any, Any]:
        async def read(keys: Sequence[Any]) -> Mapping[Any, Any]:
            found = await self._runs.execute(*select.of(keys))
            return {row[0]: make(*row) for row in found.positional()}

        if self._rounds is None:
            return await read(ids)
        return await self._rounds.ask((select, make), read, ids)

    def _kept_of(self, select: ByKeys, make: Callable[..., Any]) -> _Kept | None:
        """What is kept of a select and may still be used; None where nothing may be kept of it."""
        if self._keeper is None:
            return None
        tables = self._tables.get(select)
        if tables is None:
            tables = self._tables[select] = tables_read(select.of(())[0])
        if not tables or not tables <= self._may_be_kept:
            return None
        now, count = time.monotonic(), self._keeper.changes.count(tables)
        known = self._kept.setdefault(select, {})
        kept = known.get(make)
        if kept is None or kept.count != count or now - kept.began >= self._keeper.seconds:
            kept = known[make] = _Kept(now, count)
        return kept

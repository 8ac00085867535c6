"""
What Postgres knows of an index of words since its last ANALYZE: about how many rows, and which share of them holds a common word.

Autovacuum keeps it up. It is read once a minute by each process: it is much, and nobody needs it to the second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from domain.core.db import Read

KEPT = timedelta(minutes=1)

_NUMBERS = sa.text(
    "SELECT reltuples, most_common_elems::text::text[] AS lexemes, most_common_elem_freqs AS shares"
    " FROM pg_class LEFT JOIN pg_stats ON schemaname = current_schema() AND tablename = relname"
    " WHERE oid = to_regclass(:index)"
)


class Shares(Mapping[str, float]):
    """The share of the rows that hold a lexeme; of one that is not among the commonest, a quarter of the rarest of these."""

    __slots__ = ("_common", "_rest")

    def __init__(self, common: Mapping[str, float]) -> None:
        self._common = common
        self._rest = min(common.values(), default=0.0) / 4

    def __getitem__(self, lexeme: str) -> float:
        return self._common.get(lexeme, self._rest)

    def __iter__(self) -> Any:
        return iter(self._common)

    def __len__(self) -> int:
        return len(self._common)


@dataclass(frozen=True, slots=True)
class Statistics:
    rows: int
    shares: Shares


_kept: WeakKeyDictionary[Any, dict[str, tuple[datetime, Statistics]]] = WeakKeyDictionary()
"""By the pool of connections, which is one for each database."""


async def statistics(db: Read, index: str) -> Statistics:
    """Of an index whose first column is a `tsvector`."""
    of_database = _kept.setdefault(db.connection.engine.pool, {})
    at, found = of_database.get(index, (None, None))
    if at is not None and found is not None and abs(db.now - at) < KEPT:
        return found
    row = await db.first(_NUMBERS.bindparams(index=index))
    common = dict(zip(row.lexemes or (), row.shares or (), strict=False)) if row else {}
    found = Statistics(max(0, int(row.reltuples)) if row else 0, Shares(common))
    of_database[index] = db.now, found
    return found

"""What depends on each root key: counted, so that an operator knows when one may be taken out of the ring."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import col

from domain.core.blind_index import BlindIndexRow
from domain.core.db import Database
from domain.core.sealed_columns import KeyedHash, SealedColumn, keyed_hashes, sealed_tables
from infra.rotation.walking import unhurried
from infra.sealing import sealed_by

NAMED_MOST = 20
NEWEST, OLDER, MISSING, UNNOTED = "the newest", "older", "NOT IN THE RING", "unknown"
_PLACES = (NEWEST, OLDER, MISSING, UNNOTED)
UNKNOWN = None
"""The key of a hash that was made before its key was noted."""


@dataclass(frozen=True, slots=True)
class Use:
    """So many of something depend on a key; `named` are some of them, as people know them."""

    what: str
    count: int
    named: tuple[str, ...] = ()


@dataclass(slots=True)
class KeyUse:
    """A root key: what would be lost without it (`uses`), and what else bears its id (`spare`)."""

    key_id: str | None
    place: str
    uses: list[Use] = field(default_factory=list)
    spare: list[Use] = field(default_factory=list)

    @property
    def needed(self) -> bool:
        return bool(self.uses)


async def usage(database: Database, key_ids: Sequence[str]) -> list[KeyUse]:
    """Every key of the ring, the newest first, then those that data name and the ring lacks, then the unknown one."""
    newest, *older = key_ids
    keys: dict[str | None, KeyUse] = {newest: KeyUse(newest, NEWEST)}
    keys |= {key_id: KeyUse(key_id, OLDER) for key_id in older}

    def of(key_id: str | None) -> KeyUse:
        place = UNNOTED if key_id is UNKNOWN else MISSING
        return keys.setdefault(key_id, KeyUse(key_id, place))

    for table, columns in sealed_tables().items():
        for key_id, use in await _sealed(database, table, columns):
            of(key_id).uses.append(use)
    needed, spare = await _indexed(database, newest)
    for key_id, use in needed:
        of(key_id).uses.append(use)
    for key_id, use in spare:
        of(key_id).spare.append(use)
    for hashes in keyed_hashes():
        for key_id, use in await _hashed(database, hashes):
            of(key_id).uses.append(use)
    return sorted(keys.values(), key=lambda key: _PLACES.index(key.place))


Found = list[tuple[str | None, Use]]


async def _sealed(database: Database, table: sa.Table, columns: Sequence[SealedColumn]) -> Found:
    """One scan of the table: rows by the keys of all their fields together, then summed for each column."""
    keys = [sealed_by(column.column) for column in columns]
    places: list[sa.ColumnElement[Any]] = [sa.literal_column(str(number + 1)) for number in range(len(keys))]
    async with unhurried(database) as db:
        rows = await db.rows(sa.select(*keys, sa.func.count()).select_from(table).group_by(*places))
    found: Found = []
    for number, column in enumerate(columns):
        counts: defaultdict[str, int] = defaultdict(int)
        for row in rows:
            if row[number] is not None:
                counts[row[number]] += row[-1]
        found += [(key_id, Use(column.name, count)) for key_id, count in counts.items()]
    return found


async def _indexed(database: Database, newest: str) -> tuple[Found, Found]:
    """Of the blind index: texts that would not be found without a key, and rows that the newest key stands in for."""
    row = BlindIndexRow
    keys = sa.func.array_agg(aggregate_order_by(col(row.key_id), col(row.key_id))).label("keys")
    owners = sa.select(col(row.purpose), keys).group_by(col(row.purpose), col(row.owner_id)).subquery()
    async with unhurried(database) as db:
        rows = await db.rows(
            sa.select(owners.c.purpose, owners.c["keys"], sa.func.count()).group_by(
                owners.c.purpose, owners.c["keys"]
            )
        )
    needed: defaultdict[tuple[str, str], int] = defaultdict(int)
    spare: defaultdict[tuple[str, str], int] = defaultdict(int)
    for purpose, key_ids, count in rows:
        for key_id in set(key_ids):
            stands_in = newest in key_ids and key_id != newest
            (spare if stands_in else needed)[key_id, purpose] += count
    return _uses(needed), _uses(spare)


def _uses(counts: Mapping[tuple[str, str], int]) -> Found:
    return [
        (key_id, Use(f"core_blind_index.{purpose}", count))
        for (key_id, purpose), count in sorted(counts.items())
    ]


async def _hashed(database: Database, hashes: KeyedHash) -> Found:
    """Live rows by the key of their hash, some of them by name."""
    named = hashes.column.table.c[hashes.named] if hashes.named else sa.null()
    async with unhurried(database) as db:
        live = hashes.still_live(db.now)
        rows = await db.rows(sa.select(hashes.key_id, sa.func.count()).where(live).group_by(hashes.key_id))
        found: Found = []
        for key_id, count in rows:
            of_key = hashes.key_id.is_not_distinct_from(key_id)
            names = sa.select(named).distinct().where(live, of_key).order_by(named).limit(NAMED_MOST)
            names_ = await db.scalars(names) if hashes.named else ()
            found.append((key_id, Use(f"live {hashes.what}", count, tuple(map(str, names_)))))
    return found


def removable(keys: Iterable[KeyUse]) -> dict[str, bool]:
    """May each older key of the ring be taken out? Not while any hash is of an unknown key: it may be of this one."""
    keys = list(keys)
    unknown = any(key.place == UNNOTED and key.needed for key in keys)
    return {
        key.key_id: not key.needed and not unknown
        for key in keys
        if key.place == OLDER and key.key_id is not None
    }

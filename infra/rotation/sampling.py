"""
A quick look at whether the ring has the keys that data need: the oldest rows, the newest, and some blocks by chance.

A small table is seen whole. Of a large one, a key that few rows need can be missed: `qingyi keys status` counts them all.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col

from domain.core.blind_index import BlindIndexRow
from domain.core.db import Database, Read
from domain.core.sealed_columns import SealedColumn, keyed_hashes, sealed_tables
from domain.core.sealing import SealBroken
from infra.sealing import RingSealer, sealed_by

END_ROWS = 500
OPENED = 5
BLOCKS = 200
BLOCK_BYTES = 8_192
_ALL_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Sample:
    """How many were looked at, and in plain words what is wrong with some."""

    looked_at: int
    wrong: tuple[str, ...]


async def sample(database: Database, sealer: RingSealer) -> Sample:
    counts: Counter[tuple[str, str]] = Counter()
    closed = []
    async with database.read() as db:
        for table, columns in sealed_tables().items():
            sources = await _sources(db, table)
            for column in columns:
                name = column.column.name
                counts += await _keys(db, column.name, [(each, sealed_by(each.c[name])) for each in sources])
                if not await _opens(db, sealer, column, sources[0]):
                    closed.append(f"{column.name} does not open: altered, or its key is another one now")
        for hashes in keyed_hashes():
            live = hashes.still_live(db.now)
            sources = await _sources(db, hashes.column.table)
            keys = [(each, each.c[hashes.key_id.name]) for each in sources]
            counts += await _keys(db, f"live {hashes.what}", keys, live)
        counts += await _unfound(db, sealer)
    lacking = [f"{what} needs {key}" for what, key in sorted(counts) if key not in sealer.key_ids]
    return Sample(counts.total(), (*lacking, *closed))


async def _sources(db: Read, table: sa.Table) -> Sequence[sa.FromClause]:
    """The two ends of the table, and blocks of it by chance."""
    key = list(table.primary_key.columns)
    size = await db.scalar(sa.select(sa.func.pg_relation_size(table.name)))
    percent = min(_ALL_PERCENT, _ALL_PERCENT * BLOCKS * BLOCK_BYTES / max(size, 1))
    first = sa.select(table).order_by(*key).limit(END_ROWS).subquery()
    last = sa.select(table).order_by(*(column.desc() for column in key)).limit(END_ROWS).subquery()
    return first, last, sa.tablesample(table, sa.func.system(percent))


async def _keys(
    db: Read,
    what: str,
    sources: Sequence[tuple[sa.FromClause, sa.ColumnElement[Any]]],
    where: sa.ColumnElement[bool] | sa.TextClause | None = None,
) -> Counter[tuple[str, str]]:
    """How many were seen of each key; of unknown ones nothing can be said."""
    found: Counter[tuple[str, str]] = Counter()
    for source, key in sources:
        chosen = sa.select(key.label("key"), sa.func.count()).select_from(source).group_by("key")
        for key_id, count in await db.rows(chosen if where is None else chosen.where(where)):
            if key_id is not None:
                found[what, key_id] += count
    return found


async def _opens(db: Read, sealer: RingSealer, column: SealedColumn, source: sa.FromClause) -> bool:
    """Do some of those that a key of the ring is said to have sealed open?"""
    (row,) = column.column.table.primary_key.columns
    field = source.c[column.column.name]
    some = sa.select(source.c[row.name], field).where(sealed_by(field).in_(sealer.key_ids)).limit(OPENED)
    try:
        for identity, sealed in await db.rows(some):
            sealer.open(sealed, column.place(identity))
    except SealBroken:
        return False
    return True


async def _unfound(db: Read, sealer: RingSealer) -> Counter[tuple[str, str]]:
    """Rows of the blind index without a sibling under a key of the ring: their texts are neither found nor unique."""
    table = SQLModel.metadata.tables[str(BlindIndexRow.__tablename__)]
    found: Counter[tuple[str, str]] = Counter()
    for source in await _sources(db, table):
        sibling = aliased(BlindIndexRow)
        known = sa.exists().where(
            col(sibling.owner_id) == source.c.owner_id,
            col(sibling.purpose) == source.c.purpose,
            col(sibling.key_id).in_(sealer.key_ids),
        )
        name = sa.func.concat("core_blind_index.", source.c.purpose)
        for what, key_id, count in await db.rows(
            sa.select(name, source.c.key_id, sa.func.count())
            .where(source.c.key_id.not_in(sealer.key_ids), ~known)
            .group_by(name, source.c.key_id)
        ):
            found[what, key_id] += count
    return found

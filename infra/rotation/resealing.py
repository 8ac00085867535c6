"""
What was sealed by an older key is sealed anew by the newest, and what is unique is indexed by every key of the ring.

Each batch is one short transaction, so a run may be cut off anywhere and begun again: it takes up what is left. Rows are
locked before they are read, and those that somebody else holds are left for later: no change of theirs is lost, nobody is
waited for, and two runs at once do no harm. Foreign keys may point at a locked row meanwhile (FOR NO KEY UPDATE).
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from domain.core.db import Database, Write
from domain.core.sealed_columns import SealedColumn, sealed_tables
from domain.core.sealing import SealBroken
from infra.rotation import indexing
from infra.rotation.indexing import Entry, OfAnotherText, Owned
from infra.rotation.walking import KEYS, STEP_ROWS, Show, array, size, steps
from infra.sealing import RingSealer

BATCH_BYTES = 8_000_000
TRIES = 40
PAUSE_SECONDS = 0.25
_SOMEBODY_WAS_FIRST = {"40P01", "55P03"}
"""Deadlock, lock timeout."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What could not be made anew: the column, its row, and why."""

    column: str
    row: UUID
    why: str


@dataclass(slots=True)
class Rotation:
    """What a run did, and what it had to leave."""

    resealed: int = 0
    indexed: int = 0
    faults: list[Fault] = field(default_factory=list)
    busy: int = 0
    """Rows that others held until the patience was over."""

    @property
    def complete(self) -> bool:
        return not self.faults and not self.busy

    def add(self, other: "Rotation") -> None:
        self.resealed += other.resealed
        self.indexed += other.indexed
        self.faults += other.faults


@dataclass(slots=True)
class _Batch:
    """What the index holds of the rows of a batch, what is to be added to it, and what was done."""

    owned: Owned
    entries: list[Entry] = field(default_factory=list)
    done: Rotation = field(default_factory=Rotation)


async def rotate(database: Database, sealer: RingSealer, show: Show) -> Rotation:
    """Make everything anew that a column declares as sealed; `show` is told how many rows of each table are done."""
    done = Rotation()
    for table, columns in sealed_tables().items():
        await _Table(database, sealer, table, columns, done).walk(show)
    return done


class _Table:
    """One table of a run."""

    def __init__(
        self,
        database: Database,
        sealer: RingSealer,
        table: sa.Table,
        columns: Sequence[SealedColumn],
        done: Rotation,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._table = table
        self._columns = columns
        self._done = done
        (self._key,) = table.primary_key.columns
        self._purposes = [purpose for column in columns for purpose in column.blind]
        self._old = sa.or_(
            *(sealer.is_outdated(column.column) for column in columns),
            *(indexing.lacks(sealer, self._key, purpose) for purpose in self._purposes),
        )

    async def walk(self, show: Show) -> None:
        name, total, seen = self._table.name, await size(self._database, self._table), 0
        left: list[UUID] = []
        show(name, 0, total)
        async for step in steps(self._database, self._table):
            left += await self._renewed(step.rows)
            seen = min(seen + STEP_ROWS, total)
            show(name, seen, total)
        for _ in range(TRIES):
            if not left:
                break
            await asyncio.sleep(PAUSE_SECONDS)
            left = await self._renewed(self._key.in_(left))
        self._done.busy += len(left)

    async def _renewed(self, rows: sa.ColumnElement[bool]) -> list[UUID]:
        """Make what is old of these rows anew; given back are the rows that somebody else holds."""
        left: list[UUID] = []
        for ids in await self._batches(rows):
            try:
                async with self._database.write(KEYS) as tx:
                    taken, done = await self._batch(tx, ids)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _SOMEBODY_WAS_FIRST:
                    raise
                taken, done = set(), Rotation()
            self._done.add(done)
            left += [identity for identity in ids if identity not in taken]
        return left

    async def _batches(self, rows: sa.ColumnElement[bool]) -> list[list[UUID]]:
        """Those of the rows that are old, as many at once as fit into memory."""
        lengths = (sa.func.coalesce(sa.func.octet_length(column.column), 0) for column in self._columns)
        length: sa.ColumnElement[int] = sum(lengths, start=sa.literal(0))
        batches: list[list[UUID]] = []
        room = 0
        async with self._database.read() as db:
            old = await db.rows(sa.select(self._key, length).where(rows, self._old).order_by(self._key))
        for identity, bytes_ in old:
            if bytes_ > room:
                batches.append([])
                room = BATCH_BYTES
            batches[-1].append(identity)
            room -= bytes_
        return batches

    async def _batch(self, tx: Write, ids: Sequence[UUID]) -> tuple[set[UUID], Rotation]:
        """The rows that could be locked, and what was done to them."""
        rows = await tx.rows(
            sa.select(self._key, *(column.column for column in self._columns))
            .where(self._key.in_(ids))
            .order_by(self._key)
            .with_for_update(key_share=True, skip_locked=True)
        )
        taken = [identity for identity, *_ in rows]
        batch = _Batch(await indexing.owned(tx, taken, self._purposes) if self._purposes else {})
        renewed: list[list[Any]] = []
        for identity, *fields in rows:
            new = [
                self._field(column, identity, sealed, batch)
                for column, sealed in zip(self._columns, fields, strict=True)
            ]
            if new != fields:
                renewed.append([identity, *new])
        await self._write(tx, renewed)
        clashes = await indexing.add(tx, batch.entries)
        batch.done.indexed += len(batch.entries) - len(clashes)
        batch.done.faults += [
            Fault(f"core_blind_index.{entry.purpose}", entry.owner_id, "another row has the same text")
            for entry in clashes
        ]
        return set(taken), batch.done

    def _field(self, column: SealedColumn, row: UUID, sealed: bytes | None, batch: _Batch) -> bytes | None:
        """The field as it shall be; what its text lacks in the index joins the batch."""
        owned = batch.owned
        held = {purpose: owned[row, purpose] for purpose in column.blind if (row, purpose) in owned}
        if sealed is None or (self._sealer.is_current(sealed) and not held):
            return sealed
        try:
            text = self._sealer.open(sealed, column.place(row))
            for purpose, digests in held.items():
                batch.entries += indexing.missing(self._sealer, digests, text, purpose, row)
        except SealBroken:
            batch.done.faults.append(Fault(column.name, row, "it does not open"))
            return sealed
        except OfAnotherText:
            batch.done.faults.append(Fault(column.name, row, "it is indexed as another text"))
        if self._sealer.is_current(sealed):
            return sealed
        batch.done.resealed += 1
        return self._sealer.seal(text, column.place(row))

    async def _write(self, tx: Write, rows: Iterable[Sequence[Any]]) -> None:
        columns = [self._key, *(column.column for column in self._columns)]
        values = list(zip(*rows, strict=True))
        if not values:
            return
        new = (
            sa.func.unnest(*(array(column.type, each) for column, each in zip(columns, values, strict=True)))
            .table_valued(*(column.name for column in columns))
            .render_derived()
        )
        await tx.execute(
            sa.update(self._table)
            .where(self._key == new.c[self._key.name])
            .values({column.name: new.c[column.name] for column in columns[1:]})
        )

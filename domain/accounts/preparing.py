"""The worker prepares a youth's copy of their data, and removes it when its day is over."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.events import DataExportReady
from domain.accounts.exports import LIFE, DataExportPartRow, DataExportRow
from domain.accounts.youths import still_there
from domain.core import columns
from domain.core.db import Read, Write
from domain.core.holding import Holdings, shown
from domain.core.outbox import backoff, emit
from domain.core.piecework import Piecework
from domain.core.sealing import Sealer, place

FORMAT = "qingyi-personal-data/1"
PART_MOST = 256 * 1024
"""Characters after which a part is closed; a single row may go beyond."""


def part_place(part_id: UUID) -> str:
    return place("accounts_data_export_part", "body", part_id)


def _json(value: object) -> str:
    return orjson.dumps(value, default=str).decode()


async def copy_of(tx: Write, sealer: Sealer, holdings: Holdings, youth_id: UUID) -> AsyncIterator[str]:
    """The whole copy as JSON, in pieces; its shape stands in docs/personal-data.md."""
    yield f'{{"format":{_json(FORMAT)},"madeAt":{_json(tx.now)},"holdings":{{'
    between = ""
    for holding in holdings.tables:
        if not holding.shows:
            continue
        about = {
            "what": holding.what.to_json(),
            "afterErasure": holding.fate.value,
            "because": None if holding.because is None else holding.because.to_json(),
        }
        yield f'{between}{_json(holding.name)}:{_json(about)[:-1]},"rows":['
        comma = ""
        async for row in shown(tx, sealer, holding, youth_id):
            yield comma + _json(row)
            comma = ","
        yield "]}"
        between = ","
    yield "}}"


@dataclass(slots=True)
class _Parts:
    """Gathers text and writes it away sealed, part by part."""

    tx: Write
    sealer: Sealer
    export_id: UUID
    written: int = 0
    size: int = 0
    _pieces: list[str] = field(default_factory=list)
    _length: int = 0

    async def add(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)
        if self._length >= PART_MOST:
            await self.close()

    async def close(self) -> None:
        text = "".join(self._pieces)
        self._pieces, self._length = [], 0
        identity = columns.new_id()
        row = {
            "id": identity,
            "export_id": self.export_id,
            "number": self.written,
            "body_sealed": self.sealer.seal(text, part_place(identity)),
        }
        await self.tx.insert(DataExportPartRow, [row])
        self.written += 1
        self.size += len(text.encode())


async def part(db: Read, sealer: Sealer, export_id: UUID, number: int) -> bytes | None:
    """One part of the copy's text in clear, in UTF-8; None behind the last."""
    table = DataExportPartRow
    row = await db.first(
        sa.select(col(table.id), col(table.body_sealed)).where(
            col(table.export_id) == export_id, col(table.number) == number
        )
    )
    return None if row is None else sealer.open(row.body_sealed, part_place(row.id)).encode()


async def _take(tx: Write) -> UUID | None:
    table = DataExportRow
    due = (
        sa.select(col(table.id))
        .where(col(table.due_at) <= tx.now)
        .order_by(col(table.due_at))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found: UUID | None = await tx.scalar(due)
    return found


async def _prepare(tx: Write, sealer: Sealer, holdings: Holdings, export_id: UUID, youth_id: UUID) -> None:
    parts = _Parts(tx, sealer, export_id)
    async for text in copy_of(tx, sealer, holdings, youth_id):
        await parts.add(text)
    await parts.close()
    ends = tx.now + LIFE
    await tx.execute(
        sa.update(DataExportRow)
        .where(col(DataExportRow.id) == export_id)
        .values(ready_at=tx.now, expires_at=ends, due_at=ends, size=parts.size)
    )
    await emit(tx, DataExportReady(youth_id, ends.isoformat()))


async def _remove(tx: Write, export_id: UUID) -> None:
    await tx.execute(sa.delete(DataExportPartRow).where(col(DataExportPartRow.export_id) == export_id))
    await tx.execute(
        sa.update(DataExportRow).where(col(DataExportRow.id) == export_id).values(due_at=None, size=0)
    )


async def _put_off(tx: Write, export_id: UUID) -> None:
    mine = col(DataExportRow.id) == export_id
    attempts = await tx.scalar(sa.select(col(DataExportRow.attempts)).where(mine))
    await tx.execute(
        sa.update(DataExportRow).where(mine).values(attempts=attempts + 1, due_at=tx.now + backoff(attempts))
    )


def exporting(sealer: Sealer, holdings: Holdings) -> Piecework:
    """Copies to prepare and to remove."""

    async def do(tx: Write, export_id: UUID) -> None:
        row = await tx.first(
            sa.select(col(DataExportRow.youth_id), col(DataExportRow.ready_at)).where(
                col(DataExportRow.id) == export_id
            )
        )
        if row.ready_at is None and await still_there(tx, [row.youth_id]):
            await _prepare(tx, sealer, holdings, export_id, row.youth_id)
        else:
            await _remove(tx, export_id)

    return Piecework("accounts.data_exports", _take, do, _put_off)

"""
A youth's copy of everything held about them: asked for, prepared by the worker, there for a day, then gone.

The copy is kept sealed and in parts, so that none has to be in memory as a whole. That it has expired is a fact of time;
the worker removes it afterwards.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col

from domain.accounts.youths import locked_youth
from domain.core import columns
from domain.core.db import Read, Write
from domain.core.projection import projection
from domain.core.refusals import ErrorCode, Refusal
from domain.core.sealed_columns import sealed

LIFE = timedelta(hours=24)
PREPARED_WITHIN = timedelta(hours=1)
"""An export that is not there by then has failed as far as the youth can see, and another may be asked for."""


class ExportedToday(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "每天只能导出一次个人数据；上一份仍在准备中或可下载。"
    en = "Data are exported once a day; the last copy is being prepared or can still be downloaded."


class DataExportStatus(StrEnum):
    PREPARING = "PREPARING"
    READY = "READY"
    EXPIRED = "EXPIRED"


class DataExportRow(SQLModel, table=True):
    """
    One copy. `due_at` is when the worker has something to do about it: to prepare it, or to remove what has expired.

    `size` in bytes.
    """

    __tablename__ = "accounts_data_export"
    __table_args__ = (
        columns.check("ready_until", "(ready_at IS NULL) = (expires_at IS NULL)"),
        sa.Index("accounts_data_export_youth", "youth_id", "id"),
        sa.Index("accounts_data_export_due", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),
    )

    id: UUID = columns.identifier()
    youth_id: UUID = columns.refers_to("accounts_youth.id")
    asked_at: datetime = columns.instant()
    due_at: datetime | None = columns.instant(None)
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    ready_at: datetime | None = columns.instant(None)
    expires_at: datetime | None = columns.instant(None)
    size: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    downloads: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    downloaded_at: datetime | None = columns.instant(None)


class DataExportPartRow(SQLModel, table=True):
    """A part of a copy's text, in the order of its number."""

    __tablename__ = "accounts_data_export_part"
    __table_args__ = (sa.UniqueConstraint("export_id", "number", name="accounts_data_export_part_order"),)

    id: UUID = columns.identifier()
    export_id: UUID = Field(
        sa_column_args=(sa.ForeignKey("accounts_data_export.id", ondelete="CASCADE"),), sa_type=sa.Uuid
    )
    number: int
    body_sealed: bytes = sealed()


@dataclass(frozen=True, slots=True)
class DataExport:
    id: UUID
    youth_id: UUID
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    size: int

    def status_on(self, now: datetime) -> DataExportStatus:
        if self.expires_at is None:
            late = now >= self.asked_at + PREPARED_WITHIN
            return DataExportStatus.EXPIRED if late else DataExportStatus.PREPARING
        return DataExportStatus.READY if now < self.expires_at else DataExportStatus.EXPIRED


EXPORTS = projection(DataExport, DataExportRow)


async def latest_export(db: Read, youth_id: UUID) -> DataExport | None:
    mine = EXPORTS.select().where(col(DataExportRow.youth_id) == youth_id)
    return await EXPORTS.first(db, mine.order_by(col(DataExportRow.id).desc()).limit(1))


async def ask_for_export(tx: Write, youth_id: UUID) -> UUID:
    """Begin a copy in place of the one before. ExportedToday while that one is on its way or there to download."""
    await locked_youth(tx, youth_id)
    latest = await latest_export(tx, youth_id)
    if latest is not None and latest.status_on(tx.now) is not DataExportStatus.EXPIRED:
        raise ExportedToday
    await tx.execute(sa.delete(DataExportRow).where(col(DataExportRow.youth_id) == youth_id))
    identity = columns.new_id()
    row = {"id": identity, "youth_id": youth_id, "asked_at": tx.now, "due_at": tx.now}
    await tx.insert(DataExportRow, [row])
    return identity


async def ready_export(db: Read, export_id: UUID) -> DataExport | None:
    """The copy, if it can be downloaded now."""
    found = await EXPORTS.first(db, EXPORTS.select().where(col(DataExportRow.id) == export_id))
    return found if found is not None and found.status_on(db.now) is DataExportStatus.READY else None


async def note_download(tx: Write, export_id: UUID) -> None:
    await tx.execute(
        sa.update(DataExportRow)
        .where(col(DataExportRow.id) == export_id)
        .values(downloads=col(DataExportRow.downloads) + 1, downloaded_at=tx.now)
    )

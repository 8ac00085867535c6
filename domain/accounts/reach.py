"""How far staff reach: their own unit and those below it, never beside or above."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import col

from domain.accounts.models import UnitRow
from domain.core.actors import StaffActor
from domain.core.db import Read


def units_below(unit_id: UUID) -> sa.Select[UUID]:
    """The unit and all below it."""
    return sa.select(col(UnitRow.id)).where(col(UnitRow.path).contains([unit_id]))


def in_reach(
    staff: StaffActor, unit_column: SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None]
) -> ColumnElement[bool]:
    """Rows whose unit the member reaches, for a WHERE."""
    return unit_column.in_(units_below(staff.unit_id))


async def reaches(db: Read, staff: StaffActor, unit_id: UUID) -> bool:
    return await db.exists(units_below(staff.unit_id).where(col(UnitRow.id) == unit_id))

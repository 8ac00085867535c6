"""How far staff reach: their own unit and those below it, never beside or above."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import col

from domain.accounts.models import UnitRow
from domain.core.actors import Actor, StaffActor, System
from domain.core.db import Read


def units_below(unit_id: UUID) -> sa.Select[UUID]:
    """The unit and all below it."""
    return sa.select(col(UnitRow.id)).where(col(UnitRow.path).contains([unit_id]))


def in_reach(
    staff: StaffActor, unit_column: SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None]
) -> ColumnElement[bool]:
    """Rows whose unit the member reaches, for a WHERE."""
    return unit_column.in_(units_below(staff.unit_id))


def reached(
    actor: Actor, unit_column: SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None]
) -> ColumnElement[bool]:
    """As `in_reach`; the server itself reaches everything, and who is no member of staff nothing."""
    match actor:
        case StaffActor():
            return in_reach(actor, unit_column)
        case System():
            return sa.true()
        case _:
            return sa.false()


async def reaches(db: Read, staff: StaffActor, unit_id: UUID) -> bool:
    return await db.exists(units_below(staff.unit_id).where(col(UnitRow.id) == unit_id))


async def reached_units(db: Read, staff: StaffActor, unit_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the units that the member reaches."""
    return frozenset(await db.scalars(units_below(staff.unit_id).where(col(UnitRow.id).in_(list(unit_ids)))))

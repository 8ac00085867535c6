"""Members of staff as they are read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import StaffRow
from domain.accounts.reach import in_reach
from domain.core.actors import Actor, StaffActor, StaffRole
from domain.core.db import Read
from domain.core.keyset import Key, Order, uuid_value
from domain.core.projection import projection


@dataclass(frozen=True, slots=True)
class StaffMember:
    id: UUID
    unit_id: UUID
    name: str
    roles: tuple[StaffRole, ...]


MEMBERS = projection(StaffMember, StaffRow)
BY_ID = Order("staff", (Key(col(StaffRow.id), uuid_value),))


def of_unit(unit_id: UUID) -> sa.Select[Any]:
    """Active members of one unit."""
    return MEMBERS.select().where(col(StaffRow.unit_id) == unit_id, col(StaffRow.active))


async def members(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, StaffMember]:
    """Those of the members that the actor may know of: colleagues in reach, and oneself."""
    if not isinstance(actor, StaffActor):
        return {}
    known = sa.or_(in_reach(actor, col(StaffRow.unit_id)), col(StaffRow.id) == actor.id)
    statement = MEMBERS.select().where(col(StaffRow.id).in_(list(ids)), known)
    return {found.id: found for found in await MEMBERS.all(db, statement)}


async def active_member(db: Read, staff_id: UUID) -> StaffActor | None:
    """Who a member's access token speaks for; None when the member is gone or no longer active."""
    row = await db.first(
        sa.select(col(StaffRow.id), col(StaffRow.unit_id), col(StaffRow.roles)).where(
            col(StaffRow.id) == staff_id, col(StaffRow.active)
        )
    )
    return None if row is None else StaffActor(row.id, row.unit_id, frozenset(row.roles))

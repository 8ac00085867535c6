"""Members of staff as they are read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import StaffRow, UnitRow
from domain.accounts.reach import in_reach
from domain.core.actors import Actor, StaffActor, StaffRole
from domain.core.db import Read
from domain.core.keyset import Key, Order, uuid_value
from domain.core.projection import projection
from domain.core.sealing import Sealer, place
from domain.core.unnesting import ByKeys


@dataclass(frozen=True, slots=True)
class StaffMember:
    id: UUID
    unit_id: UUID
    name: str
    roles: tuple[StaffRole, ...]
    active: bool
    phone_sealed: bytes | None

    def phone_masked(self, sealer: Sealer) -> str | None:
        """By which a colleague recognises the number, and nobody else learns it."""
        if self.phone_sealed is None:
            return None
        return mask_phone(sealer.open(self.phone_sealed, phone_place(self.id)))


MEMBERS = projection(StaffMember, StaffRow)
BY_ID = Order("staff", (Key(col(StaffRow.id), uuid_value),))


def phone_place(staff_id: UUID) -> str:
    return place("accounts_staff", "phone", staff_id)


def mask_phone(phone: str) -> str:
    """+86138****8000: all but four digits before the last four."""
    return f"{phone[:-8]}****{phone[-4:]}"


def still(active: bool) -> sa.Select[Any]:
    """Active members, or those who no longer are."""
    return MEMBERS.select().where(col(StaffRow.active) == active)


async def members(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, StaffMember]:
    """Those of the members that the actor may know of: colleagues in reach, and oneself."""
    if not isinstance(actor, StaffActor):
        return {}
    known = sa.or_(in_reach(actor, col(StaffRow.unit_id)), col(StaffRow.id) == actor.id)
    statement = MEMBERS.select().where(col(StaffRow.id).in_(list(ids)), known)
    return {found.id: found for found in await MEMBERS.all(db, statement)}


async def members_everywhere(db: Read) -> list[tuple[StaffMember, str]]:
    """Everybody, active or not, each with the name of the unit; by unit, the longest there first."""
    statement = MEMBERS.select().add_columns(col(UnitRow.name).label("unit"))
    statement = statement.join(UnitRow, col(UnitRow.id) == col(StaffRow.unit_id))
    rows = await db.rows(statement.order_by(col(UnitRow.path), col(StaffRow.id)))
    return [(MEMBERS.make(*row[:-1]), row[-1]) for row in rows]


_ACTIVE = ByKeys(
    lambda ids: sa.select(col(StaffRow.id), col(StaffRow.unit_id), col(StaffRow.roles)).where(
        col(StaffRow.id) == ids, col(StaffRow.active)
    ),
    sa.Uuid,
)


async def active_members(db: Read, staff_ids: Iterable[UUID]) -> dict[UUID, StaffActor]:
    """Who members' access tokens speak for; those who are gone or no longer active are absent."""
    rows = await db.rows(*_ACTIVE.of(staff_ids))
    return {row.id: StaffActor(row.id, row.unit_id, frozenset(row.roles)) for row in rows}

"""A hostel and its rooms as they are read. Anyone may; what the desk sees is asked for by `at_desk`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import Gender
from domain.accounts.reach import in_reach
from domain.core.actors import Actor, StaffActor
from domain.core.db import Read, Write
from domain.core.projection import Projection, projection
from domain.core.refusals import NotFound
from domain.core.rights import Action, may, require_staff
from domain.core.unnesting import ByKeys
from domain.hostels.models import BedNightRow, HostelRow, RoomRow


@dataclass(frozen=True, slots=True)
class Hostel:
    """With its own rules. `freed`: see `HostelRow`."""

    id: UUID
    version: int
    name: str
    unit_id: UUID
    division_code: str
    address: str
    latitude: float | None
    longitude: float | None
    phone: str | None
    amenities: tuple[str, ...]
    free_nights_per_year: int
    max_nights_per_stay: int
    graduate_within_years: int
    bookable_days_ahead: int
    freed: int

    def bookable_until(self, today: date) -> date:
        """The last night that can be booked now: each opens so many days before it, at 00:00 in Shanghai."""
        return today + timedelta(days=self.bookable_days_ahead)


@dataclass(frozen=True, slots=True)
class Room:
    """`gender` is None where a room is mixed."""

    id: UUID
    hostel_id: UUID
    name: str
    gender: Gender | None
    beds: int
    retired: bool


HOSTELS = projection(Hostel, HostelRow)
ROOMS = projection(Room, RoomRow, retired=col(RoomRow.retired_at).is_not(None))


async def hostels(db: Read, ids: Iterable[UUID], columns: Projection[Hostel] = HOSTELS) -> dict[UUID, Hostel]:
    return await columns.of_ids(db, ids)


async def rooms(db: Read, ids: Iterable[UUID]) -> dict[UUID, Room]:
    return await ROOMS.of_ids(db, ids)


def in_use(today: date | sa.BindParameter[date]) -> sa.ColumnElement[bool]:
    """Rooms not retired, or with a guest whose stay is not over."""
    slept_in = (
        sa.select(sa.literal(1))
        .select_from(BedNightRow)
        .where(
            col(BedNightRow.room_id) == col(RoomRow.id),
            col(BedNightRow.night) >= today,
            col(BedNightRow.guest_id).is_not(None),
        )
    )
    return sa.or_(col(RoomRow.retired_at).is_(None), slept_in.exists())


_ROOMS_OF = ByKeys(
    lambda hostels: (
        ROOMS.select()
        .where(col(RoomRow.hostel_id) == hostels, in_use(sa.bindparam("today", type_=sa.Date)))
        .order_by(col(RoomRow.position), col(RoomRow.id))
    ),
    sa.Uuid,
)


async def rooms_of(db: Read, hostel_ids: Iterable[UUID]) -> dict[UUID, list[Room]]:
    """The rooms in use of each hostel, in the hostel's own order."""
    found: dict[UUID, list[Room]] = {key: [] for key in hostel_ids}
    for room in await ROOMS.all(db, *_ROOMS_OF.of(found, today=db.today)):
        found[room.hostel_id].append(room)
    return found


def at_desk(actor: Actor, unit: sa.SQLColumnExpression[UUID], action: Action) -> sa.ColumnElement[bool]:
    """Hostels at whose desk the actor works: those of the member's unit and of units below it."""
    if not isinstance(actor, StaffActor) or not may(actor, action):
        return sa.false()
    return in_reach(actor, unit)


async def desks(db: Read, actor: Actor, hostel_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the hostels at whose desk the actor works."""
    wanted = list(hostel_ids)
    if not isinstance(actor, StaffActor) or not wanted:
        return frozenset()
    return frozenset(
        await db.scalars(
            sa.select(col(HostelRow.id)).where(
                col(HostelRow.id).in_(wanted), at_desk(actor, col(HostelRow.unit_id), Action.WORK_AT_DESK)
            )
        )
    )


async def held(tx: Write, hostel_id: UUID) -> Hostel:
    """
    The hostel, locked: whatever frees beds, offers or moves them is done by one at a time for each hostel.

    Bookings do not take this lock, and their references to the row do not wait for it.
    """
    found = await HOSTELS.first(
        tx, HOSTELS.select().where(col(HostelRow.id) == hostel_id).with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound("hostel_id")
    return found


async def held_by_staff(tx: Write, hostel_id: UUID, action: Action, field: str) -> Hostel:
    """As `held`, for a member of staff in reach; NotFound (at `field`) out of it."""
    staff = require_staff(tx.actor, action)
    found = await HOSTELS.first(
        tx,
        HOSTELS.select()
        .where(col(HostelRow.id) == hostel_id, in_reach(staff, col(HostelRow.unit_id)))
        .with_for_update(key_share=True, of=HostelRow),
    )
    if found is None:
        raise NotFound(field)
    return found


async def room_of(db: Read, room_id: UUID, field: str) -> Room:
    """A room that is not retired; NotFound otherwise."""
    found = (await rooms(db, [room_id])).get(room_id)
    if found is None or found.retired:
        raise NotFound(field)
    return found

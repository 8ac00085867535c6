"""How many beds are free: a count of the rows for sale, so that it cannot differ from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from domain.accounts.models import Gender
from domain.core.db import Read
from domain.core.refusals import Invalid, refuse_all
from domain.core.unnesting import ByKeys
from domain.hostels.bookings import hold_lapsed
from domain.hostels.hostel import Room
from domain.hostels.models import BedNightRow, BookingRow
from domain.hostels.packing import suits
from domain.hostels.states import BookingStatus
from domain.hostels.stock import is_free

NIGHTS_MOST = 92


@dataclass(frozen=True, slots=True)
class RoomNight:
    """Beds of a room that are free on a night."""

    room: Room
    night: date
    beds_free: int


def require_nights(first: date, end: date) -> None:
    """Invalid for no night, or for more than NIGHTS_MOST."""
    if not 1 <= (end - first).days <= NIGHTS_MOST:
        refuse_all([Invalid("to", zh=f"1 至 {NIGHTS_MOST} 晚。", en=f"From 1 to {NIGHTS_MOST} nights.")])


async def availability(
    db: Read, rooms: Mapping[UUID, Sequence[Room]], first: date, end: date, gender: Gender | None
) -> dict[UUID, list[RoomNight]]:
    """
    Of each hostel, whose rooms are given, one for each room and night, `end` exclusive; of rooms that take guests of that sex,
    where one is named. Those that are retired have no nights.
    """
    require_nights(first, end)
    free = await _free(db, list(rooms), max(first, db.today), end)
    days = [first + timedelta(days=number) for number in range((end - first).days)]
    none: Mapping[date, int] = {}
    found: dict[UUID, list[RoomNight]] = {}
    for hostel, its_rooms in rooms.items():
        offered = [
            (room, free.get(room.id, none))
            for room in its_rooms
            if not room.retired and suits(room.gender, gender)
        ]
        found[hostel] = [RoomNight(room, day, beds.get(day, 0)) for day in days for room, beds in offered]
    return found


def _free_beds(hostels: Any) -> sa.Select[Any]:
    """
    Free beds by room and night. A bed whose hold is over is free though nobody has written it down yet, unless somebody
    waits for it.
    """
    table, booking, other = BedNightRow, BookingRow, aliased(BookingRow)
    now = sa.bindparam("now", type_=sa.DateTime(timezone=True))
    nights = sa.and_(
        col(table.night) >= sa.bindparam("first", type_=sa.Date),
        col(table.night) < sa.bindparam("end", type_=sa.Date),
    )
    waits = (
        sa.select(sa.literal(1))
        .where(col(other.hostel_id) == col(booking.hostel_id), col(other.status) == BookingStatus.WAITLISTED)
        .correlate(booking)
        .exists()
    )
    let_go = sa.select(col(booking.id)).where(col(booking.hostel_id) == hostels, hold_lapsed(now), ~waits)
    columns = (col(table.room_id), col(table.night))
    # Two selects, each by an index of its own: one condition for both would read every night there is.
    both = sa.union_all(
        sa.select(*columns).where(col(table.hostel_id) == hostels, nights, is_free()),
        sa.select(*columns).where(col(table.booking_id).in_(let_go), nights),
    ).subquery()
    return sa.select(both.c.room_id, both.c.night, sa.func.count()).group_by(both.c.room_id, both.c.night)


_FREE_BEDS = ByKeys(_free_beds, sa.Uuid)


async def _free(
    db: Read, hostel_ids: list[UUID], first: date, end: date
) -> Mapping[UUID, Mapping[date, int]]:
    found: dict[UUID, dict[date, int]] = {}
    asked = _FREE_BEDS.of(hostel_ids, first=first, end=end, now=db.now)
    for room, night, beds in await db.rows(*asked):
        found.setdefault(room, {})[night] = beds
    return found


def has_bed(
    hostel: sa.SQLColumnExpression[UUID], check_in: date, nights: int, gender: Gender | None
) -> sa.ColumnElement[bool]:
    """Hostels with one bed that is free for all of these nights, in a room that takes guests of that sex."""
    table = BedNightRow
    statement = (
        sa.select(sa.literal(1))
        .select_from(table)
        .where(
            col(table.hostel_id) == hostel,
            col(table.night) >= check_in,
            col(table.night) < check_in + timedelta(days=nights),
            is_free(),
        )
        .group_by(col(table.room_id), col(table.bed))
        .having(sa.func.count() == nights)
    )
    if gender is not None:
        statement = statement.where(
            sa.or_(col(table.room_gender).is_(None), col(table.room_gender) == gender)
        )
    return statement.correlate_except(table).exists()

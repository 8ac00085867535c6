"""How many beds are free: a count of the rows for sale, so that it cannot differ from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from domain.accounts.models import Gender
from domain.core.db import Read
from domain.core.refusals import Invalid, refuse_all
from domain.hostels.bookings import hold_lapsed
from domain.hostels.hostel import ROOMS, Room
from domain.hostels.models import BedNightRow, BookingRow, RoomRow
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
    db: Read, hostel_ids: Iterable[UUID], first: date, end: date, gender: Gender | None
) -> dict[UUID, list[RoomNight]]:
    """Of each hostel, one for each room and night, `end` exclusive; of rooms that take guests of that sex, where one is named."""
    require_nights(first, end)
    ids = list(hostel_ids)
    statement = ROOMS.select().where(col(RoomRow.hostel_id).in_(ids), col(RoomRow.retired_at).is_(None))
    if gender is not None:
        statement = statement.where(sa.or_(col(RoomRow.gender).is_(None), col(RoomRow.gender) == gender))
    rooms = await ROOMS.all(db, statement.order_by(col(RoomRow.position), col(RoomRow.id)))
    free = await _free(db, ids, max(first, db.today), end)
    found: dict[UUID, list[RoomNight]] = {key: [] for key in ids}
    for number in range((end - first).days):
        day = first + timedelta(days=number)
        for room in rooms:
            found[room.hostel_id].append(RoomNight(room, day, free.get((room.id, day), 0)))
    return found


async def _free(db: Read, hostel_ids: list[UUID], first: date, end: date) -> Mapping[tuple[UUID, date], int]:
    """
    Free beds by room and night. A bed whose hold is over is free though nobody has written it down yet, unless somebody
    waits for it.
    """
    table, booking, other = BedNightRow, BookingRow, aliased(BookingRow)
    waits = (
        sa.select(sa.literal(1))
        .where(col(other.hostel_id) == col(booking.hostel_id), col(other.status) == BookingStatus.WAITLISTED)
        .correlate(booking)
        .exists()
    )
    let_go = sa.select(col(booking.id)).where(
        col(booking.hostel_id).in_(hostel_ids), hold_lapsed(db.now), ~waits
    )
    there = sa.and_(col(table.hostel_id).in_(hostel_ids), col(table.night) >= first, col(table.night) < end)
    columns = (col(table.room_id), col(table.night))
    # Two selects, each by an index of its own: one condition for both would read every night there is.
    both = sa.union_all(
        sa.select(*columns).where(there, is_free()),
        sa.select(*columns).where(
            col(table.booking_id).in_(let_go), col(table.night) >= first, col(table.night) < end
        ),
    ).subquery()
    rows = await db.rows(
        sa.select(both.c.room_id, both.c.night, sa.func.count().label("beds")).group_by(
            both.c.room_id, both.c.night
        )
    )
    return {(row.room_id, row.night): row.beds for row in rows}


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

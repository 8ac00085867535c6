"""Stays and places in the waiting list as they are read, and who may read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col

from domain.core.actors import Actor, YouthActor
from domain.core.clock import day_of
from domain.core.db import Read
from domain.core.keyset import Key, Order, date_value, newest_first, uuid_value
from domain.core.projection import projection
from domain.core.rights import Action
from domain.core.unnesting import ByKeys, any_of
from domain.hostels.hostel import at_desk
from domain.hostels.models import BedNightRow, BookingRow, HostelRow
from domain.hostels.states import WITH_BEDS, BookingStatus


@dataclass(frozen=True, slots=True)
class Booking:
    """As it is stored; what time has made of it is `status_at`."""

    id: UUID
    hostel_id: UUID
    guest_id: UUID
    check_in: date
    check_out: date
    status: BookingStatus
    hold_expires_at: datetime | None
    purpose: str | None
    code_sealed: bytes | None
    created_at: datetime

    @property
    def nights(self) -> int:
        return (self.check_out - self.check_in).days

    def lapsed(self, now: datetime) -> bool:
        """Is its hold over, or the day for which it waits past, whether or not anybody has written it down?"""
        if self.status is BookingStatus.WAITLISTED:
            return self.check_in < day_of(now)
        return self.hold_expires_at is not None and self.hold_expires_at <= now

    def status_at(self, now: datetime) -> BookingStatus:
        return BookingStatus.CANCELLED if self.lapsed(now) else self.status

    def touches(self, day: date) -> bool:
        """Is the guest in the house on that day? The day of departure is one."""
        return self.check_in <= day <= self.check_out


@dataclass(frozen=True, slots=True)
class Segment:
    """One bed from one day to another, exclusive."""

    room_id: UUID
    bed: int
    from_on: date
    to_on: date


BOOKINGS = projection(Booking, BookingRow)
NEWEST = newest_first(col(BookingRow.created_at), col(BookingRow.id), "hostel_bookings")
BY_ARRIVAL = Order(
    "hostel_desk", (Key(col(BookingRow.check_in), date_value), Key(col(BookingRow.id), uuid_value))
)


def hold_lapsed(now: datetime | sa.BindParameter[datetime]) -> ColumnElement[bool]:
    return sa.and_(col(BookingRow.status) == BookingStatus.HELD, col(BookingRow.hold_expires_at) <= now)


def waited_in_vain(today: date) -> ColumnElement[bool]:
    return sa.and_(col(BookingRow.status) == BookingStatus.WAITLISTED, col(BookingRow.check_in) < today)


def lapsed(now: datetime) -> ColumnElement[bool]:
    """As `Booking.lapsed`."""
    return sa.or_(hold_lapsed(now), waited_in_vain(day_of(now)))


def has_status(statuses: Iterable[BookingStatus], now: datetime) -> ColumnElement[bool]:
    """As `Booking.status_at`."""
    wanted = set(statuses)
    stored = sa.and_(col(BookingRow.status).in_(wanted), sa.not_(sa.func.coalesce(lapsed(now), sa.false())))
    return sa.or_(stored, lapsed(now)) if BookingStatus.CANCELLED in wanted else stored


def _of_desk(actor: Actor) -> ColumnElement[bool]:
    return (
        sa.select(sa.literal(1))
        .select_from(HostelRow)
        .where(
            col(HostelRow.id) == col(BookingRow.hostel_id),
            at_desk(actor, col(HostelRow.unit_id), Action.SEE_STAYS),
        )
        .exists()
    )


def readable(actor: Actor) -> ColumnElement[bool]:
    """The guest's own, and those of hostels at whose desk the actor works; nothing else."""
    if isinstance(actor, YouthActor):
        return col(BookingRow.guest_id) == actor.id
    return _of_desk(actor)


OF_GUEST = BOOKINGS.select().where(col(BookingRow.guest_id) == sa.bindparam("guest", type_=sa.Uuid))
"""All of the `guest` given with it."""
_OWN = ByKeys(lambda ids: OF_GUEST.where(col(BookingRow.id) == ids), sa.Uuid)


async def bookings(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Booking]:
    """Those of the bookings that the actor may read."""
    if isinstance(actor, YouthActor):
        found = await BOOKINGS.all(db, *_OWN.of(ids, guest=actor.id))
    else:
        statement = BOOKINGS.select().where(col(BookingRow.id).in_(list(ids)), readable(actor))
        found = await BOOKINGS.all(db, statement)
    return {booking.id: booking for booking in found}


def of_day(day: date, statuses: Iterable[BookingStatus] | None, now: datetime) -> sa.Select[Any]:
    """Whose stay touches a day, the day of departure too."""
    statement = BOOKINGS.select().where(col(BookingRow.check_in) <= day, col(BookingRow.check_out) >= day)
    return statement if statuses is None else statement.where(has_status(statuses, now))


_NIGHTS = ByKeys(
    lambda bookings: (
        sa.select(
            col(BedNightRow.booking_id),
            col(BedNightRow.room_id),
            col(BedNightRow.bed),
            col(BedNightRow.night),
        )
        .where(col(BedNightRow.booking_id) == bookings)
        .order_by(col(BedNightRow.booking_id), col(BedNightRow.night))
    ),
    sa.Uuid,
)


async def segments(db: Read, booking_ids: Iterable[UUID]) -> dict[UUID, list[Segment]]:
    """The beds of each booking, the first night first."""
    found: dict[UUID, list[Segment]] = {key: [] for key in booking_ids}
    for row in await db.rows(*_NIGHTS.of(found)):
        pieces, end = found[row.booking_id], row.night + timedelta(days=1)
        last = pieces[-1] if pieces else None
        if last is not None and (last.room_id, last.bed, last.to_on) == (row.room_id, row.bed, row.night):
            pieces[-1] = Segment(row.room_id, row.bed, last.from_on, end)
        else:
            pieces.append(Segment(row.room_id, row.bed, row.night, end))
    return found


def _positions(ids: Any) -> sa.Select[Any]:
    mine, other = aliased(BookingRow), aliased(BookingRow)
    waits = BookingStatus.WAITLISTED
    ahead = (
        sa.select(sa.func.count())
        .where(
            col(other.hostel_id) == col(mine.hostel_id),
            col(other.status) == waits,
            col(other.check_in) < col(mine.check_out),
            col(other.check_out) > col(mine.check_in),
            sa.tuple_(col(other.created_at), col(other.id)) <= sa.tuple_(col(mine.created_at), col(mine.id)),
        )
        .scalar_subquery()
    )
    return sa.select(col(mine.id), ahead).where(col(mine.id) == ids, col(mine.status) == waits)


_POSITIONS = ByKeys(_positions, sa.Uuid)


async def positions(db: Read, booking_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Where those who wait stand, from 1, among those who wait at the hostel for any of the same nights."""
    return {row[0]: row[1] for row in await db.rows(*_POSITIONS.of(booking_ids))}


_OPEN_AT = (
    BOOKINGS.select()
    .where(
        col(BookingRow.guest_id) == any_of("guests", sa.Uuid),
        col(BookingRow.hostel_id) == any_of("hostels", sa.Uuid),
        col(BookingRow.status).in_((BookingStatus.WAITLISTED, *WITH_BEDS)),
        col(BookingRow.check_in) < sa.bindparam("last", type_=sa.Date),
        col(BookingRow.check_out) > sa.bindparam("first", type_=sa.Date),
    )
    .order_by(col(BookingRow.created_at))
)


async def open_bookings_at(
    db: Read, hostels: Mapping[UUID, UUID], check_in: date, check_out: date
) -> dict[UUID, list[Booking]]:
    """Of each guest what is waiting, held or booked, on any night of a time, at the hostel that belongs to them here."""
    found: dict[UUID, list[Booking]] = {key: [] for key in hostels}
    given = {
        "guests": list(found),
        "hostels": list(set(hostels.values())),
        "first": check_in,
        "last": check_out,
    }
    for booking in await BOOKINGS.all(db, _OPEN_AT, given):
        if booking.hostel_id == hostels[booking.guest_id]:
            found[booking.guest_id].append(booking)
    return found

"""Moving stays along their edges, for whoever moves them; history and news in the same breath (locks: see `booking`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.refusals import MoveImpossible, NotFound
from domain.core.rights import Action, require_staff
from domain.core.states import record_all
from domain.hostels.bookings import BOOKINGS, Booking, lapsed, readable
from domain.hostels.events import BookingMoved
from domain.hostels.hostel import Hostel, held
from domain.hostels.models import BookingRow
from domain.hostels.states import BOOKING_STATES, BookingStatus


@dataclass(frozen=True, slots=True)
class InHand:
    """A hostel that this transaction holds, with the bookings it will act on and those whose time is over."""

    hostel: Hostel
    bookings: tuple[Booking, ...]
    over: tuple[Booking, ...]


async def in_hand(tx: Write, hostel: Hostel, where: sa.ColumnElement[bool] | None = None) -> InHand:
    """Lock bookings of a hostel that is held, together with those whose time is over: all in the order of their ids."""
    of_hostel, over = col(BookingRow.hostel_id) == hostel.id, lapsed(tx.now)
    statement = (
        BOOKINGS.select()
        .add_columns((sa.false() if where is None else where).label("wanted"))
        .where(of_hostel, over if where is None else sa.or_(over, where))
        .order_by(col(BookingRow.id))
        .with_for_update()
    )
    rows = [(BOOKINGS.make(*row[:-1]), row[-1]) for row in await tx.rows(statement)]
    return InHand(
        hostel,
        tuple(booking for booking, wanted in rows if wanted),
        tuple(booking for booking, _ in rows if booking.lapsed(tx.now)),
    )


async def booking_in_hand(tx: Write, booking_id: UUID) -> tuple[InHand, Booking]:
    """A booking that the actor may read, with its hostel; NotFound otherwise."""
    mine = sa.and_(col(BookingRow.id) == booking_id, readable(tx.actor))
    hostel_id = await tx.scalar(sa.select(col(BookingRow.hostel_id)).where(mine))
    if hostel_id is None:
        raise NotFound("booking_id")
    found = await in_hand(tx, await held(tx, hostel_id), col(BookingRow.id) == booking_id)
    return found, found.bookings[0]


async def booking_at_desk(tx: Write, booking_id: UUID) -> tuple[InHand, Booking]:
    """As `booking_in_hand`, for a member of staff who works at the hostel's desk."""
    require_staff(tx.actor, Action.WORK_AT_DESK)
    return await booking_in_hand(tx, booking_id)


def require_edge(tx: Write, booking: Booking, after: BookingStatus, field: str = "booking_id") -> None:
    """MoveImpossible where no edge leads there from what the booking is now."""
    now = booking.status_at(tx.now)
    if not BOOKING_STATES.may(now, after):
        raise MoveImpossible(field, status=now.value)


async def move(
    tx: Write,
    bookings: Iterable[Booking],
    after: BookingStatus,
    *,
    note: str | None = None,
    by_guest: bool = False,
    **changes: Any,
) -> None:
    """Move bookings that this transaction has locked."""
    moved = list(bookings)
    if not moved:
        return
    values = {"status": after, "updated_at": tx.now, "hold_expires_at": None, **changes}
    ids = [booking.id for booking in moved]
    await tx.execute(sa.update(BookingRow).where(col(BookingRow.id).in_(ids)).values(values))
    await record_all(tx, [(identity, after, note) for identity in ids])
    end: date | None = changes.get("check_out")
    await emit(tx, *(_news(booking, after, end or booking.check_out, note, by_guest) for booking in moved))


async def shorten(tx: Write, booking: Booking, check_out: date, note: str) -> None:
    """A guest who is in the house must leave earlier: no move along an edge, but they are told."""
    await tx.execute(
        sa.update(BookingRow)
        .where(col(BookingRow.id) == booking.id)
        .values(check_out=check_out, updated_at=tx.now)
    )
    await emit(tx, _news(booking, booking.status, check_out, note, False))


def _news(
    booking: Booking, after: BookingStatus, check_out: date, note: str | None, by_guest: bool
) -> BookingMoved:
    return BookingMoved(
        booking_id=booking.id,
        hostel_id=booking.hostel_id,
        guest_id=booking.guest_id,
        status=after.value,
        check_in=booking.check_in.isoformat(),
        check_out=check_out.isoformat(),
        by_guest=by_guest,
        note=note or "",
    )

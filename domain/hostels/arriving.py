"""At the desk: guests arrive with their code, leave, or do not come."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col

from domain.core.clock import start_of
from domain.core.db import Write
from domain.core.policy import policy_value
from domain.core.refusals import ErrorCode, NotFound, Refusal
from domain.core.rights import Action, require_staff
from domain.core.sealing import Sealer
from domain.hostels.bookings import Booking
from domain.hostels.codes import indexes
from domain.hostels.hostel import held_by_staff
from domain.hostels.models import BookingRow
from domain.hostels.moving import InHand, booking_at_desk, in_hand, move, require_edge
from domain.hostels.policies import NO_SHOW_FROM_HOUR
from domain.hostels.states import BookingStatus
from domain.hostels.waiting import settle


class NotToday(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "该预订的入住日期为 {check_in} 至 {check_out}。"
    en = "The stay is from {check_in} to {check_out}."


class StillExpected(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "入住当天 {hour}:00 后才能标记为未入住。"
    en = "A no-show can be marked from {hour}:00 on the day of check-in."


async def check_in(tx: Write, sealer: Sealer, *, hostel_id: UUID, code: str) -> UUID:
    """
    Check in the guest who shows a code, once the desk has looked at the identity document: who looked, and when, is kept,
    no copy of the document. Again changes nothing. NotFound for a code that is none of this hostel's.
    """
    staff = require_staff(tx.actor, Action.WORK_AT_DESK)
    hostel = await held_by_staff(tx, hostel_id, Action.WORK_AT_DESK, "hostel_id")
    found = await in_hand(tx, hostel, col(BookingRow.code_index).in_(indexes(sealer, code)))
    if not found.bookings:
        raise NotFound("check_in_code")
    booking = found.bookings[0]
    if booking.status is BookingStatus.CHECKED_IN:
        return booking.id
    require_edge(tx, booking, BookingStatus.CHECKED_IN, "check_in_code")
    if not booking.check_in <= tx.today < booking.check_out:
        raise NotToday("check_in_code", check_in=booking.check_in, check_out=booking.check_out)
    await move(tx, [booking], BookingStatus.CHECKED_IN, checked_in_by=staff.id, checked_in_at=tx.now)
    return booking.id


async def check_out(tx: Write, booking_id: UUID) -> UUID:
    """
    Check a guest out; again changes nothing. The nights from today on come free, but for the first of the stay: a stay
    that has begun counts one night.
    """
    hand, booking = await booking_at_desk(tx, booking_id)
    if booking.status is BookingStatus.CHECKED_OUT:
        return booking_id
    require_edge(tx, booking, BookingStatus.CHECKED_OUT)
    await leave(tx, hand, booking)
    return booking_id


async def leave(tx: Write, hand: InHand, booking: Booking) -> None:
    """The guest leaves today, also before the time."""
    left_on = min(max(tx.today, booking.check_in + timedelta(days=1)), booking.check_out)
    await move(tx, [booking], BookingStatus.CHECKED_OUT, check_out=left_on)
    await settle(tx, hand, [(booking, left_on)] if left_on < booking.check_out else [])


async def no_show(tx: Write, booking_id: UUID) -> UUID:
    """
    Mark a guest who has not come, from 22:00 of the check-in day (policy); again changes nothing.

    The night that was lost stays charged; the others go back to stock and to the guest's allowance.
    """
    hand, booking = await booking_at_desk(tx, booking_id)
    if booking.status is BookingStatus.NO_SHOW:
        return booking_id
    require_edge(tx, booking, BookingStatus.NO_SHOW)
    hour = await policy_value(tx, NO_SHOW_FROM_HOUR, hand.hostel.division_code)
    if tx.now < start_of(booking.check_in) + timedelta(hours=hour):
        raise StillExpected("booking_id", hour=hour)
    since = max(booking.check_in, tx.today) + timedelta(days=1)
    await move(tx, [booking], BookingStatus.NO_SHOW, no_show_on=booking.check_in)
    await settle(tx, hand, [(booking, since)] if since < booking.check_out else [])
    return booking_id

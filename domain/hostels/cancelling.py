"""A guest gives a stay back before it begins, or a place in the line."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.core.clock import start_of
from domain.core.db import Write
from domain.core.policy import policy_value
from domain.core.refusals import ErrorCode, Refusal
from domain.core.rights import require_youth
from domain.hostels.bookings import Booking
from domain.hostels.moving import InHand, booking_in_hand, move, require_edge
from domain.hostels.policies import CANCEL_UNTIL_HOUR
from domain.hostels.states import WITH_BEDS, BookingStatus
from domain.hostels.waiting import Leaving, settle


class CancelledTooLate(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "入住当天 {hour}:00 后不能取消。"
    en = "It can be cancelled until {hour}:00 on the day of check-in."


def cancellable_until(booking: Booking, hour: int) -> datetime:
    return start_of(booking.check_in) + timedelta(hours=hour)


async def cancel(tx: Write, booking_id: UUID) -> UUID:
    """Cancel the guest's own booking; again changes nothing. Its nights go back to stock, allowance and line."""
    require_youth(tx.actor)
    hand, booking = await booking_in_hand(tx, booking_id)
    if booking.status_at(tx.now) is BookingStatus.CANCELLED:
        return booking_id
    require_edge(tx, booking, BookingStatus.CANCELLED)
    if booking.status is BookingStatus.CONFIRMED:
        hour = await policy_value(tx, CANCEL_UNTIL_HOUR, hand.hostel.division_code)
        if tx.now >= cancellable_until(booking, hour):
            raise CancelledTooLate("booking_id", hour=hour)
    await give_back(tx, hand, booking)
    return booking_id


async def give_back(tx: Write, hand: InHand, booking: Booking) -> None:
    """The booking is over, whatever the hour; its nights go back."""
    leaving: list[Leaving] = [(booking, booking.check_in)] if booking.status in WITH_BEDS else []
    await move(tx, [booking], BookingStatus.CANCELLED, by_guest=True)
    await settle(tx, hand, leaving)

"""What hostels hold about youths: stays with their history, the nights slept, the free nights used up."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.actors import YouthActor
from domain.core.db import Write
from domain.core.holding import Fate, Holding, Said, blank, owned_by
from domain.core.states import StateEvent
from domain.hostels.arriving import leave
from domain.hostels.bookings import Booking
from domain.hostels.cancelling import give_back
from domain.hostels.models import AllowanceRow, BedNightRow, BookingRow, HostelRow
from domain.hostels.moving import booking_in_hand
from domain.hostels.states import BookingStatus

_UNDER_WAY = (BookingStatus.WAITLISTED, BookingStatus.HELD, BookingStatus.CONFIRMED, BookingStatus.CHECKED_IN)


def _bookings(youth_id: UUID) -> sa.Select[Any]:
    return sa.select(col(BookingRow.id)).where(col(BookingRow.guest_id) == youth_id)


def _named(youth_id: UUID) -> sa.Select[Any]:
    """Bookings together with the name of the hostel."""
    return (
        sa.select(*sa.inspect(BookingRow).columns, col(HostelRow.name).label("hostel"))
        .join(HostelRow, col(HostelRow.id) == col(BookingRow.hostel_id))
        .where(col(BookingRow.guest_id) == youth_id)
    )


async def end_stays(tx: Write, youth_id: UUID) -> None:
    """Give back what is to come, leave where one is: beds go to the next in line. Hostels are held by rising id."""
    in_their_name = Write(tx.connection, tx.now, YouthActor(youth_id))
    open_ones = (
        sa.select(col(BookingRow.id))
        .where(col(BookingRow.guest_id) == youth_id, col(BookingRow.status).in_(_UNDER_WAY))
        .order_by(col(BookingRow.hostel_id), col(BookingRow.id))
    )
    for booking_id in await tx.scalars(open_ones):
        hand, booking = await booking_in_hand(in_their_name, booking_id)
        if _is_in_the_house(booking):
            await leave(in_their_name, hand, booking)
        elif booking.status in _UNDER_WAY:
            await give_back(in_their_name, hand, booking)


def _is_in_the_house(booking: Booking) -> bool:
    return booking.status is BookingStatus.CHECKED_IN


ENDINGS = (end_stays,)

HOLDINGS = (
    Holding(
        "hostelBookingHistory",
        StateEvent,
        Said("青年驿站预订的每一步", "Each step of your stays at hostels"),
        owned_by(StateEvent.subject_id, _bookings),
        {"booking": "subject_id", "status": "status", "at": "at", "note": "note"},
        Fate.ANONYMISED,
        Said("只留状态与时间，用于入住统计", "State and time alone stay, for the figures of stays"),
        {"note": None},
    ),
    Holding(
        "hostelNights",
        BedNightRow,
        Said("住过的床位与日期", "The beds and nights of your stays"),
        lambda youth: col(BedNightRow.guest_id) == youth,
        {"booking": "booking_id", "night": "night", "bed": "bed"},
        Fate.KEPT,
        Said(
            "床位使用统计所需；编号不再指向任何人",
            "For the figures of beds in use; the id points at nobody any more",
        ),
    ),
    Holding(
        "hostelAllowances",
        AllowanceRow,
        Said("每年已用的免费住宿天数", "The free nights that you have used in each year"),
        lambda youth: col(AllowanceRow.guest_id) == youth,
        {"year": "year", "nights": "nights", "most": "most"},
    ),
    Holding(
        "hostelBookings",
        BookingRow,
        Said("青年驿站预订", "Your stays at hostels"),
        lambda youth: col(BookingRow.guest_id) == youth,
        {
            "id": "id",
            "hostel": "hostel",
            "checkIn": "check_in",
            "checkOut": "check_out",
            "status": "status",
            "purpose": "purpose",
            "identityCheckedAt": "checked_in_at",
            "createdAt": "created_at",
        },
        Fate.ANONYMISED,
        Said("只留一条无名记录，用于入住统计", "A record of nobody stays, for the figures of stays"),
        blank(
            BookingRow,
            *("id", "hostel_id", "guest_id", "check_in", "check_out", "status", "hold_expires_at"),
            *("checked_in_by", "checked_in_at", "no_show_on", "created_at", "updated_at"),
        ),
        _named,
    ),
)

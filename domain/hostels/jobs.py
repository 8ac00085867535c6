"""Scheduled work of hostels. Each is safe to run late, twice, or after a crash."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.schedule import Job
from domain.hostels import stock
from domain.hostels.bookings import lapsed
from domain.hostels.hostel import HOSTELS
from domain.hostels.models import BookingRow, HostelRow, RoomRow
from domain.hostels.states import BookingStatus
from domain.hostels.waiting import settle_if_free

AT_ONCE = 100


async def end_holds(tx: Write) -> None:
    """Holds that are over go to the next in line, places in the line whose day is past end."""
    over = sa.select(col(BookingRow.hostel_id)).distinct().where(lapsed(tx.now)).limit(AT_ONCE)
    await settle_if_free(tx, await tx.scalars(over))


async def offer_beds(tx: Write) -> None:
    """Look again for those in line: nights become bookable, and who was passed over may fit now."""
    waits = col(BookingRow.status) == BookingStatus.WAITLISTED
    await settle_if_free(tx, await tx.scalars(sa.select(col(BookingRow.hostel_id)).distinct().where(waits)))


async def make_nights(tx: Write) -> None:
    """Make the bed-nights to come, long before they can be booked."""
    ahead = col(HostelRow.bookable_days_ahead) + stock.MADE_BEYOND.days
    due = (
        sa.select(sa.literal(1))
        .select_from(RoomRow)
        .where(
            col(RoomRow.hostel_id) == col(HostelRow.id),
            col(RoomRow.retired_at).is_(None),
            col(RoomRow.stocked_until) < sa.literal(tx.today) + ahead,
        )
    )
    statement = HOSTELS.select().where(due.exists()).order_by(col(HostelRow.id)).limit(AT_ONCE)
    for hostel in await HOSTELS.all(tx, statement.with_for_update(key_share=True, skip_locked=True)):
        await stock.make_nights(tx, hostel.id, hostel.bookable_days_ahead)


JOBS = (
    Job("hostels.end_holds", timedelta(seconds=15), end_holds),
    Job("hostels.offer_beds", timedelta(minutes=5), offer_beds),
    Job("hostels.make_nights", timedelta(minutes=10), make_nights),
)

"""
Rooms are closed for some nights and opened again: repairs, or a room that is open for a season.

What is free is closed at once. Who has a bed there is moved to another one of the hostel for those nights, where there is
one. Otherwise they are told: a stay to come is cancelled, a held bed goes back to its place in the line, and who is in
the house already leaves when the room closes. Nights that are lost go back to the guest's allowance.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core.db import Write
from domain.core.refusals import Invalid, Refusal, refuse_all
from domain.core.rights import Action, require
from domain.hostels import stock
from domain.hostels.bookings import Booking
from domain.hostels.hostel import Hostel, Room, held_by_staff, room_of
from domain.hostels.models import BedNightRow, BookingRow, ClosedNightRow, RoomRow
from domain.hostels.moving import in_hand, move, shorten
from domain.hostels.rehousing import lodgers, rehouse
from domain.hostels.states import BookingStatus
from domain.hostels.waiting import Leaving, settle

NIGHTS_MOST = 1_096
REASON_MOST = 200


def _faults(first: date, end: date, today: date, reason: str | None) -> Iterable[Refusal]:
    if first < today:
        yield Invalid("from", zh="起始日期已过。", en="The first night is past.")
    if not 1 <= (end - first).days <= NIGHTS_MOST:
        yield Invalid(
            "to",
            zh=f"须晚于起始日期，最多 {NIGHTS_MOST} 晚。",
            en=f"Must be later than the first day; {NIGHTS_MOST} nights at most.",
        )
    if reason is not None and not 1 <= len(reason.strip()) <= REASON_MOST:
        yield Invalid(
            "reason", zh=f"需为 1 至 {REASON_MOST} 个字符。", en=f"Must have 1 to {REASON_MOST} characters."
        )


async def _managed(tx: Write, room_id: UUID) -> tuple[Hostel, Room]:
    require(tx.actor, Action.MANAGE_HOSTELS)
    room = await room_of(tx, room_id, "room_id")
    return await held_by_staff(tx, room.hostel_id, Action.MANAGE_HOSTELS, "room_id"), room


async def close(tx: Write, room_id: UUID, first: date, end: date, reason: str) -> UUID:
    """Close a room from a night to another (exclusive); the hostel's id. Who is in it: see the module."""
    hostel, room = await _managed(tx, room_id)
    refuse_all(_faults(first, end, tx.today, reason))
    rows = [
        {
            "room_id": room.id,
            "night": first + timedelta(days=number),
            "reason": reason.strip(),
            "closed_at": tx.now,
        }
        for number in range((end - first).days)
    ]
    await tx.execute(pg_insert(ClosedNightRow).on_conflict_do_nothing().values(rows))
    await empty(tx, hostel, room.id, first, end, f"房间关闭：{reason.strip()} (room closed)")
    return hostel.id


async def empty(tx: Write, hostel: Hostel, room_id: UUID, first: date, end: date, note: str) -> None:
    """Take the room's free bed-nights out of sale, and its guests to other beds."""
    table = BedNightRow
    there = sa.and_(col(table.room_id) == room_id, col(table.night) >= first, col(table.night) < end)
    await tx.execute(sa.update(table).where(there, stock.is_free()).values(closed=True))
    inside = await lodgers(tx, hostel.id, there)
    moved = await rehouse(tx, hostel, inside, note)
    left = {one.booking_id: one.nights[0][1] for one in inside if one.booking_id not in moved}
    hand = await in_hand(tx, hostel, col(BookingRow.id).in_(list(left)))
    leaving = await _turned_out(tx, hand.bookings, left, note)
    await settle(tx, hand, leaving)


async def _turned_out(
    tx: Write, bookings: Sequence[Booking], since: dict[UUID, date], note: str
) -> list[Leaving]:
    """Move the bookings of those for whom no other bed was found; the nights that they lose."""
    leaving: list[Leaving] = []
    for booking in bookings:
        if booking.status is BookingStatus.CHECKED_IN:
            cut = since[booking.id]
            out = max(cut, booking.check_in + timedelta(days=1))
            if cut <= tx.today:
                await move(tx, [booking], BookingStatus.CHECKED_OUT, note=note, check_out=out)
            else:
                await shorten(tx, booking, out, note)
            leaving.append((booking, cut))
            continue
        held = booking.status is BookingStatus.HELD and not booking.lapsed(tx.now)
        if held or booking.status is BookingStatus.CONFIRMED:
            after = BookingStatus.WAITLISTED if held else BookingStatus.CANCELLED
            await move(tx, [booking], after, note=note)
            leaving.append((booking, booking.check_in))
    return leaving


async def reopen(tx: Write, room_id: UUID, first: date, end: date) -> UUID:
    """Open a room again for nights on which it was closed; the hostel's id. Its beds go to those in line first."""
    hostel, room = await _managed(tx, room_id)
    refuse_all(_faults(first, end, tx.today, None))
    night, table = col(ClosedNightRow.night), BedNightRow
    await tx.execute(
        sa.delete(ClosedNightRow).where(col(ClosedNightRow.room_id) == room.id, night >= first, night < end)
    )
    beds = sa.select(col(RoomRow.beds)).where(col(RoomRow.id) == room.id).scalar_subquery()
    opened = await tx.execute(
        sa.update(table)
        .where(
            col(table.room_id) == room.id,
            col(table.night) >= first,
            col(table.night) < end,
            col(table.bed) <= beds,
            col(table.closed),
        )
        .values(closed=False)
    )
    if opened:
        await stock.say_freed(tx, hostel.id, first, end - timedelta(days=1))
        await settle(tx, await in_hand(tx, hostel))
    return hostel.id

"""Guests change beds: by the desk, or because their room is closed. Nights stay nights: no allowance is touched."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import Gender
from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.refusals import MoveImpossible, NotFound
from domain.hostels import stock
from domain.hostels.events import GuestMoved
from domain.hostels.hostel import Hostel, room_of
from domain.hostels.models import BedNightRow
from domain.hostels.moving import booking_at_desk
from domain.hostels.packing import Bed, Packing, suits
from domain.hostels.selling_out import RoomOfOtherSex, SoldOut
from domain.hostels.states import WITH_BEDS
from domain.hostels.stock import Nights, Wanted
from domain.hostels.waiting import offer

ROUNDS = 3
MOVED_BY_DESK = "换床 (moved by the desk)"


@dataclass(frozen=True, slots=True)
class Lodger:
    """A guest with the nights that need another bed."""

    booking_id: UUID
    guest_id: UUID
    gender: Gender
    nights: tuple[tuple[UUID, date], ...]
    """The room of each night, in order."""


async def lodgers(tx: Write, hostel_id: UUID, *where: sa.ColumnElement[bool]) -> list[Lodger]:
    """Who has beds of a hostel on nights that fit, who comes first first."""
    table = BedNightRow
    rows = await tx.rows(
        sa.select(
            col(table.booking_id),
            col(table.guest_id),
            col(table.guest_gender),
            col(table.room_id),
            col(table.night),
        )
        .where(col(table.hostel_id) == hostel_id, col(table.guest_id).is_not(None), *where)
        .order_by(col(table.night), col(table.booking_id))
    )
    by_booking: dict[UUID, list[tuple[UUID, date]]] = {}
    people = {row.booking_id: (row.guest_id, row.guest_gender) for row in rows}
    for row in rows:
        by_booking.setdefault(row.booking_id, []).append((row.room_id, row.night))
    return [Lodger(key, *people[key], tuple(nights)) for key, nights in by_booking.items()]


def _runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Nights in a row, each run with its end, exclusive."""
    runs: list[tuple[date, date]] = []
    for day in days:
        end = day + timedelta(days=1)
        if runs and runs[-1][1] == day:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((day, end))
    return runs


def _placed(beds: Packing, nights: Nights, lodger: Lodger, room_id: UUID | None) -> Wanted | None:
    pairs: list[tuple[Bed, date]] = []
    for first, end in _runs(night for _, night in lodger.nights):
        pieces = beds.place(nights.number(first), nights.number(end), lodger.gender, room_id)
        if pieces is None:
            beds.give_back((bed, nights.number(night)) for bed, night in pairs)
            return None
        pairs += [(bed, nights.day(n)) for bed, start, stop in pieces for n in range(start, stop)]
    return Wanted(lodger.booking_id, lodger.guest_id, lodger.gender, tuple(pairs))


async def rehouse(
    tx: Write, hostel: Hostel, moving: Sequence[Lodger], note: str, room_id: UUID | None = None
) -> frozenset[UUID]:
    """
    Give these guests other beds for these nights, of one room where it is named; the bookings that were moved.

    Each is moved for all of the nights or not at all. The new beds are locked before the old ones are left.
    """
    left, moved = {one.booking_id: one for one in moving}, set[UUID]()
    in_hand: list[tuple[Bed, date]] = []
    for _ in range(ROUNDS):
        if not left:
            break
        days = [night for one in left.values() for _, night in one.nights]
        beds, nights = await stock.packing(tx, hostel.id, min(days), max(days) + timedelta(days=1))
        beds.without((bed, nights.number(night)) for bed, night in in_hand if night >= nights.first)
        found = [
            wanted for one in left.values() if (wanted := _placed(beds, nights, one, room_id)) is not None
        ]
        got = await stock.reserve(tx, found)
        ready = [wanted for wanted in found if wanted.booking_id in got]
        for wanted in ready:
            lodger = left.pop(wanted.booking_id)
            for room in {room for room, _ in lodger.nights}:
                there = [night for other, night in lodger.nights if other == room]
                await stock.leave(tx, room, [wanted.booking_id], min(there), max(there))
        moved |= await stock.take(tx, ready)
        in_hand += [pair for wanted in found if wanted.booking_id not in got for pair in wanted.beds]
        if len(ready) == len(found):
            break
    people = {one.booking_id: one.guest_id for one in moving}
    await emit(tx, *(GuestMoved(key, hostel.id, people[key], note) for key in sorted(moved)))
    return frozenset(moved)


async def move_guest(tx: Write, booking_id: UUID, room_id: UUID) -> UUID:
    """Move a guest's nights to come into a room of the same hostel; SoldOut when it has no bed for all of them."""
    hand, booking = await booking_at_desk(tx, booking_id)
    if booking.status_at(tx.now) not in WITH_BEDS:
        raise MoveImpossible("booking_id", status=booking.status_at(tx.now).value)
    room = await room_of(tx, room_id, "room_id")
    if room.hostel_id != hand.hostel.id:
        raise NotFound("room_id")
    found = await lodgers(
        tx,
        hand.hostel.id,
        col(BedNightRow.booking_id) == booking_id,
        col(BedNightRow.night) >= tx.today,
        col(BedNightRow.room_id) != room_id,
    )
    if not found:
        return booking_id
    if not suits(room.gender, found[0].gender):
        raise RoomOfOtherSex("room_id")
    if not await rehouse(tx, hand.hostel, found, MOVED_BY_DESK, room_id):
        raise SoldOut("room_id")
    await stock.say_freed(tx, hand.hostel.id, found[0].nights[0][1], found[0].nights[-1][1])
    await offer(tx, hand.hostel)
    return booking_id

"""
Bed-nights: made in advance, looked at, taken, given back.

Nobody waits for a bed-night: taking passes over what another transaction has in hand (SKIP LOCKED), and takes a stay whole
or not at all. So a transaction that books can wait for keys and allowances alone (see `booking`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import aliased
from sqlmodel import col

from domain.accounts.models import Gender
from domain.core.db import Read, Write
from domain.core.outbox import emit
from domain.core.unnesting import Rows
from domain.hostels.bookings import Booking
from domain.hostels.events import BedFreed
from domain.hostels.models import BedNightRow, ClosedNightRow, HostelRow, RoomRow
from domain.hostels.packing import Bed, FreeBed, Packing

MADE_BEYOND = timedelta(days=36)
"""Nights are made so long before they can be booked: the work that makes them may fail for weeks and nobody notices."""

AROUND = 14
"""Days before and after a stay within which gaps are compared; longer ones count alike."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The bed-nights of one stay."""

    booking_id: UUID
    guest_id: UUID
    gender: Gender
    beds: tuple[tuple[Bed, date], ...]


class Nights:
    """Days as whole numbers from a first one."""

    def __init__(self, first: date) -> None:
        self.first = first

    def number(self, day: date) -> int:
        return (day - self.first).days

    def day(self, number: int) -> date:
        return self.first + timedelta(days=number)


def is_free() -> sa.ColumnElement[bool]:
    return sa.and_(col(BedNightRow.guest_id).is_(None), ~col(BedNightRow.closed))


Times = tuple[date, date]
"""From a day to another, exclusive."""


_SPANS = Rows("span", hostel_id=sa.Uuid, first=sa.Date, last=sa.Date)


def _free_beds() -> sa.Executable:
    table = BedNightRow
    base = sa.bindparam("base", type_=sa.Date)
    bed = (col(table.hostel_id), col(table.room_id), col(table.bed), col(table.room_gender))
    within = sa.and_(
        col(table.hostel_id) == _SPANS.c.hostel_id,
        col(table.night) >= _SPANS.c.first,
        col(table.night) < _SPANS.c.last,
    )
    return (
        sa.select(*bed, sa.func.array_agg(col(table.night) - base).label("nights"))
        .join_from(_SPANS.table, table, within)
        .where(is_free())
        .group_by(*bed)
    )


_FREE_BEDS = _free_beds()


async def packings(
    db: Read, times: Mapping[UUID, Times], salt: int = 0
) -> tuple[dict[UUID, Packing], Nights]:
    """The free beds of each hostel, with the days around its time (of a stay, or of several); one statement."""
    around = timedelta(days=AROUND)
    spans = [(key, max(db.today, first - around), last + around) for key, (first, last) in times.items()]
    nights = Nights(min(first for _, first, _ in spans))
    free: dict[UUID, list[FreeBed]] = {key: [] for key in times}
    for row in await db.rows(_FREE_BEDS, {**_SPANS.bound(spans), "base": nights.first}):
        mask = sum(1 << number for number in row.nights)
        free[row.hostel_id].append(FreeBed(Bed(row.room_id, row.bed), row.room_gender, mask))
    return {key: Packing(beds, salt) for key, beds in free.items()}, nights


async def packing(db: Read, hostel_id: UUID, check_in: date, check_out: date) -> tuple[Packing, Nights]:
    """The free beds of one hostel."""
    found, nights = await packings(db, {hostel_id: (check_in, check_out)})
    return found[hostel_id], nights


_WANTED = Rows(
    "wanted",
    room_id=sa.Uuid,
    bed=sa.SmallInteger,
    night=sa.Date,
    booking_id=sa.Uuid,
    guest_id=sa.Uuid,
    gender=sa.Text,
    needed=sa.Integer,
)


def _bound(stays: Iterable[Wanted]) -> dict[str, list[Any]]:
    return _WANTED.bound(
        (bed.room_id, bed.number, night, stay.booking_id, stay.guest_id, stay.gender.value, len(stay.beds))
        for stay in stays
        for bed, night in stay.beds
    )


def _not_in_hand(*where: sa.ColumnElement[bool]) -> sa.CTE:
    """Those of the wanted that are free and that nobody has in hand, locked; `got` counts them by booking."""
    table, wanted = BedNightRow, _WANTED.table
    locked = (
        sa.select(wanted)
        .join_from(
            table,
            wanted,
            sa.and_(
                col(table.room_id) == wanted.c.room_id,
                col(table.bed) == wanted.c.bed,
                col(table.night) == wanted.c.night,
            ),
        )
        .where(is_free(), *where)
        .with_for_update(skip_locked=True, of=table)
        .cte("locked")
    )
    got = sa.func.count().over(partition_by=locked.c.booking_id)
    return sa.select(locked, got.label("got")).cte("counted")


def _whole() -> sa.Select[Any]:
    counted = _not_in_hand()
    return sa.select(counted.c.booking_id).where(counted.c.got == counted.c.needed)


def _taking() -> sa.Update:
    table, other = BedNightRow, aliased(BedNightRow)
    has_another = (
        sa.select(sa.literal(1))
        .where(col(other.guest_id) == _WANTED.c.guest_id, col(other.night) == _WANTED.c.night)
        .exists()
    )
    counted = _not_in_hand(~has_another)
    return (
        sa.update(table)
        .where(
            col(table.room_id) == counted.c.room_id,
            col(table.bed) == counted.c.bed,
            col(table.night) == counted.c.night,
            counted.c.got == counted.c.needed,
        )
        .values(booking_id=counted.c.booking_id, guest_id=counted.c.guest_id, guest_gender=counted.c.gender)
        .returning(col(table.booking_id))
    )


_WHOLE, _TAKING = _whole(), _taking()


async def reserve(tx: Write, stays: Iterable[Wanted]) -> frozenset[UUID]:
    """Lock the bed-nights of stays without taking them; the bookings for which all could be had."""
    return frozenset(await tx.scalars(_WHOLE, _bound(stays)))


async def take(tx: Write, stays: Iterable[Wanted]) -> frozenset[UUID]:
    """
    Take the bed-nights of stays, each whole or not at all; the bookings that have theirs.

    A guest who has another bed on one of the nights gets nothing. The caller holds the guests' allowances, so that
    nobody else takes a bed for them meanwhile.
    """
    return frozenset(await tx.scalars(_TAKING, _bound(stays)))


async def leave(tx: Write, room_id: UUID, booking_ids: Sequence[UUID], first: date, last: date) -> None:
    """Empty the beds of bookings in one room from the first night to the last; nothing is charged back."""
    table = BedNightRow
    await tx.execute(
        sa.update(table)
        .where(
            col(table.booking_id).in_(booking_ids),
            col(table.room_id) == room_id,
            col(table.night).between(first, last),
        )
        .values(booking_id=None, guest_id=None, guest_gender=None, closed=_shut())
    )


def _shut() -> sa.ColumnElement[bool]:
    """Is a bed-night not for sale once its guest is gone? Its room is closed then or retired, or has lost the bed."""
    table, room = BedNightRow, RoomRow
    gone = (
        sa.exists()
        .where(
            col(room.id) == col(table.room_id),
            sa.or_(col(room.retired_at).is_not(None), col(room.beds) < col(table.bed)),
        )
        .correlate(table)
    )
    closed = (
        sa.exists()
        .where(
            col(ClosedNightRow.room_id) == col(table.room_id), col(ClosedNightRow.night) == col(table.night)
        )
        .correlate(table)
    )
    return sa.or_(gone, closed)


_SINCE = Rows("since", booking_id=sa.Uuid, first=sa.Date)


def _leaving() -> sa.Update:
    table = BedNightRow
    before = (
        sa.select(col(table.room_id), col(table.bed), col(table.night), col(table.guest_id).label("guest"))
        .join_from(
            table,
            _SINCE.table,
            sa.and_(col(table.booking_id) == _SINCE.c.booking_id, col(table.night) >= _SINCE.c.first),
        )
        .with_for_update(of=table)
        .cte("before")
    )
    return (
        sa.update(table)
        .where(
            col(table.room_id) == before.c.room_id,
            col(table.bed) == before.c.bed,
            col(table.night) == before.c.night,
        )
        .values(booking_id=None, guest_id=None, guest_gender=None, closed=_shut())
        .returning(before.c.guest, col(table.night))
    )


_LEAVING = _leaving()


async def give_back(
    tx: Write, hostel_id: UUID, leaving: Sequence[tuple[Booking, date]]
) -> dict[tuple[UUID, int], int]:
    """Free the nights of bookings, each from one on; how many came free of each guest and year."""
    starts = ((booking.id, first) for booking, first in leaving)
    rows = await tx.rows(_LEAVING, _SINCE.bound(starts))
    counts: dict[tuple[UUID, int], int] = {}
    for row in rows:
        key = row.guest, row.night.year
        counts[key] = counts.get(key, 0) + 1
    if rows:
        await say_freed(tx, hostel_id, min(row.night for row in rows), max(row.night for row in rows))
    return counts


async def say_freed(tx: Write, hostel_id: UUID, first: date, last: date) -> None:
    """Beds came free on nights from the first to the last: whoever thought all were sold must look again."""
    await tx.execute(
        sa.update(HostelRow).where(col(HostelRow.id) == hostel_id).values(freed=col(HostelRow.freed) + 1)
    )
    until = last + timedelta(days=1)
    await emit(tx, BedFreed(hostel_id, from_on=first.isoformat(), to_on=until.isoformat()))


async def make_nights(tx: Write, hostel_id: UUID, days_ahead: int) -> int:
    """
    Make the bed-nights that a hostel's rooms lack, beyond what can be booked; how many. The caller holds the hostel.
    """
    until = tx.today + timedelta(days=days_ahead) + MADE_BEYOND
    room, table = RoomRow, BedNightRow
    number = sa.func.generate_series(1, col(room.beds)).table_valued("value").render_derived(name="number")
    day = (
        sa.func.generate_series(0, until - col(room.stocked_until) - 1)
        .table_valued("value")
        .render_derived(name="day")
    )
    night = col(room.stocked_until) + sa.cast(day.c.value, sa.Integer)
    is_closed = sa.exists().where(
        col(ClosedNightRow.room_id) == col(room.id), col(ClosedNightRow.night) == night
    )
    missing = (
        sa.select(
            col(room.id),
            sa.cast(number.c.value, sa.SmallInteger),
            night,
            col(room.hostel_id),
            col(room.gender),
            is_closed,
        )
        .select_from(room)
        .join(number, sa.true())
        .join(day, sa.true())
        .where(
            col(room.hostel_id) == hostel_id,
            col(room.retired_at).is_(None),
            col(room.stocked_until) < until,
        )
    )
    statement = pg_insert(table).from_select(
        ["room_id", "bed", "night", "hostel_id", "room_gender", "closed"], missing
    )
    made = await tx.execute(
        # What is there already is of a bed that was taken away and has come back.
        statement.on_conflict_do_update(
            index_elements=[col(table.room_id), col(table.bed), col(table.night)],
            set_={"closed": statement.excluded.closed},
            where=sa.and_(
                col(table.guest_id).is_(None),
                col(table.closed) != statement.excluded.closed,
            ),
        )
    )
    if made:
        await tx.execute(
            sa.update(room)
            .where(
                col(room.hostel_id) == hostel_id,
                col(room.retired_at).is_(None),
                col(room.stocked_until) < until,
            )
            .values(stocked_until=until)
        )
        await say_freed(tx, hostel_id, tx.today, until)
    return made

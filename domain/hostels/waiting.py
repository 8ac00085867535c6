"""
The waiting list of a hostel: joining it, and offering what comes free to the earliest whose whole stay and sex fit.

`settle` does all that time and freed beds ask for, by one transaction at a time for each hostel: holds that are over go
to the next in line, whose bed is then held. It is called by everything that frees a bed, in the same transaction, so
that nobody from outside comes between. It waits for nobody (see `booking`): who is booking for themselves at this
moment is passed over, and looked at again by the worker.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import Gender, YouthRow
from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.policy import policy_value
from domain.core.refusals import SignInNeeded, refuse_all
from domain.core.rights import require_youth
from domain.core.states import record
from domain.hostels import allowances, stock
from domain.hostels.bookings import BOOKINGS, Booking
from domain.hostels.codes import NewBooking
from domain.hostels.eligibility import (
    InLineAlready,
    Stay,
    bar_of,
    faults,
    purpose_faults,
    standings,
)
from domain.hostels.events import BookingMoved, HoldOffered
from domain.hostels.hostel import HOSTELS, Hostel, held
from domain.hostels.models import BedNightRow, BookingRow, HostelRow
from domain.hostels.moving import InHand, in_hand, move
from domain.hostels.policies import HOLD_MINUTES
from domain.hostels.states import BookingStatus
from domain.hostels.stock import Wanted

Leaving = tuple[Booking, date]
"""A booking with the first night that comes free."""

LOOKED_AT = 500
"""How many of those who wait are looked at, at once."""

HOLD_LAPSED = "保留超时 (the hold ran out)"
DAY_PAST = "入住日期已过 (the day is past)"


async def join(tx: Write, new: NewBooking, *, hostel_id: UUID, stay: Stay, purpose: str | None) -> UUID:
    """
    Enter the line for a stay; Refused with every reason why not.

    Where a bed is free for all of its nights after all, it is held for the entry at once.
    """
    youth = require_youth(tx.actor)
    hostel = await held(tx, hostel_id)
    known = await standings(tx, {youth.id: hostel.id}, stay.check_in, stay.check_out)
    who = known.get(youth.id)
    if who is None:
        raise SignInNeeded
    reasons = [
        *purpose_faults(purpose),
        *faults(hostel, stay, who, await bar_of(tx, hostel), tx.today),
    ]
    if any(found.status in (BookingStatus.WAITLISTED, BookingStatus.HELD) for found in who.here):
        reasons.append(InLineAlready("check_in"))
    refuse_all(reasons)
    hand = await in_hand(tx, hostel)
    await end(tx, hand, also=((youth.id, year) for year in stay.by_year()))
    row = {
        "id": new.id,
        "hostel_id": hostel.id,
        "guest_id": youth.id,
        "check_in": stay.check_in,
        "check_out": stay.check_out,
        "status": BookingStatus.WAITLISTED,
        "purpose": purpose,
        "code_sealed": new.code_sealed,
        "code_index": new.code_index,
        "key_id": new.key_id,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    await tx.insert(BookingRow, [row])
    await record(tx, new.id, BookingStatus.WAITLISTED)
    await emit(
        tx,
        BookingMoved(
            booking_id=new.id,
            hostel_id=hostel.id,
            guest_id=youth.id,
            status=BookingStatus.WAITLISTED.value,
            check_in=stay.check_in.isoformat(),
            check_out=stay.check_out.isoformat(),
            by_guest=True,
        ),
    )
    await offer(tx, hostel)
    return new.id


async def settle_if_free(tx: Write, hostel_ids: Iterable[UUID]) -> None:
    """
    As `settle`, but for hostels that another transaction has in hand and will settle; of these nobody is waited for.

    All allowances are held before the first bed is freed, in one order.
    """
    mine = (
        HOSTELS.select()
        .where(col(HostelRow.id).in_(list(hostel_ids)))
        .order_by(col(HostelRow.id))
        .with_for_update(key_share=True, skip_locked=True)
    )
    hands = [await in_hand(tx, hostel) for hostel in await HOSTELS.all(tx, mine)]
    await allowances.hold(tx, {charge for hand in hands for one in hand.over for charge in charges_of(one)})
    for hand in hands:
        await settle(tx, hand)


async def settle(tx: Write, hand: InHand, leaving: Sequence[Leaving] = ()) -> None:
    """
    Free the beds of those who leave and of holds that are over, then hold what is free for the earliest whom it fits.

    The caller moves the bookings of those who leave.
    """
    await end(tx, hand, leaving)
    await offer(tx, hand.hostel)


async def end(
    tx: Write, hand: InHand, leaving: Sequence[Leaving] = (), also: Iterable[allowances.Charge] = ()
) -> None:
    """The first half of `settle`; the allowances of `also` are held with the others, in one order."""
    holds = [booking for booking in hand.over if booking.status is BookingStatus.HELD]
    freed = [*leaving, *((booking, booking.check_in) for booking in holds)]
    charged = {charge for booking, _ in freed for charge in charges_of(booking)}
    await allowances.hold(tx, charged | set(also))
    if freed:
        await allowances.give_back(tx, await stock.give_back(tx, hand.hostel.id, freed))
    await move(tx, holds, BookingStatus.CANCELLED, note=HOLD_LAPSED)
    waited = [booking for booking in hand.over if booking.status is BookingStatus.WAITLISTED]
    await move(tx, waited, BookingStatus.CANCELLED, note=DAY_PAST)


def charges_of(booking: Booking) -> dict[allowances.Charge, int]:
    by_year = Stay(booking.check_in, booking.nights).by_year()
    return {(booking.guest_id, year): count for year, count in by_year.items()}


async def offer(tx: Write, hostel: Hostel) -> None:
    """Hold beds for those in line, the earliest first, each only for a whole stay. The hostel is held."""
    passed: set[UUID] = set()
    while True:
        line = [entry for entry in await _line(tx, hostel) if entry[0].id not in passed]
        if not line:
            return
        beds, nights = await stock.packing(
            tx,
            hostel.id,
            min(booking.check_in for booking, _ in line),
            max(booking.check_out for booking, _ in line),
        )
        chosen: list[tuple[Booking, Wanted]] = []
        for booking, gender in line:
            pieces = beds.place(nights.number(booking.check_in), nights.number(booking.check_out), gender)
            if pieces is not None:
                pairs = tuple((bed, nights.day(n)) for bed, start, end in pieces for n in range(start, end))
                chosen.append((booking, Wanted(booking.id, booking.guest_id, gender, pairs)))
        if not chosen:
            return
        got = await _held_for(tx, hostel, chosen)
        lost = {booking.id for booking, _ in chosen} - got
        if not lost:
            return
        passed |= lost


async def _line(tx: Write, hostel: Hostel) -> list[tuple[Booking, Gender]]:
    """Who waits, in order, with their sex; without those who sleep elsewhere on one of the nights."""
    elsewhere = (
        sa.select(sa.literal(1))
        .select_from(BedNightRow)
        .where(
            col(BedNightRow.guest_id) == col(BookingRow.guest_id),
            col(BedNightRow.night) >= col(BookingRow.check_in),
            col(BedNightRow.night) < col(BookingRow.check_out),
        )
    )
    rows = await tx.rows(
        BOOKINGS.select()
        .add_columns(col(YouthRow.gender))
        .join(YouthRow, col(YouthRow.id) == col(BookingRow.guest_id))
        .where(
            col(BookingRow.hostel_id) == hostel.id,
            col(BookingRow.status) == BookingStatus.WAITLISTED,
            col(BookingRow.check_in) >= tx.today,
            col(YouthRow.gender).is_not(None),
            ~elsewhere.exists(),
        )
        .order_by(col(BookingRow.created_at), col(BookingRow.id))
        .limit(LOOKED_AT)
    )
    return [(BOOKINGS.make(*row[:-1]), row[-1]) for row in rows]


async def _held_for(tx: Write, hostel: Hostel, chosen: Sequence[tuple[Booking, Wanted]]) -> frozenset[UUID]:
    """Hold the chosen beds where nothing is in the way; the entries that have theirs. Nobody is waited for."""
    by_id = {booking.id: (booking, wanted) for booking, wanted in chosen}
    waiting = await tx.scalars(
        sa.select(col(BookingRow.id))
        .where(col(BookingRow.id).in_(by_id), col(BookingRow.status) == BookingStatus.WAITLISTED)
        .with_for_update(skip_locked=True)
    )
    wanted_charges = {key: count for found in waiting for key, count in charges_of(by_id[found][0]).items()}
    free = await allowances.not_in_hand(tx, wanted_charges)
    most = hostel.free_nights_per_year
    going = []
    for found in waiting:
        charges = charges_of(by_id[found][0])
        # A guest who waits here twice is offered one stay at a time: the second would count the same nights left.
        if all(key in free and free[key] + count <= most for key, count in charges.items()):
            going.append(found)
            for key in charges:
                del free[key]
    got = await stock.take(tx, [by_id[found][1] for found in going])
    held_now = [by_id[found][0] for found in going if found in got]
    if held_now:
        charged = {key: (n, most) for booking in held_now for key, n in charges_of(booking).items()}
        await allowances.charge(tx, charged)
        await _tell_held(tx, hostel, held_now)
    return got


async def _tell_held(tx: Write, hostel: Hostel, bookings: Sequence[Booking]) -> None:
    minutes = await policy_value(tx, HOLD_MINUTES, hostel.division_code)
    until = tx.now + timedelta(minutes=minutes)
    await move(tx, bookings, BookingStatus.HELD, hold_expires_at=until)
    await emit(
        tx,
        *(
            HoldOffered(
                booking_id=booking.id,
                hostel_id=hostel.id,
                guest_id=booking.guest_id,
                check_in=booking.check_in.isoformat(),
                check_out=booking.check_out.isoformat(),
                expires_at=until.isoformat(),
            )
            for booking in bookings
        ),
    )

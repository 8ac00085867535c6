"""
Booking: what one request asks for, and how those that wait, for any hostels, are decided in one transaction.

The order of locks, for everybody who acts on stays:

1. keys of idempotency, rising;
2. the hostel's row, by whoever frees, moves or offers beds (`hostel.held`); bookings do not take it;
3. rows of bookings, by rising id;
4. allowances, by guest and year;
5. bed-nights.

Of bookings and bed-nights a booking passes over those that another transaction has in hand. It waits in the first and
fourth place alone, each time in rising order, so no circle of bookings can close. Whoever holds the hostel's row waits, beyond that, for bed-nights of bookings under way; these have passed the fourth place
and wait for nobody. Offers of held beds, which come after the fifth place, take only rows of bookings and allowances that
nobody has in hand. So nobody waits for somebody who waits for them.

Bookings of different beds, or of different nights, do not wait for each other. Of two that reach for one bed the one
that comes second takes the next bed in the same transaction; where there is none left but those in hand, it comes again
when the other transaction is over, and is then told the truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import PHONE_INDEX
from domain.core.actors import Actor, StaffActor
from domain.core.blind_index import owner
from domain.core.claiming import Claim, decide_each
from domain.core.db import Database, Read, Write
from domain.core.gathering import AGAIN, Answer, Work
from domain.core.idempotency import Once, Outcome
from domain.core.refusals import ErrorCode, Invalid, NotAllowed, NotFound, Refusal
from domain.core.rights import Action, require, require_youth
from domain.core.sealing import Sealer
from domain.core.unnesting import any_of
from domain.hostels.bookings import hold_lapsed
from domain.hostels.codes import NewBooking, new_booking
from domain.hostels.deciding import Asked, Batch
from domain.hostels.eligibility import Stay
from domain.hostels.hostel import HOSTELS, Hostel, desks
from domain.hostels.models import BookingRow, HostelRow
from domain.hostels.waiting import settle_if_free


class GuestUnknown(Refusal):
    code = ErrorCode.NOT_FOUND
    zh = "没有使用该手机号的青年账号。"
    en = "No youth has signed up with this number."


@dataclass(frozen=True, slots=True)
class Wish:
    """A stay as it was asked for."""

    hostel_id: UUID
    stay: Stay
    room_id: UUID | None
    purpose: str | None
    guest_phone: str | None


async def _guest_of_desk(
    db: Read, sealer: Sealer, actor: StaffActor, wish: Wish
) -> tuple[UUID | None, list[Refusal]]:
    if wish.hostel_id not in await desks(db, actor, [wish.hostel_id]):
        raise NotFound("hostel_id")
    if wish.guest_phone is None:
        return None, [Invalid("guest_phone", zh="请填写客人的手机号。", en="Give the guest's phone number.")]
    guest = await owner(db, sealer, PHONE_INDEX, wish.guest_phone)
    return guest, [] if guest is not None else [GuestUnknown("guest_phone")]


async def prepared(database: Database, sealer: Sealer, actor: Actor, wish: Wish, key: Once | None) -> Asked:
    """
    The request with what must be known before it waits with others: who the guest is, and the code of a new booking.

    Who may not book at all is refused here: nobody signed in, a partner, staff out of reach.
    """
    new: NewBooking = new_booking(sealer)
    if isinstance(actor, StaffActor):
        require(actor, Action.BOOK_STAYS)
        async with database.read() as db:
            guest, problems = await _guest_of_desk(db, sealer, actor, wish)
    else:
        guest, problems = require_youth(actor).id, []
        if wish.guest_phone is not None:
            problems = [NotAllowed("guest_phone")]
    return Asked(
        actor, key, wish.hostel_id, guest, wish.stay, wish.room_id, wish.purpose, new, tuple(problems)
    )


async def book_all(tx: Write, asked: Sequence[Asked]) -> list[Answer]:
    """Decide requests for stays, in their order; see the module for its locks."""
    claims = [Claim(one.actor.key, one.key) for one in asked]
    return await decide_each(tx, claims, lambda fresh: _decided(tx, asked, fresh))


def _hostels() -> sa.Select[Any]:
    """Hostels, each with whether a hold is over there that nobody has written down."""
    now = sa.bindparam("now", type_=sa.DateTime(timezone=True))
    lapsed = (
        sa.select(sa.literal(1))
        .select_from(BookingRow)
        .where(col(BookingRow.hostel_id) == col(HostelRow.id), hold_lapsed(now))
        .exists()
    )
    return HOSTELS.select().add_columns(lapsed).where(col(HostelRow.id) == any_of("ids", sa.Uuid))


_HOSTELS = _hostels()


async def _decided(tx: Write, asked: Sequence[Asked], places: Sequence[int]) -> dict[int, Answer]:
    wanted = {asked[place].hostel_id for place in places}
    rows = await tx.rows(_HOSTELS, {"ids": list(wanted), "now": tx.now})
    known: dict[UUID, Hostel] = {row.id: HOSTELS.make(*row[:-1]) for row in rows}
    late = {row.id for row in rows if row[-1]}
    answers: dict[int, Answer] = {}
    going: list[int] = []
    for place in places:
        if asked[place].hostel_id not in known:
            answers[place] = Outcome(refusals=(NotFound("hostel_id"),))
        elif asked[place].hostel_id in late:
            answers[place] = AGAIN
        else:
            going.append(place)
    if going:
        batch = Batch(tx, known, asked)
        await batch.decide(going)
        answers |= batch.answers
    elif late:
        # First to those in line, in a transaction without any allowances in hand.
        await settle_if_free(tx, late)
    return answers


BOOKING = Work(book_all, thing=lambda asked: asked.hostel_id, together=True)

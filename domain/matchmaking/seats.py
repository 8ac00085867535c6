"""
Seats of a sex: whoever takes or gives back has their counters in hand, and CHECKs have the last word.

The order of locks, for everybody who acts on sign-ups:

1. keys of idempotency, rising;
2. rows of youths, by who signs up: those whom another transaction has in hand are passed over;
3. the event: shared by sign-ups and cancellations, alone by its host's changes, closing of entries and draw;
4. seats, women's before men's;
5. rows of sign-ups.

Whoever has the seats of a sex in hand is the only one who moves its line, so places in it are given in the order in which
transactions commit, which is that in which sign-ups are acknowledged.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import Gender
from domain.core.columns import EnumText
from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.states import record_all
from domain.matchmaking.events import SeatGiven
from domain.matchmaking.models import SeatsRow, SignupRow
from domain.matchmaking.states import SignupStatus


@dataclass(frozen=True, slots=True)
class Granted:
    """Of those who asked, in order, the first so many have seats; the rest wait with these numbers."""

    seated: int
    first_number: int


_KEY = sa.and_(
    col(SeatsRow.event_id) == sa.bindparam("event", type_=sa.Uuid),
    col(SeatsRow.gender) == sa.bindparam("of_gender", type_=EnumText(Gender)),
)
_FREE = (
    sa.select((col(SeatsRow.total) - col(SeatsRow.taken)).label("free"), col(SeatsRow.last_in_line))
    .where(_KEY)
    .with_for_update()
)
_WAITING = sa.bindparam("waiting", type_=sa.Integer)
_TAKING = (
    sa.update(SeatsRow)
    .where(_KEY)
    .values(
        taken=col(SeatsRow.taken) + sa.bindparam("seated", type_=sa.Integer),
        waitlisted=col(SeatsRow.waitlisted) + _WAITING,
        last_in_line=col(SeatsRow.last_in_line) + _WAITING,
    )
)


async def take(tx: Write, event_id: UUID, gender: Gender, count: int) -> Granted:
    """
    Seats for so many, as far as they last, and places in line for the rest.

    The counters are read and held first, by a statement of its own: the next one sees them as whoever had them left them.
    """
    key = {"event": event_id, "of_gender": gender}
    now = await tx.first(_FREE, key)
    seated = min(count, now.free)
    await tx.execute(_TAKING, {**key, "seated": seated, "waiting": count - seated})
    return Granted(seated, now.last_in_line + 1)


async def leave_line(tx: Write, event_id: UUID, gender: Gender) -> None:
    """One fewer waits."""
    await tx.execute(
        sa.update(SeatsRow)
        .where(col(SeatsRow.event_id) == event_id, col(SeatsRow.gender) == gender)
        .values(waitlisted=col(SeatsRow.waitlisted) - 1)
    )


async def hold(tx: Write, event_id: UUID, genders: Iterable[Gender] = tuple(Gender)) -> None:
    """Have the seats of these sexes in hand, in the order of locks."""
    wanted = sorted(genders)
    await tx.rows(
        sa.select(col(SeatsRow.gender))
        .where(col(SeatsRow.event_id) == event_id, col(SeatsRow.gender).in_(wanted))
        .order_by(col(SeatsRow.gender))
        .with_for_update()
    )


async def give_back(tx: Write, event_id: UUID, gender: Gender) -> None:
    """One seat comes free; the first in line has it in this same transaction. The caller has the seats in hand."""
    key = sa.and_(col(SeatsRow.event_id) == event_id, col(SeatsRow.gender) == gender)
    await tx.execute(
        sa.update(SeatsRow)
        .where(key)
        .values(
            taken=col(SeatsRow.taken) - 1 + sa.func.least(1, col(SeatsRow.waitlisted)),
            waitlisted=col(SeatsRow.waitlisted) - sa.func.least(1, col(SeatsRow.waitlisted)),
        )
    )
    await _seat_first(tx, event_id, gender, 1)


async def set_total(tx: Write, event_id: UUID, gender: Gender, total: int) -> bool:
    """
    More seats go to those in line; False for fewer than are taken, and nothing has changed. The caller has them in hand.
    """
    table = SeatsRow
    more = sa.func.least(total - col(table.taken), col(table.waitlisted))
    before = (
        sa.select(col(table.event_id), col(table.gender), more.label("more"))
        .where(col(table.event_id) == event_id, col(table.gender) == gender, col(table.taken) <= total)
        .cte("before")
    )
    row = await tx.first(
        sa.update(table)
        .where(col(table.event_id) == before.c.event_id, col(table.gender) == before.c.gender)
        .values(
            total=total,
            taken=col(table.taken) + before.c.more,
            waitlisted=col(table.waitlisted) - before.c.more,
        )
        .returning(before.c.more)
    )
    if row is None:
        return False
    if row.more:
        await _seat_first(tx, event_id, gender, row.more)
    return True


async def _seat_first(tx: Write, event_id: UUID, gender: Gender, count: int) -> None:
    """The first in line have seats; they are told."""
    first = (
        sa.select(col(SignupRow.id))
        .where(
            col(SignupRow.event_id) == event_id,
            col(SignupRow.gender) == gender,
            col(SignupRow.status) == SignupStatus.WAITLISTED,
        )
        .order_by(col(SignupRow.queue_number))
        .limit(count)
    )
    rows = await tx.rows(
        sa.update(SignupRow)
        .where(col(SignupRow.id).in_(first))
        .values(status=SignupStatus.CONFIRMED, updated_at=tx.now)
        .returning(col(SignupRow.id), col(SignupRow.youth_id))
    )
    await record_all(tx, [(row.id, SignupStatus.CONFIRMED, None) for row in rows])
    await emit(tx, *(SeatGiven(row.id, event_id, row.youth_id) for row in rows))

"""The times that mentors offer, and whether each is still free."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from domain.core.db import Read
from domain.core.projection import projection
from domain.core.refusals import Invalid
from domain.core.states import stands_in
from domain.core.unnesting import ByKeys
from domain.mentorship.models import RequestRow, SlotRow
from domain.mentorship.states import WITH_SLOT

SHORTEST, LONGEST = timedelta(minutes=10), timedelta(hours=8)
AHEAD = timedelta(days=366)
"""How far ahead a time may begin."""
SHOWN_MOST = timedelta(days=93)
"""How long a time of slots may be asked for at once."""


@dataclass(frozen=True, slots=True)
class Slot:
    """`given_to` is the request that has it. `closed`: taken back by the mentor. `rule_id`, `rule_on`, `leaving` as in its row."""

    id: UUID
    mentor_id: UUID
    starts_at: datetime
    ends_at: datetime
    closed: bool
    given_to: UUID | None
    rule_id: UUID | None
    rule_on: date | None
    leaving: bool

    def free(self, now: datetime) -> bool:
        return not self.closed and self.given_to is None and self.starts_at > now

    def wished_by(self, request_id: UUID) -> bool:
        """May the request still hope for it, or has it?"""
        return self.given_to == request_id or (not self.closed and self.given_to is None)


_given = aliased(RequestRow)
GIVEN_TO = (
    sa.select(col(_given.id))
    .where(col(_given.slot_id) == col(SlotRow.id), stands_in(col(_given.status), WITH_SLOT))
    .correlate(SlotRow)
    .scalar_subquery()
)
SLOTS = projection(Slot, SlotRow, closed=col(SlotRow.closed_at).is_not(None), given_to=GIVEN_TO)


def is_free(now: datetime) -> sa.ColumnElement[bool]:
    """As `Slot.free`."""
    return sa.and_(col(SlotRow.closed_at).is_(None), col(SlotRow.starts_at) > now, GIVEN_TO.is_(None))


async def slots(db: Read, ids: Iterable[UUID]) -> dict[UUID, Slot]:
    return await SLOTS.of_ids(db, ids)


_OFFERED = ByKeys(
    lambda ids: SLOTS.select().where(col(SlotRow.id) == ids, col(SlotRow.closed_at).is_(None)), sa.Uuid
)


async def offered(db: Read, ids: Iterable[UUID]) -> dict[UUID, Slot]:
    """Those that were not taken back."""
    return {found.id: found for found in await SLOTS.all(db, *_OFFERED.of(ids))}


_OF_MENTORS = ByKeys(
    lambda mentors: (
        SLOTS.select()
        .where(
            col(SlotRow.mentor_id) == mentors,
            col(SlotRow.closed_at).is_(None),
            col(SlotRow.starts_at) < sa.bindparam("ends", type_=sa.DateTime(timezone=True)),
            col(SlotRow.ends_at) > sa.bindparam("begins", type_=sa.DateTime(timezone=True)),
        )
        .order_by(col(SlotRow.starts_at), col(SlotRow.id))
    ),
    sa.Uuid,
)


async def slots_of(
    db: Read, mentor_ids: Iterable[UUID], from_: datetime, to: datetime
) -> dict[UUID, list[Slot]]:
    """What each mentor offers in a time, free or not, the earliest first; Invalid for a time that is none or too long."""
    if not timedelta(0) < to - from_ <= SHOWN_MOST:
        days = SHOWN_MOST.days
        raise Invalid(
            "to", zh=f"须晚于 from，且不超过 {days} 天。", en=f"After `from`, by {days} days at most."
        )
    found: dict[UUID, list[Slot]] = {key: [] for key in mentor_ids}
    for slot in await SLOTS.all(db, *_OF_MENTORS.of(found, begins=from_, ends=to)):
        found[slot.mentor_id].append(slot)
    return found

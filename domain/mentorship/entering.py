"""
A request is written down: by the youth who asks, or by the worker when one that lapsed goes on to another mentor.

How many may wait is limited by numbered places under a unique index, as with internships: of two requests that reach for the
same number at once the second takes the next one, or none is left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.accounts.units import unit_of_division
from domain.core import columns
from domain.core.db import Write
from domain.core.faults import length_fault
from domain.core.outbox import emit
from domain.core.policy import policies
from domain.core.refusals import Refusal
from domain.core.sealing import Sealer
from domain.core.states import record
from domain.mentorship.eligibility import Standing, TooManyWaiting
from domain.mentorship.events import MentorshipMoved
from domain.mentorship.mentor import Mentor
from domain.mentorship.models import RequestRow
from domain.mentorship.policies import REMIND_HOURS, RESPOND_HOURS
from domain.mentorship.request import text_place
from domain.mentorship.states import MentorshipStatus, Side

TOPIC_MOST, MESSAGE_MOST = 60, 2_000


@dataclass(frozen=True, slots=True)
class Wish:
    """A request as it was asked for."""

    mentor_id: UUID
    slot_id: UUID | None
    topic: str
    message: str
    reroute: bool

    def faults(self) -> Iterable[Refusal]:
        yield from length_fault("topic", self.topic.strip(), 1, TOPIC_MOST)
        yield from length_fault("message", self.message.strip(), 1, MESSAGE_MOST)


async def enter(
    tx: Write,
    sealer: Sealer,
    who: Standing,
    mentor: Mentor,
    wish: Wish,
    *,
    rerouted_from: UUID | None = None,
) -> UUID:
    """Write a request down, in the youth's lowest free place; TooManyWaiting when there is none."""
    identity = columns.new_id()
    values: dict[str, Any] = {
        "id": identity,
        "mentor_id": mentor.id,
        "youth_id": who.youth.id,
        "unit_id": await _unit_of(tx, who, mentor),
        "status": MentorshipStatus.REQUESTED,
        "slot_id": wish.slot_id,
        "minor": who.minor(tx),
        "reroute": wish.reroute,
        "rerouted_from": rerouted_from,
        "topic_sealed": sealer.seal(wish.topic.strip(), text_place("topic", identity)),
        "message_sealed": sealer.seal(wish.message.strip(), text_place("message", identity)),
        "created_at": tx.now,
        "updated_at": tx.now,
        **await answer_by(tx, mentor),
    }
    for _ in range(who.open_most):
        if await _placed(tx, values, who.open_most):
            break
    else:
        raise TooManyWaiting(most=who.open_most)
    await record(tx, identity, MentorshipStatus.REQUESTED)
    asked = MentorshipStatus.REQUESTED.value
    by = Side.MENTEE.value if rerouted_from is None else ""
    await emit(tx, MentorshipMoved(identity, mentor.id, who.youth.id, asked, by, again=False))
    return identity


async def answer_by(tx: Write, mentor: Mentor) -> dict[str, Any]:
    """Until when somebody must answer, and when they are reminded: from this instant."""
    within, remind = await policies(tx, RESPOND_HOURS, REMIND_HOURS, division_code=mentor.division_code)
    until = tx.now + timedelta(hours=within)
    return {"respond_by": until, "due_at": until, "remind_at": tx.now + timedelta(hours=remind)}


async def _unit_of(tx: Write, who: Standing, mentor: Mentor) -> UUID:
    """The unit that looks after the mentee: of where they live, else the mentor's."""
    code = who.youth.division_code
    return mentor.unit_id if code is None else await unit_of_division(tx, code)


async def _placed(tx: Write, values: dict[str, Any], most: int) -> bool:
    """Insert at the youth's lowest free place; False when another request took it meanwhile."""
    number = sa.func.generate_series(1, most).column_valued("number")
    held = (
        sa.select(sa.literal(1))
        .select_from(RequestRow)
        .where(col(RequestRow.youth_id) == values["youth_id"], col(RequestRow.open_slot) == number)
    )
    place = await tx.scalar(sa.select(sa.func.min(number)).where(~held.exists()))
    if place is None:
        raise TooManyWaiting(most=most)
    statement = pg_insert(RequestRow).values(**values, open_slot=place)
    return bool(
        await tx.execute(
            statement.on_conflict_do_nothing(
                index_elements=[col(RequestRow.youth_id), col(RequestRow.open_slot)]
            )
        )
    )

"""
What nobody answers lapses, and goes on to the next best mentor once, if the mentee allowed that.

Piece by piece, each in a transaction of its own: the state of the rows is the queue. An acceptance of the same moment and the
worker both lock the request first; whoever comes second sees what the other did.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.piecework import Piecework
from domain.core.policy import policies
from domain.core.sealing import Sealer
from domain.core.states import stands_in
from domain.mentorship.eligibility import faults, standing
from domain.mentorship.entering import Wish, enter
from domain.mentorship.events import Rerouted
from domain.mentorship.finding import next_best, viewer_of
from domain.mentorship.mentor import mentors
from domain.mentorship.models import MentorRow, RequestRow
from domain.mentorship.moving import let_go, locked, move
from domain.mentorship.policies import COMPLETE_AFTER_HOURS, COMPLETE_WITHOUT_SLOT_DAYS
from domain.mentorship.request import Request, lapsed
from domain.mentorship.slots import Slot
from domain.mentorship.states import OPEN, MentorshipStatus

PUT_OFF = timedelta(minutes=5)
LAPSED = "超时未答复 (nobody answered in time)"
HELD = "约定时间已过，视为完成 (taken as held)"
_WAITING = (*OPEN, MentorshipStatus.ACCEPTED)


async def lapse(tx: Write, sealer: Sealer, request: Request) -> None:
    """End a locked request that nobody answered. One that waited for its mentor goes on to another, once."""
    waited_for_mentor = request.status is MentorshipStatus.REQUESTED
    await move(tx, [request], MentorshipStatus.EXPIRED, note=LAPSED)
    if not waited_for_mentor:
        return
    if request.reroute and request.rerouted_from is None:
        await _reroute(tx, sealer, request)
    table = MentorRow
    counted = sa.update(table).where(col(table.id) == request.mentor_id)
    await tx.execute(counted.values(lapsed=col(table.lapsed) + 1))


async def _reroute(tx: Write, sealer: Sealer, request: Request) -> None:
    """Ask the next best mentor in the youth's name, unless a rule speaks against it by now."""
    who = await standing(tx, request.youth_id)
    before = (await mentors(tx, [request.mentor_id]))[request.mentor_id]
    if who is None or request.topic_sealed is None:
        return
    viewer = await viewer_of(tx, request.youth_id, before.languages[0], before.fields)
    best = await next_best(tx, viewer, before.id, minor=who.minor(tx))
    if best is None or list(faults(tx, best, who)):
        return
    topic, message = request.text(sealer, "topic"), request.text(sealer, "message")
    wish = Wish(best.id, None, topic or "", message or "", reroute=False)
    made = await enter(tx, sealer, who, best, wish, rerouted_from=request.id)
    await emit(tx, Rerouted(made, best.id, request.youth_id))


async def lapse_those_of(tx: Write, sealer: Sealer, youth_id: UUID) -> None:
    """Write down what of a youth's has lapsed."""
    for request in await locked(tx, sa.and_(col(RequestRow.youth_id) == youth_id, lapsed(tx.now))):
        await lapse(tx, sealer, request)


async def due_after(tx: Write, slot: Slot | None, division_code: str | None) -> dict[str, Any]:
    """When an accepted request is looked at again: some time after its session, or long after if it has none."""
    after, days = await policies(
        tx, COMPLETE_AFTER_HOURS, COMPLETE_WITHOUT_SLOT_DAYS, division_code=division_code
    )
    due = tx.now + timedelta(days=days) if slot is None else slot.ends_at + timedelta(hours=after)
    return {"due_at": due}


def attending(sealer: Sealer) -> Piecework:
    """The work for the worker: requests whose time has come."""

    async def take(tx: Write) -> UUID | None:
        statement = (
            sa.select(col(RequestRow.id))
            .where(stands_in(col(RequestRow.status), _WAITING), col(RequestRow.due_at) <= tx.now)
            .order_by(col(RequestRow.due_at), col(RequestRow.id))
            .limit(1)
            .with_for_update(skip_locked=True, key_share=True)
        )
        found = await tx.scalar(statement)
        return None if found is None else UUID(str(found))

    async def do(tx: Write, request_id: UUID) -> None:
        (request,) = await locked(tx, col(RequestRow.id) == request_id)
        if request.status is MentorshipStatus.ACCEPTED:
            await move(tx, [request], MentorshipStatus.COMPLETED, note=HELD)
            await let_go(tx, request.mentor_id)
        else:
            await lapse(tx, sealer, request)

    async def put_off(tx: Write, request_id: UUID) -> None:
        later = sa.update(RequestRow).where(col(RequestRow.id) == request_id)
        await tx.execute(later.values(due_at=tx.now + PUT_OFF))

    return Piecework("mentorship.attending", take, do, put_off)

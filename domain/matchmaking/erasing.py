"""What is erased, and when: an event's choices and profiles 30 days on, a youth's when they withdraw the consent."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.matchmaking import seats
from domain.matchmaking.cancelling import leave
from domain.matchmaking.event import Event, events, shared
from domain.matchmaking.models import ChoicesRow, EventRow, SignupRow
from domain.matchmaking.signup import SIGNUPS, Signup
from domain.matchmaking.states import SIGNUP_STATES, SignupStatus

PROFILE = ("nickname_sealed", "introduction_sealed", "contact_sealed", "code_sealed", "code_hash")


async def erase_event(tx: Write, event_id: UUID) -> None:
    """The key of the choices, the choices, and whatever guests said of themselves; of whoever did not come, too."""
    await tx.execute(sa.delete(ChoicesRow).where(col(ChoicesRow.event_id) == event_id))
    await tx.execute(
        sa.update(SignupRow)
        .where(col(SignupRow.event_id) == event_id)
        .values(participant_id=None, **dict.fromkeys(PROFILE))
    )
    await tx.execute(
        sa.update(EventRow)
        .where(col(EventRow.id) == event_id)
        .values(choices_key_sealed=None, erased_at=tx.now)
    )


async def erase_youth(tx: Write, youth_id: UUID) -> None:
    """Sign-ups for events to come are CANCELLED, their seats go on; choices and profiles of the youth are gone everywhere."""
    mine = sa.and_(col(SignupRow.youth_id) == youth_id, col(SignupRow.status) != SignupStatus.CANCELLED)
    found = await SIGNUPS.all(tx, SIGNUPS.select().where(mine).order_by(col(SignupRow.event_id)))
    known = await events(tx, {signup.event_id for signup in found})
    for signup in found:
        await _leave_if_to_come(tx, known[signup.event_id], signup)
    await tx.execute(
        sa.delete(ChoicesRow).where(col(ChoicesRow.signup_id).in_([signup.id for signup in found]))
    )
    await tx.execute(
        sa.update(SignupRow).where(col(SignupRow.youth_id) == youth_id).values(**dict.fromkeys(PROFILE))
    )


async def _leave_if_to_come(tx: Write, event: Event, signup: Signup) -> None:
    if tx.now >= event.ends_at:
        return
    await shared(tx, event.id)
    await seats.hold(tx, event.id, [signup.gender])
    again = SIGNUPS.select().where(col(SignupRow.id) == signup.id)
    now = await SIGNUPS.first(tx, again.with_for_update(of=SignupRow))
    if now is not None and SIGNUP_STATES.may(now.status, SignupStatus.CANCELLED):
        await leave(tx, event, now)

"""A youth cancels, until 24 hours before the start; the seat goes to the first in line in the same transaction."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.policy import policy_value
from domain.core.refusals import ErrorCode, MoveImpossible, NotFound, Refusal
from domain.core.rights import require_youth
from domain.core.states import record
from domain.matchmaking import seats
from domain.matchmaking.event import Event, shared
from domain.matchmaking.models import SignupRow
from domain.matchmaking.policies import CANCEL_UNTIL_HOURS
from domain.matchmaking.signup import SIGNUPS, Signup, own
from domain.matchmaking.states import SIGNUP_STATES, SignupStatus


class CancelTooLate(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "活动开始前 {hours} 小时内不能取消报名。"
    en = "A sign-up can be cancelled until {hours} hours before the start."


async def cancel(tx: Write, signup_id: UUID) -> UUID:
    """Cancel the youth's own sign-up; again changes nothing. CancelTooLate on the last day, MoveImpossible once there."""
    require_youth(tx.actor)
    mine = sa.and_(col(SignupRow.id) == signup_id, own(tx.actor))
    seen = await SIGNUPS.first(tx, SIGNUPS.select().where(mine))
    if seen is None:
        raise NotFound("signup_id")
    event = await shared(tx, seen.event_id)
    assert event is not None  # sign-ups refer to it
    hours = await policy_value(tx, CANCEL_UNTIL_HOURS, event.division_code)
    await seats.hold(tx, event.id, [seen.gender])
    signup = await SIGNUPS.first(tx, SIGNUPS.select().where(mine).with_for_update(of=SignupRow))
    assert signup is not None
    if signup.status is SignupStatus.CANCELLED:
        return signup_id
    if not SIGNUP_STATES.may(signup.status, SignupStatus.CANCELLED):
        raise MoveImpossible("signup_id", status=signup.status_at(tx.now).value)
    if tx.now > event.starts_at - timedelta(hours=hours):
        raise CancelTooLate("signup_id", hours=hours)
    await leave(tx, event, signup)
    return signup_id


async def leave(tx: Write, event: Event, signup: Signup) -> None:
    """
    The sign-up is CANCELLED; the caller holds event, seats and sign-up.

    What was published of a lottery stays: an entry is taken back only while entries are open.
    """
    changes: dict[str, object] = {
        "status": SignupStatus.CANCELLED,
        "open_slot": None,
        "participant_id": None,
        "updated_at": tx.now,
    }
    if event.frozen_at is None and tx.now < event.signup_closes_at:
        changes["lottery_entry"] = None
    await tx.execute(sa.update(SignupRow).where(col(SignupRow.id) == signup.id).values(changes))
    await record(tx, signup.id, SignupStatus.CANCELLED)
    if signup.status is SignupStatus.CONFIRMED:
        await seats.give_back(tx, event.id, signup.gender)
    elif signup.status is SignupStatus.WAITLISTED:
        await seats.leave_line(tx, event.id, signup.gender)

"""What becomes of a session: it is cancelled, moved to another time, held, or one side does not come."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.faults import length_fault
from domain.core.outbox import emit
from domain.core.policy import policy_value
from domain.core.refusals import ErrorCode, MoveImpossible, Refusal, refuse_all
from domain.core.rights import Action, require
from domain.core.sealing import Sealer
from domain.mentorship.entering import MESSAGE_MOST
from domain.mentorship.events import SessionMoved
from domain.mentorship.lapsing import due_after
from domain.mentorship.mentor import Mentor, mentors, own_mentor_ids
from domain.mentorship.models import RequestRow
from domain.mentorship.moving import (
    in_hand,
    let_go,
    move,
    release,
    require_edge,
    side_of,
    slot_in_hand,
)
from domain.mentorship.policies import CANCEL_HOURS, RESCHEDULES_MOST
from domain.mentorship.request import Request, text_place
from domain.mentorship.slots import Slot, slots
from domain.mentorship.states import MentorshipStatus, Side


class ChangedTooLate(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "开始前 {hours} 小时内不能取消或改期。"
    en = "A session can be cancelled or moved until {hours} hours before it."


class MovedTooOften(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "最多改期 {most} 次。"
    en = "A session can be moved {most} times at most."


class NotBegun(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "约定的时间还没有到。"
    en = "The session has not begun yet."


async def _session(tx: Write, request: Request) -> Slot | None:
    return None if request.slot_id is None else (await slots(tx, [request.slot_id]))[request.slot_id]


async def _mentor(tx: Write, request: Request) -> Mentor:
    return (await mentors(tx, [request.mentor_id]))[request.mentor_id]


async def _require_in_time(tx: Write, session: Slot | None, mentor: Mentor) -> None:
    before = await policy_value(tx, CANCEL_HOURS, mentor.division_code)
    if session is not None and tx.now > session.starts_at - timedelta(hours=before):
        raise ChangedTooLate("request_id", hours=before)


async def _require_begun(tx: Write, request: Request) -> None:
    session = await _session(tx, request)
    if session is not None and tx.now < session.starts_at:
        raise NotBegun("request_id")


async def cancel(tx: Write, request_id: UUID) -> UUID:
    """
    The mentee takes a request back, or either side calls a session off until 12 hours before it (policy); again changes nothing.

    A mentor who has not taken a request declines it instead.
    """
    require(tx.actor, Action.MEET)
    request = await in_hand(tx, request_id)
    if request.status is MentorshipStatus.CANCELLED:
        return request_id
    require_edge(tx, request, MentorshipStatus.CANCELLED)
    side = side_of(tx, request)
    if request.status is MentorshipStatus.ACCEPTED:
        mentor = await _mentor(tx, request)
        await _require_in_time(tx, await _session(tx, request), mentor)
        await call_off(tx, request, side)
    elif side is Side.MENTOR:
        raise MoveImpossible("request_id", status=request.status.value)
    else:
        await move(tx, [request], MentorshipStatus.CANCELLED, by=side)
    return request_id


async def call_off(tx: Write, request: Request, by: Side) -> None:
    """A locked accepted request is over, whatever the hour; its slot is free again, if it is offered still."""
    await move(tx, [request], MentorshipStatus.CANCELLED, by=by)
    await let_go(tx, request.mentor_id)
    await release(tx, request.slot_id)


async def reschedule(tx: Write, request_id: UUID, slot_id: UUID) -> UUID:
    """
    Either side moves a session to another free time of the mentor, twice at most (policy); to the time it has changes nothing.

    A first time for a request that was accepted without one is no move.
    """
    require(tx.actor, Action.MEET)
    request = await in_hand(tx, request_id)
    if request.status is not MentorshipStatus.ACCEPTED:
        raise MoveImpossible("request_id", status=request.status_at(tx.now).value)
    if request.slot_id == slot_id:
        return request_id
    mentor, session = await _mentor(tx, request), await _session(tx, request)
    most = await policy_value(tx, RESCHEDULES_MOST, mentor.division_code)
    if session is not None and request.reschedules >= most:
        raise MovedTooOften("request_id", most=most)
    await _require_in_time(tx, session, mentor)
    slot = await slot_in_hand(tx, slot_id, request, "slot_id")
    due = await due_after(tx, slot, mentor.division_code)
    moved = request.reschedules + (session is not None)
    await tx.execute(
        sa.update(RequestRow)
        .where(col(RequestRow.id) == request.id)
        .values(slot_id=slot.id, reschedules=moved, reminded=0, updated_at=tx.now, **due)
    )
    await release(tx, request.slot_id)
    side, when = side_of(tx, request), slot.starts_at.isoformat()
    await emit(tx, SessionMoved(request.id, request.mentor_id, request.youth_id, when, side.value))
    return request_id


async def complete(tx: Write, sealer: Sealer, request_id: UUID, summary: str | None) -> UUID:
    """The mentor says that the session was held; again changes nothing."""
    require(tx.actor, Action.MENTOR)
    mine = col(RequestRow.mentor_id).in_(own_mentor_ids(tx.actor))
    request = await in_hand(tx, request_id, mine)
    if request.status is MentorshipStatus.COMPLETED:
        return request_id
    require_edge(tx, request, MentorshipStatus.COMPLETED)
    refuse_all(length_fault("summary", summary, 0, MESSAGE_MOST))
    await _require_begun(tx, request)
    sealed = sealer.seal(summary, text_place("summary", request.id)) if summary else None
    await move(tx, [request], MentorshipStatus.COMPLETED, by=Side.MENTOR, summary_sealed=sealed)
    await let_go(tx, request.mentor_id)
    return request_id


async def report_no_show(tx: Write, request_id: UUID) -> UUID:
    """Either side says that the other did not come, once the session has begun; again changes nothing."""
    require(tx.actor, Action.MEET)
    request = await in_hand(tx, request_id)
    if request.status is MentorshipStatus.NO_SHOW:
        return request_id
    require_edge(tx, request, MentorshipStatus.NO_SHOW)
    await _require_begun(tx, request)
    side = side_of(tx, request)
    absent = Side.MENTOR if side is Side.MENTEE else Side.MENTEE
    note = (
        "导师未到 (the mentor did not come)"
        if absent is Side.MENTOR
        else "学员未到 (the mentee did not come)"
    )
    await move(tx, [request], MentorshipStatus.NO_SHOW, by=side, note=note, absent=absent)
    await let_go(tx, request.mentor_id)
    return request_id

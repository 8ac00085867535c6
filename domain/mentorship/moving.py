"""
Moving a request along its edges, for whoever moves it.

The order of locks, everywhere: requests of one youth by rising id, then one mentor's row, then slots by rising id. Whoever
asks, lapses or reroutes holds requests alone; opening and closing of slots holds no request. So no circle can close. Who
decides by what he has seen decides after locking, not before.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core import columns
from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.refusals import ErrorCode, MoveImpossible, NotFound, Refusal
from domain.core.sealing import Sealer, place
from domain.core.states import record_all
from domain.mentorship.events import MentorshipMoved
from domain.mentorship.models import MentorRow, MessageRow, RequestRow, SlotRow
from domain.mentorship.request import BODY, REQUESTS, Request, own
from domain.mentorship.slots import SLOTS, Slot
from domain.mentorship.states import MENTORSHIP_STATES, OPEN, MentorshipStatus, Side


class SlotTaken(Refusal):
    code = ErrorCode.SOLD_OUT
    zh = "该时段已被约走或已关闭，请另选时段。"
    en = "This time is gone; choose another."


class MentorFull(Refusal):
    code = ErrorCode.SOLD_OUT
    zh = "该导师同时辅导的人数已满（{capacity} 人）。"
    en = "The mentor has {capacity} mentees already."


async def locked(tx: Write, where: sa.ColumnElement[bool]) -> list[Request]:
    """Requests, locked in the order of their ids."""
    statement = REQUESTS.select().where(where).order_by(col(RequestRow.id))
    return await REQUESTS.all(tx, statement.with_for_update(key_share=True, of=RequestRow))


async def in_hand(tx: Write, request_id: UUID, *where: sa.ColumnElement[bool]) -> Request:
    """One request of the person who acts, locked; NotFound for others."""
    found = await locked(tx, sa.and_(col(RequestRow.id) == request_id, own(tx.actor), *where))
    if not found:
        raise NotFound("request_id")
    return found[0]


async def in_hand_with_others(
    tx: Write, request_id: UUID, *where: sa.ColumnElement[bool]
) -> tuple[Request, list[Request]]:
    """As `in_hand`, with the other open requests of the same youth."""
    youth = await tx.scalar(
        sa.select(col(RequestRow.youth_id)).where(col(RequestRow.id) == request_id, own(tx.actor), *where)
    )
    if youth is None:
        raise NotFound("request_id")
    mine = sa.or_(
        col(RequestRow.id) == request_id,
        sa.and_(col(RequestRow.youth_id) == youth, col(RequestRow.status).in_(OPEN)),
    )
    found = await locked(tx, mine)
    one = next(request for request in found if request.id == request_id)
    return one, [request for request in found if request.id != request_id]


def require_edge(tx: Write, request: Request, after: MentorshipStatus, *field: str) -> None:
    """MoveImpossible unless there is an edge from the present state."""
    status = request.status_at(tx.now)
    if not MENTORSHIP_STATES.may(status, after):
        raise MoveImpossible(*(field or ("request_id",)), status=status.value)


def side_of(tx: Write, request: Request) -> Side:
    """Which side the person who acts on their own request is."""
    return Side.MENTEE if tx.actor.key == f"youth:{request.youth_id}" else Side.MENTOR


async def move(
    tx: Write,
    requests: Iterable[Request],
    after: MentorshipStatus,
    *,
    by: Side | None = None,
    note: str | None = None,
    **changes: Any,
) -> None:
    """
    Move requests that this transaction has locked; history and news in the same breath.

    `note` is a word of the rules for everybody's eyes; what people say is `say`.
    """
    moved = list(requests)
    if not moved:
        return
    ids = [request.id for request in moved]
    values = {"status": after, "updated_at": tx.now, "remind_at": None, **changes}
    if after not in OPEN:
        values["open_slot"] = None
    await tx.execute(sa.update(RequestRow).where(col(RequestRow.id).in_(ids)).values(values))
    await record_all(tx, [(key, after, note) for key in ids])
    who = "" if by is None else by.value
    await emit(
        tx,
        *(MentorshipMoved(one.id, one.mentor_id, one.youth_id, after.value, who) for one in moved),
    )


async def say(tx: Write, sealer: Sealer, request: Request, author: Side, text: str | None) -> None:
    """What was said with the move of this instant."""
    if text is None or not text.strip():
        return
    identity = columns.new_id()
    row = {
        "id": identity,
        "request_id": request.id,
        "author": author,
        "body_sealed": sealer.seal(text.strip(), place(*BODY, identity)),
        "at": tx.now,
    }
    await tx.insert(MessageRow, [row])


async def take_on(tx: Write, mentor_id: UUID) -> None:
    """One mentee more; MentorFull when there is no place. The database counts."""
    table = MentorRow
    taken = await tx.execute(
        sa.update(table)
        .where(col(table.id) == mentor_id, col(table.mentees) < col(table.capacity))
        .values(mentees=col(table.mentees) + 1)
    )
    if not taken:
        capacity = await tx.scalar(sa.select(col(table.capacity)).where(col(table.id) == mentor_id))
        raise MentorFull("request_id", capacity=capacity)


async def let_go(tx: Write, mentor_id: UUID) -> None:
    """One mentee fewer."""
    table = MentorRow
    await tx.execute(
        sa.update(table).where(col(table.id) == mentor_id).values(mentees=col(table.mentees) - 1)
    )


async def slot_in_hand(tx: Write, slot_id: UUID, request: Request, field: str) -> Slot:
    """A slot of the request's mentor, locked, and with it the one that the request leaves; NotFound, or SlotTaken when it is not free."""
    both = [key for key in (slot_id, request.slot_id) if key is not None]
    mine = sa.and_(col(SlotRow.id).in_(both), col(SlotRow.mentor_id) == request.mentor_id)
    locking = sa.select(col(SlotRow.id)).where(mine).order_by(col(SlotRow.id))
    if slot_id not in await tx.scalars(locking.with_for_update(key_share=True)):
        raise NotFound(field)
    # Read again: whoever held it meanwhile may have been given it.
    (slot,) = await SLOTS.by_ids(tx, [slot_id])
    if slot.given_to != request.id and not slot.free(tx.now):
        raise SlotTaken(field)
    return slot


async def release(tx: Write, slot_id: UUID | None) -> None:
    """A slot has lost its mentee, and is taken back now if its weekly rule has it no more."""
    left = sa.and_(col(SlotRow.id) == slot_id, col(SlotRow.leaving))
    await tx.execute(sa.update(SlotRow).where(left).values(closed_at=tx.now))

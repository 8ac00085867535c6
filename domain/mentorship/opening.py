"""
A mentor, or staff who look after one, opens times and takes them back.

Times of one mentor are opened one call at a time: the mentor's row is locked. That none overlap says the database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.accounts.reach import in_reach
from domain.core import columns
from domain.core.actors import StaffActor
from domain.core.db import Write
from domain.core.refusals import ErrorCode, Invalid, NotFound, Refusal, refuse_all
from domain.core.rights import Action, may, require
from domain.mentorship.mentor import MENTORS, Mentor, mentoring
from domain.mentorship.models import MentorRow, SlotRow
from domain.mentorship.slots import SLOTS

AT_ONCE = 500
SHORTEST, LONGEST = timedelta(minutes=10), timedelta(hours=8)
AHEAD = timedelta(days=366)


class SlotsOverlap(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "该时段与已有时段重叠。"
    en = "This time overlaps with another of the mentor's."


class SlotGiven(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "该时段已约定，请先改期或取消。"
    en = "This time is given to a mentee; move or cancel the session first."


@dataclass(frozen=True, slots=True)
class Times:
    """From one instant to another. `may_miss`: where something is in the way, it is left out without a word."""

    starts_at: datetime
    ends_at: datetime
    may_miss: bool = False


def _faults(times: Sequence[Times], now: datetime) -> Iterable[Refusal]:
    if not times:
        yield Invalid("slots", zh="没有可开放的时段。", en="There is no time to open.")
    if len(times) > AT_ONCE:
        yield Invalid("slots", zh=f"一次最多 {AT_ONCE} 个。", en=f"{AT_ONCE} at once, at most.")
    for number, one in enumerate(times):
        at = ("slots", str(number))
        if not SHORTEST <= one.ends_at - one.starts_at <= LONGEST:
            yield Invalid(
                *at, "ends_at", zh="时段须为 10 分钟至 8 小时。", en="A slot lasts 10 minutes to 8 hours."
            )
        if not now < one.starts_at <= now + AHEAD:
            yield Invalid(
                *at, "starts_at", zh="须在未来一年之内。", en="It must begin within a year from now."
            )


async def mentor_in_hand(tx: Write, mentor_id: UUID, field: str) -> Mentor:
    """The mentor, locked, for the person or staff in reach; NotFound for others."""
    mine = mentoring(tx.actor)
    if not await tx.exists(sa.select(col(MentorRow.id)).where(col(MentorRow.id) == mentor_id, mine)):
        require(tx.actor, Action.OFFER_SLOTS)
        managed = isinstance(tx.actor, StaffActor) and may(tx.actor, Action.OFFER_SLOTS)
        mine = in_reach(tx.actor, col(MentorRow.unit_id)) if managed else sa.false()  # type: ignore[arg-type]  # staff, as was just asked
    statement = MENTORS.select().where(
        col(MentorRow.id) == mentor_id, col(MentorRow.retired_at).is_(None), mine
    )
    found = await MENTORS.first(tx, statement.with_for_update(key_share=True, of=MentorRow))
    if found is None:
        raise NotFound(field)
    return found


async def open_slots(tx: Write, mentor_id: UUID, times: Sequence[Times]) -> UUID:
    """Open times; SlotsOverlap for each that lies over another of the mentor's, and then none is opened."""
    mentor = await mentor_in_hand(tx, mentor_id, "mentor_id")
    refuse_all(_faults(times, tx.now))
    rows = [
        {
            "id": columns.new_id(),
            "mentor_id": mentor.id,
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
            "created_at": tx.now,
        }
        for one in times
    ]
    # Of those that overlap among themselves the first is opened: rows are inserted in their order.
    statement = pg_insert(SlotRow).values(rows).on_conflict_do_nothing().returning(col(SlotRow.id))
    opened = set(await tx.scalars(statement))
    refuse_all(
        SlotsOverlap("slots", str(number))
        for number, (row, one) in enumerate(zip(rows, times, strict=True))
        if row["id"] not in opened and not one.may_miss
    )
    return mentor.id


async def close_slots(tx: Write, slot_ids: Sequence[UUID]) -> UUID:
    """Take times of one mentor back; again changes nothing. SlotGiven for one that a mentee has."""
    if not slot_ids:
        require(tx.actor, Action.OFFER_SLOTS)
        raise Invalid("slot_ids", zh="请选择时段。", en="Name the slots.")
    owners = await tx.scalars(
        sa.select(col(SlotRow.mentor_id)).where(col(SlotRow.id).in_(slot_ids)).distinct()
    )
    if len(owners) != 1:
        require(tx.actor, Action.OFFER_SLOTS)
        raise NotFound("slot_ids")
    mentor = await mentor_in_hand(tx, owners[0], "slot_ids")
    held = SLOTS.select().where(col(SlotRow.id).in_(slot_ids)).order_by(col(SlotRow.id))
    found = {slot.id: slot for slot in await SLOTS.all(tx, held.with_for_update(of=SlotRow))}
    # Looked at again now that nobody can be given one of them.
    found = {slot.id: slot for slot in await SLOTS.by_ids(tx, found)}
    refuse_all(
        NotFound("slot_ids", str(number)) if key not in found else SlotGiven("slot_ids", str(number))
        for number, key in enumerate(slot_ids)
        if key not in found or found[key].given_to is not None
    )
    await tx.execute(
        sa.update(SlotRow)
        .where(col(SlotRow.id).in_(slot_ids), col(SlotRow.closed_at).is_(None))
        .values(closed_at=tx.now)
    )
    return mentor.id

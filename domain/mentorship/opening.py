"""
A mentor, or staff who look after one, opens times and takes them back.

Times of one mentor are opened one call at a time: the mentor's row is locked. That none overlap says the database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core import columns
from domain.core.db import Write
from domain.core.refusals import ErrorCode, Invalid, NotFound, Refusal, refuse_all
from domain.core.rights import Action, require
from domain.mentorship.mentor import mentor_in_hand
from domain.mentorship.models import SlotRow
from domain.mentorship.repeating import leave_out, repeat
from domain.mentorship.slots import AHEAD, LONGEST, SHORTEST, SLOTS
from domain.mentorship.weekly import Weekly

AT_ONCE = 500


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
    """From one instant to another."""

    starts_at: datetime
    ends_at: datetime


def _faults(times: Sequence[Times], now: datetime, *, may_be_none: bool) -> Iterable[Refusal]:
    if not times and not may_be_none:
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


async def open_slots(
    tx: Write, mentor_id: UUID, times: Sequence[Times], weekly: Weekly | None = None
) -> UUID:
    """
    Open times; SlotsOverlap for each that lies over another of the mentor's, and then none is opened.

    Times of every week come after them, and are skipped where something is in the way.
    """
    mentor = await mentor_in_hand(tx, mentor_id, "mentor_id")
    refuse_all(_faults(times, tx.now, may_be_none=weekly is not None))
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
    statement = pg_insert(SlotRow).on_conflict_do_nothing().returning(col(SlotRow.id))
    opened = set(await tx.scalars(statement.values(rows))) if rows else set()
    refuse_all(
        SlotsOverlap("slots", str(number)) for number, row in enumerate(rows) if row["id"] not in opened
    )
    if weekly is not None:
        await repeat(tx, mentor.id, weekly)
    return mentor.id


async def close_slots(tx: Write, slot_ids: Sequence[UUID]) -> UUID:
    """Take times of one mentor back, those of a rule for good; again changes nothing. SlotGiven for one that a mentee has."""
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
    days: dict[UUID, set[date]] = {}
    for slot in found.values():
        if slot.rule_id is not None and slot.rule_on is not None and not slot.closed:
            days.setdefault(slot.rule_id, set()).add(slot.rule_on)
    await leave_out(tx, days)
    return mentor.id

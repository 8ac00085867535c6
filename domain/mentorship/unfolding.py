"""
Weekly rules become times: when somebody changes a rule, and each day as the weeks come.

What a rule wants of the coming weeks is compared with the times that it has; so a crash, a day without a worker and a second run make
no difference, and holidays that are announced late are left out as soon as they are known. Whoever unfolds a rule holds its
mentor's row; of times only those that go are locked.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core import columns
from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.piecework import Piecework
from domain.mentorship.events import TimesSkipped
from domain.mentorship.models import MentorRow, SlotRow, WeeklyRow
from domain.mentorship.rule import RULES, Rule
from domain.mentorship.slots import SLOTS, Slot
from domain.mentorship.weekly import occurrences

HORIZON = timedelta(weeks=13)
"""How far ahead times of a rule are opened."""
EVERY, PUT_OFF = timedelta(days=1), timedelta(minutes=5)


async def unfold(tx: Write, rule_id: UUID) -> None:
    """Make the times to come of a rule what it says; its mentor is locked. Again changes nothing."""
    (rule,) = await RULES.by_ids(tx, [rule_id])
    ended = rule.ended_at is not None
    wanted = {} if ended else occurrences(rule.weekly, tx.now, tx.now + HORIZON)
    present = await _to_come(tx, rule_id)
    stays = [slot for slot in present if wanted.get(_day(slot)) == (slot.starts_at, slot.ends_at)]
    await _take_back(tx, [slot.id for slot in present if slot not in stays])
    back = [slot.id for slot in stays if slot.leaving]
    await tx.execute(sa.update(SlotRow).where(col(SlotRow.id).in_(back)).values(leaving=False))
    missing = {day: times for day, times in wanted.items() if day not in {slot.rule_on for slot in stays}}
    skipped = sorted(missing.keys() - await _opened(tx, rule, missing))
    over = ended or (rule.last_on is not None and rule.last_on < tx.today - timedelta(days=1))
    await tx.execute(
        sa.update(WeeklyRow)
        .where(col(WeeklyRow.id) == rule_id)
        .values(skipped_on=skipped, due_at=None if over else tx.now + EVERY)
    )
    new = [day.isoformat() for day in skipped if day not in rule.skipped_on]
    if new:
        await emit(tx, TimesSkipped(rule_id, rule.mentor_id, new))


def _day(slot: Slot) -> date:
    assert slot.rule_on is not None  # a time of a rule, says a CHECK
    return slot.rule_on


async def _to_come(tx: Write, rule_id: UUID) -> list[Slot]:
    """Times of a rule that have not begun."""
    statement = SLOTS.select().where(
        col(SlotRow.rule_id) == rule_id, col(SlotRow.starts_at) > tx.now, col(SlotRow.closed_at).is_(None)
    )
    return await SLOTS.all(tx, statement)


async def _take_back(tx: Write, ids: Iterable[UUID]) -> None:
    """Close what nobody has; what somebody has is closed when they leave."""
    locking = sa.select(col(SlotRow.id)).where(col(SlotRow.id).in_(list(ids))).order_by(col(SlotRow.id))
    held = await tx.scalars(locking.with_for_update())
    # Looked at again now that nobody can be given one of them.
    found = await SLOTS.by_ids(tx, held)
    for given, values in ((False, {"closed_at": tx.now}), (True, {"leaving": True})):
        those = [slot.id for slot in found if (slot.given_to is not None) is given]
        await tx.execute(sa.update(SlotRow).where(col(SlotRow.id).in_(those)).values(values))


async def _opened(tx: Write, rule: Rule, missing: Mapping[date, tuple[datetime, datetime]]) -> set[date]:
    """Open times, but where another time of the mentor's is in the way: the database says so. The days of those opened."""
    rows = [
        {
            "id": columns.new_id(),
            "mentor_id": rule.mentor_id,
            "starts_at": starts,
            "ends_at": ends,
            "rule_id": rule.id,
            "rule_on": day,
            "created_at": tx.now,
        }
        for day, (starts, ends) in missing.items()
    ]
    if not rows:
        return set()
    statement = pg_insert(SlotRow).values(rows).on_conflict_do_nothing()
    return {row.rule_on for row in await tx.rows(statement.returning(col(SlotRow.rule_on)))}


def unfolding() -> Piecework:
    """The work for the worker: rules that were not looked at for a day. It holds the mentor's row, as whoever changes a rule does."""

    async def take(tx: Write) -> UUID | None:
        statement = (
            sa.select(col(WeeklyRow.id))
            .join(MentorRow, col(MentorRow.id) == col(WeeklyRow.mentor_id))
            .where(col(WeeklyRow.due_at) <= tx.now)
            .order_by(col(WeeklyRow.due_at), col(WeeklyRow.id))
            .limit(1)
            .with_for_update(skip_locked=True, key_share=True, of=MentorRow)
        )
        found = await tx.scalar(statement)
        return None if found is None else UUID(str(found))

    async def put_off(tx: Write, rule_id: UUID) -> None:
        later = sa.update(WeeklyRow).where(col(WeeklyRow.id) == rule_id, col(WeeklyRow.due_at).is_not(None))
        await tx.execute(later.values(due_at=tx.now + PUT_OFF))

    return Piecework("mentorship.unfolding", take, unfold, put_off)

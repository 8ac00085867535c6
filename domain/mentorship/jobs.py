"""Scheduled work of mentorship: reminders. Each is safe to run late, twice, or after a crash."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.schedule import Job
from domain.core.states import stands_in
from domain.mentorship.events import AnswerDue, SessionNear
from domain.mentorship.models import RequestRow, SlotRow
from domain.mentorship.states import OPEN, MentorshipStatus, Side

DAY_BEFORE, HOUR_BEFORE = timedelta(hours=24), timedelta(hours=1)
AT_ONCE = 500


async def remind_of_answers(tx: Write) -> None:
    """Whoever keeps the other side waiting is told once."""
    table = RequestRow
    due = (
        sa.select(col(table.id))
        .where(col(table.remind_at) <= tx.now, col(table.status).in_(OPEN))
        .order_by(col(table.remind_at))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, key_share=True)
    )
    rows = await tx.rows(
        sa.update(table)
        .where(col(table.id).in_(due))
        .values(remind_at=None)
        .returning(
            col(table.id),
            col(table.mentor_id),
            col(table.youth_id),
            col(table.status),
            col(table.respond_by),
        )
    )
    await emit(
        tx,
        *(
            AnswerDue(
                row.id,
                row.mentor_id,
                row.youth_id,
                waits=(Side.MENTEE if row.status is MentorshipStatus.REQUESTED else Side.MENTOR).value,
                respond_by=row.respond_by.isoformat(),
            )
            for row in rows
            if row.respond_by > tx.now
        ),
    )


async def _remind(tx: Write, within: timedelta, number: int) -> None:
    """Sessions that begin within a time, of which no so late reminder was given yet."""
    table = RequestRow
    near: Any = (
        sa.select(col(table.id), col(SlotRow.starts_at))
        .join(SlotRow, col(SlotRow.id) == col(table.slot_id))
        .where(
            stands_in(col(table.status), [MentorshipStatus.ACCEPTED]),
            col(table.reminded) < number,
            col(SlotRow.starts_at) > tx.now,
            col(SlotRow.starts_at) <= tx.now + within,
        )
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, key_share=True, of=table)
    ).cte("near")
    rows = await tx.rows(
        sa.update(table)
        .where(col(table.id) == near.c.id)
        .values(reminded=number)
        .returning(col(table.id), col(table.mentor_id), col(table.youth_id), near.c.starts_at)
    )
    await emit(
        tx, *(SessionNear(row.id, row.mentor_id, row.youth_id, row.starts_at.isoformat()) for row in rows)
    )


async def remind_of_sessions(tx: Write) -> None:
    """A day and an hour before; who is told an hour before is not told of the day as well."""
    await _remind(tx, HOUR_BEFORE, 2)
    await _remind(tx, DAY_BEFORE, 1)


JOBS = (
    Job("mentorship.remind_of_answers", timedelta(minutes=5), remind_of_answers),
    Job("mentorship.remind_of_sessions", timedelta(minutes=5), remind_of_sessions),
)

"""Scheduled work of internships. Each is safe to run late, twice, or after a crash."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.policy import policy_value
from domain.core.schedule import Job
from domain.core.states import record_all
from domain.internships.alerts import send_digests
from domain.internships.events import AnswerOverdue
from domain.internships.models import ApplicationRow, ListingRow
from domain.internships.policies import REMIND_AFTER_DAYS
from domain.internships.states import ApplicationStatus, ClosedBecause, ListingStatus

AT_ONCE = 1_000


async def close_past(tx: Write) -> None:
    """Write down what the calendar has closed already (`Listing.status_on`)."""
    while await _close_some(tx) == AT_ONCE:
        pass


async def _close_some(tx: Write) -> int:
    due = (
        sa.select(col(ListingRow.id))
        .where(col(ListingRow.status) == ListingStatus.PUBLISHED, col(ListingRow.open_until) < tx.today)
        .order_by(col(ListingRow.id))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    ids = await tx.scalars(
        sa.update(ListingRow)
        .where(col(ListingRow.id).in_(due))
        .values(status=ListingStatus.CLOSED, closed_because=ClosedBecause.APPLY_BY_PAST)
        .returning(col(ListingRow.id))
    )
    await record_all(tx, [(identity, ListingStatus.CLOSED, None) for identity in ids])
    return len(ids)


async def remind_unanswered(tx: Write) -> None:
    """Remind organizations of applications that wait for a first answer, once each."""
    days = await policy_value(tx, REMIND_AFTER_DAYS)
    while await _remind_some(tx, days) == AT_ONCE:
        pass


async def _remind_some(tx: Write, days: int) -> int:
    table = ApplicationRow
    due = (
        sa.select(col(table.id))
        .where(
            col(table.status) == ApplicationStatus.SUBMITTED,
            col(table.reminded_at).is_(None),
            col(table.submitted_at) <= tx.now - timedelta(days=days),
        )
        .order_by(col(table.id))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    rows = await tx.rows(
        sa.update(table)
        .where(col(table.id).in_(due))
        .values(reminded_at=tx.now)
        .returning(col(table.id), col(table.internship_id), col(table.organization_id))
    )
    await emit(tx, *(AnswerOverdue(row.id, row.internship_id, row.organization_id, days) for row in rows))
    return len(rows)


JOBS = (
    Job("internships.close_past", timedelta(minutes=10), close_past),
    Job("internships.remind_unanswered", timedelta(hours=1), remind_unanswered),
    Job("internships.send_digests", timedelta(days=1), send_digests, offset=timedelta(hours=8)),
)

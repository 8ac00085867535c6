"""Scheduled work of matchmaking. Each is safe to run late, twice, or after a crash; nothing waits for it to be on time."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.schedule import Job
from domain.core.sealing import Sealer
from domain.core.states import record_all
from domain.matchmaking.erasing import erase_event
from domain.matchmaking.event import KEPT_FOR, choosing_closes
from domain.matchmaking.events import GuestsTold
from domain.matchmaking.lottery import close_entries
from domain.matchmaking.matching import count_pairs
from domain.matchmaking.models import EventRow, SignupRow
from domain.matchmaking.states import Admission, SignupStatus

AT_ONCE = 1_000
CHOOSING_CLOSED = "CHOOSING_CLOSED"


async def _ids(tx: Write, *where: sa.ColumnElement[bool]) -> list[UUID]:
    """Events for which this holds, the soonest first."""
    asked = sa.select(col(EventRow.id)).where(*where).order_by(col(EventRow.starts_at), col(EventRow.id))
    return list(await tx.scalars(asked))


async def close_lists(tx: Write) -> None:
    """Close the entries of lotteries whose sign-up is over, if nobody has looked yet."""
    due = await _ids(
        tx,
        col(EventRow.admission) == Admission.LOTTERY,
        col(EventRow.signup_closes_at) <= tx.now,
        col(EventRow.frozen_at).is_(None),
        col(EventRow.cancelled_at).is_(None),
    )
    for event_id in due:
        await close_entries(tx, event_id)


async def record_no_shows(tx: Write) -> None:
    """Write down who did not turn up, and give back the numbers of sign-ups whose event is over."""
    while await _record_some(tx) == AT_ONCE:
        pass


async def _record_some(tx: Write) -> int:
    over = sa.select(col(EventRow.id)).where(col(EventRow.ends_at) <= tx.now)
    due = (
        sa.select(col(SignupRow.id))
        .where(col(SignupRow.open_slot).is_not(None), col(SignupRow.event_id).in_(over))
        .order_by(col(SignupRow.id))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    missed = col(SignupRow.status) == SignupStatus.CONFIRMED
    rows = await tx.rows(
        sa.update(SignupRow)
        .where(col(SignupRow.id) == due.c.id)
        .values(
            open_slot=None,
            status=sa.case((missed, SignupStatus.NO_SHOW.value), else_=col(SignupRow.status)),
        )
        .returning(col(SignupRow.id), col(SignupRow.status))
    )
    gone = [row.id for row in rows if row.status is SignupStatus.NO_SHOW]
    await record_all(tx, [(identity, SignupStatus.NO_SHOW, None) for identity in gone])
    return len(rows)


def jobs(sealer: Sealer) -> tuple[Job, ...]:
    """All of them; some open choices, to count pairs."""

    async def close_choosing(tx: Write) -> None:
        """Count the pairs once choosing has closed, and tell every guest alike that it has."""
        due = await _ids(
            tx,
            choosing_closes() <= tx.now,
            col(EventRow.results_told_at).is_(None),
            col(EventRow.cancelled_at).is_(None),
        )
        for event_id in due:
            await count_pairs(tx, sealer, event_id)
            await tx.execute(
                sa.update(EventRow).where(col(EventRow.id) == event_id).values(results_told_at=tx.now)
            )
            await emit(tx, GuestsTold(event_id, CHOOSING_CLOSED))

    async def erase(tx: Write) -> None:
        """Choices, matches, contacts, profiles and codes of events whose choosing closed 30 days ago."""
        due = await _ids(tx, choosing_closes() + KEPT_FOR <= tx.now, col(EventRow.erased_at).is_(None))
        for event_id in due:
            await count_pairs(tx, sealer, event_id)
            await erase_event(tx, event_id)

    return (
        Job("matchmaking.close_lists", timedelta(minutes=1), close_lists),
        Job("matchmaking.record_no_shows", timedelta(minutes=10), record_no_shows),
        Job("matchmaking.close_choosing", timedelta(minutes=10), close_choosing),
        Job("matchmaking.erase", timedelta(hours=1), erase),
    )

"""
Work at set times that survives a missed run: a job's due slot is claimed in the transaction that does the work.

Of many workers one gets a slot; a crash gives it back; a worker that was away for a day runs each job once when it
returns, with the time that it finds on the clock.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import Field, SQLModel, col

from domain.core import columns
from domain.core.clock import SHANGHAI
from domain.core.db import Write


class ScheduleSlot(SQLModel, table=True):
    """The last slot of a job that was worked off."""

    __tablename__ = "core_schedule_slot"

    job: str = Field(sa_type=sa.Text, primary_key=True)
    slot_at: datetime = columns.instant()


@dataclass(frozen=True, slots=True)
class Job:
    """`work` runs once in each period; periods begin `offset` after midnight in Shanghai."""

    name: str
    every: timedelta
    work: Callable[[Write], Awaitable[object]]
    offset: timedelta = timedelta(0)

    def slot(self, now: datetime) -> datetime:
        """The start of the present period."""
        epoch = datetime(2020, 1, 1, tzinfo=SHANGHAI) + self.offset
        return (epoch + (now - epoch) // self.every * self.every).astimezone(UTC)


async def claim(tx: Write, job: Job) -> bool:
    """True for the one transaction that shall work off the present slot; the others do not wait for it."""
    turn = sa.func.hashtextextended(f"job:{job.name}", 0)
    if not await tx.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(turn))):
        return False
    slot = job.slot(tx.now)
    statement = pg_insert(ScheduleSlot).values(job=job.name, slot_at=slot)
    return bool(
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=[col(ScheduleSlot.job)],
                set_={"slot_at": slot},
                where=col(ScheduleSlot.slot_at) < slot,
            )
        )
    )

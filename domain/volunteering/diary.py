"""The service of some people, day by day: whether another record overlaps, and how full a day is with it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.clock import day_of, start_of
from domain.core.db import Read
from domain.volunteering.models import ServiceRecordRow
from domain.volunteering.rules import ServiceContent, minutes_by_day
from domain.volunteering.states import LedgerStatus


@dataclass(frozen=True, slots=True)
class Period:
    """A time of service of somebody, and what it counts for."""

    record_id: UUID
    ref: str
    started_at: datetime
    ended_at: datetime
    minutes: int


class Diary:
    """What is known of the service of some people, and what this call adds."""

    def __init__(self, periods: Iterable[tuple[UUID, Period]]) -> None:
        self._of: dict[UUID, dict[UUID, Period]] = {}
        for person, period in periods:
            self.note(person, period)

    def note(self, person: UUID, period: Period) -> None:
        self._of.setdefault(person, {})[period.record_id] = period

    def overlapping(self, person: UUID, content: ServiceContent, but: UUID | None) -> Period | None:
        return next(
            (
                period
                for key, period in self._of.get(person, {}).items()
                if key != but
                and period.started_at < content.ended_at
                and content.started_at < period.ended_at
            ),
            None,
        )

    def days(self, person: UUID, but: UUID | None = None) -> Counter[date]:
        """The minutes of each day on which somebody served, one record left out."""
        found = Counter[date]()
        for key, period in self._of.get(person, {}).items():
            if key != but:
                found.update(minutes_by_day(period.started_at, period.ended_at, period.minutes))
        return found

    def day_with(self, person: UUID, content: ServiceContent, but: UUID | None) -> int:
        """The minutes of the fullest day that the content touches, the content included."""
        own = minutes_by_day(content.started_at, content.ended_at, content.minutes)
        days = self.days(person, but)
        return max(days[day] + minutes for day, minutes in own.items())


async def diary(db: Read, person_ids: Iterable[UUID], first: datetime, last: datetime) -> Diary:
    """The service of people on the days from one instant to another."""
    begin, end = start_of(day_of(first)), start_of(day_of(last) + timedelta(days=1))
    table = ServiceRecordRow
    rows = await db.rows(
        sa.select(
            col(table.person_id),
            col(table.id),
            col(table.external_ref),
            col(table.started_at),
            col(table.ended_at),
            col(table.minutes),
        ).where(
            col(table.person_id).in_(list(person_ids)),
            col(table.status) != LedgerStatus.REJECTED,
            col(table.minutes) > 0,
            # As the exclusion has it, so that its index serves.
            sa.func.tstzrange(col(table.started_at), col(table.ended_at)).bool_op("&&")(
                sa.func.tstzrange(sa.literal(begin), sa.literal(end))
            ),
        )
    )
    return Diary((row.person_id, Period(*row[1:])) for row in rows)

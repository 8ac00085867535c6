"""The service of a volunteer from one day to another, as its records say it now."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.clock import SHANGHAI, day_of, start_of
from domain.core.db import Read
from domain.volunteering.models import ServiceRecordRow
from domain.volunteering.states import LedgerStatus

_THERE = sa.func.timezone(sa.literal(SHANGHAI.utcoffset(None), sa.Interval), col(ServiceRecordRow.started_at))
_DAY = sa.cast(_THERE, sa.Date)


@dataclass(frozen=True, slots=True)
class Service:
    """Minutes for how many organizations; the first day of all service."""

    minutes: int
    organizations: int
    served_since: date | None


def counts() -> sa.ColumnElement[bool]:
    """Records whose hours are entered."""
    return sa.and_(col(ServiceRecordRow.status) == LedgerStatus.POSTED, col(ServiceRecordRow.minutes) > 0)


def between(
    since: sa.SQLColumnExpression[date], until: sa.SQLColumnExpression[date]
) -> sa.ColumnElement[bool]:
    """Records that began on one of these days in Shanghai."""
    return _DAY.between(since, until)


async def service(db: Read, volunteer_id: UUID, since: date | None, until: date) -> Service:
    """What began from one day (the first) to another."""
    asked = col(ServiceRecordRow.started_at) < start_of(until + timedelta(days=1))
    if since is not None:
        asked = sa.and_(asked, col(ServiceRecordRow.started_at) >= start_of(since))
    row = await db.first(
        sa.select(
            sa.func.coalesce(sa.func.sum(col(ServiceRecordRow.minutes)).filter(asked), 0),
            sa.func.count(sa.distinct(col(ServiceRecordRow.organization_id))).filter(asked),
            sa.func.min(col(ServiceRecordRow.started_at)),
        ).where(col(ServiceRecordRow.volunteer_id) == volunteer_id, counts())
    )
    assert row is not None  # an aggregate always gives one
    return Service(int(row[0]), int(row[1]), None if row[2] is None else day_of(row[2]))

"""The records that a member of staff looks at: those that came in from one day to another, of organizations in reach."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import UnitRow
from domain.accounts.reach import in_reach
from domain.core.actors import Actor, StaffActor
from domain.core.clock import start_of
from domain.core.db import Read
from domain.core.policy import Policy, policies
from domain.core.refusals import Invalid
from domain.core.rights import Action, require_staff
from domain.partners.models import OrganizationRow
from domain.volunteering.models import ServiceRecordRow
from domain.volunteering.states import LedgerStatus

DAYS = 7
DAYS_MOST = 31


@dataclass(frozen=True, slots=True)
class Window:
    """Who looks, and at which records by when they came in."""

    staff: StaffActor
    begins: datetime
    ends: datetime

    def records(self, record: Any = ServiceRecordRow) -> sa.ColumnElement[bool]:
        """Those that came in meanwhile and count or may count; of the table or an alias of it, here and below."""
        return sa.and_(record.recorded_at >= self.begins, record.recorded_at < self.ends, counts(record))

    def reached(self, organization: Any = OrganizationRow) -> sa.ColumnElement[bool]:
        """Organizations in reach."""
        return in_reach(self.staff, organization.unit_id)

    async def decided(self, db: Read, *wanted: Policy[Any]) -> tuple[Any, ...]:
        """Limits are those of the division of whoever looks, so that all they see is measured alike."""
        own = sa.select(col(UnitRow.division_code)).where(col(UnitRow.id) == self.staff.unit_id)
        return await policies(db, *wanted, division_code=await db.scalar(own))


def counts(record: Any) -> sa.ColumnElement[bool]:
    """Records that were not rejected, nor corrected to nothing."""
    return sa.and_(record.status != LedgerStatus.REJECTED, record.minutes > 0)


def window(today: date, actor: Actor, since: date | None, until: date | None) -> Window:
    """From one day to another, both included; without them the week up to today. Invalid for a longer time than a month."""
    staff = require_staff(actor, Action.SEE_IRREGULARITIES)
    last = until or today
    first = since or last - timedelta(days=DAYS - 1)
    if first > last:
        raise Invalid("since", zh="开始日期不得晚于结束日期。", en="It cannot lie after the end.")
    if (last - first).days >= DAYS_MOST:
        raise Invalid("since", zh=f"最多 {DAYS_MOST} 天。", en=f"{DAYS_MOST} days at most.")
    if last > today:
        raise Invalid("until", zh="不得晚于今天。", en="It cannot lie after today.")
    return Window(staff, start_of(first), start_of(last + timedelta(days=1)))

"""Service records that wait for a second person."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import UnitRow
from domain.accounts.reach import in_reach
from domain.accounts.reviews import SOURCES, ReviewKind, Source
from domain.core.actors import StaffActor
from domain.core.rights import Action
from domain.partners.models import OrganizationRow
from domain.volunteering.models import ServiceRecordRow
from domain.volunteering.states import Decider, LedgerStatus


def _waiting(staff: StaffActor) -> sa.Select[Any, Any, Any, Any]:
    """What the province decides waits for its staff alone."""
    of_province = sa.select(sa.literal(1)).where(
        col(UnitRow.id) == staff.unit_id, col(UnitRow.parent_id).is_(None)
    )
    return (
        sa.select(
            col(ServiceRecordRow.id),
            col(OrganizationRow.unit_id),
            col(ServiceRecordRow.recorded_at),
            sa.null().cast(sa.DateTime(timezone=True)),
        )
        .join(OrganizationRow, col(OrganizationRow.id) == col(ServiceRecordRow.organization_id))
        .where(
            col(ServiceRecordRow.status) == LedgerStatus.PENDING,
            in_reach(staff, col(OrganizationRow.unit_id)),
            sa.or_(col(ServiceRecordRow.waits_for) == Decider.UNIT, of_province.exists()),
        )
    )


SOURCES[ReviewKind.SERVICE_RECORD] = Source(Action.DECIDE_SERVICE, _waiting)

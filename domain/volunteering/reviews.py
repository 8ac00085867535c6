"""Service records that wait for a second person: of the unit, or of the province."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import UnitRow
from domain.accounts.reach import units_below
from domain.accounts.reviews import SOURCES, ReviewKind, Source
from domain.core.actors import StaffActor
from domain.core.rights import Action
from domain.core.states import stands_in
from domain.partners.models import OrganizationRow
from domain.volunteering.models import ServiceRecordRow
from domain.volunteering.states import Decider, LedgerStatus

_NO_TIME = sa.null().cast(sa.DateTime(timezone=True))


def _of_province(staff: StaffActor) -> sa.ColumnElement[bool]:
    return (
        sa.select(sa.literal(1))
        .where(col(UnitRow.id) == staff.unit_id, col(UnitRow.parent_id).is_(None))
        .exists()
    )


def _waiting(staff: StaffActor) -> sa.Select[Any, Any, Any, Any]:
    """The province's staff reach every organization, and decide what a unit may and what it may not."""
    return (
        sa.select(
            col(ServiceRecordRow.id),
            col(OrganizationRow.unit_id),
            col(ServiceRecordRow.recorded_at),
            _NO_TIME,
        )
        .join(OrganizationRow, col(OrganizationRow.id) == col(ServiceRecordRow.organization_id))
        .where(stands_in(col(ServiceRecordRow.status), [LedgerStatus.PENDING]), _of_province(staff))
    )


def _waiting_by_unit(staff: StaffActor) -> tuple[sa.Select[Any], sa.Select[Any, Any, Any, Any]]:
    """Of any other member's: what the units in reach may decide."""
    return units_below(staff.unit_id).where(~_of_province(staff)), sa.select(
        col(ServiceRecordRow.id), col(ServiceRecordRow.unit_id), col(ServiceRecordRow.recorded_at), _NO_TIME
    ).where(stands_in(col(ServiceRecordRow.waits_for), [Decider.UNIT]))


SOURCES[ReviewKind.SERVICE_RECORD] = Source(Action.DECIDE_SERVICE, _waiting, _waiting_by_unit)

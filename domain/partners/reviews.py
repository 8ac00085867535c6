"""Organizations that wait to be verified."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.reach import in_reach
from domain.accounts.reviews import SOURCES, ReviewKind, Source
from domain.core.actors import StaffActor
from domain.core.rights import Action
from domain.partners.models import OrganizationRow, VerificationStatus


def _waiting(staff: StaffActor) -> sa.Select[Any, Any, Any, Any]:
    table = OrganizationRow
    return sa.select(
        col(table.id), col(table.unit_id), col(table.created_at), sa.null().cast(sa.DateTime(timezone=True))
    ).where(col(table.verification) == VerificationStatus.UNVERIFIED, in_reach(staff, col(table.unit_id)))


SOURCES[ReviewKind.ORGANIZATION] = Source(Action.MANAGE_ORGANIZATIONS, _waiting)

"""Listings that wait for review."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.reach import in_reach
from domain.accounts.reviews import SOURCES, ReviewKind, Source
from domain.core.actors import StaffActor
from domain.core.rights import Action
from domain.internships.models import ListingRow
from domain.internships.states import ListingStatus
from domain.partners.models import OrganizationRow


def _waiting(staff: StaffActor) -> sa.Select[Any, Any, Any, Any]:
    return (
        sa.select(
            col(ListingRow.id),
            col(OrganizationRow.unit_id),
            col(ListingRow.updated_at),
            sa.null().cast(sa.DateTime(timezone=True)),
        )
        .join(OrganizationRow, col(OrganizationRow.id) == col(ListingRow.organization_id))
        .where(
            col(ListingRow.status) == ListingStatus.IN_REVIEW, in_reach(staff, col(OrganizationRow.unit_id))
        )
    )


SOURCES[ReviewKind.INTERNSHIP] = Source(Action.REVIEW_INTERNSHIPS, _waiting)

"""Figures of an organization's posts."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Read
from domain.core.unnesting import ByKeys
from domain.internships.listing import published
from domain.internships.models import ListingRow

_OFFERED = ByKeys(
    lambda organizations: (
        sa.select(col(ListingRow.organization_id), sa.func.sum(col(ListingRow.headcount)))
        .where(
            col(ListingRow.organization_id) == organizations, published(sa.bindparam("today", type_=sa.Date))
        )
        .group_by(col(ListingRow.organization_id))
    ),
    sa.Uuid,
)


async def offered_posts(db: Read, organization_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Headcount of each organization's published listings together; those with none are left out."""
    rows = await db.rows(*_OFFERED.of(organization_ids, today=db.today))
    return {organization: int(posts) for organization, posts in rows}

"""Figures of an organization's posts."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Read
from domain.internships.listing import published
from domain.internships.models import ListingRow


async def offered_posts(db: Read, organization_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Headcount of each organization's published listings together; those with none are left out."""
    rows = await db.rows(
        sa.select(col(ListingRow.organization_id), sa.func.sum(col(ListingRow.headcount)))
        .where(col(ListingRow.organization_id).in_(list(organization_ids)), published(db.today))
        .group_by(col(ListingRow.organization_id))
    )
    return {organization: int(posts) for organization, posts in rows}

"""Figures of mentorship, for the progress of units."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.reach import units_below
from domain.core.db import Read
from domain.mentorship.models import PairingRow


async def pairs_made(db: Read, unit_id: UUID, since: datetime, before: datetime) -> int:
    """One-to-one pairs that a unit and those below it made in a time, whether or not they have ended."""
    made = sa.select(sa.func.count()).select_from(PairingRow)
    return int(
        await db.scalar(
            made.where(
                col(PairingRow.unit_id).in_(units_below(unit_id)),
                col(PairingRow.paired_at) >= since,
                col(PairingRow.paired_at) < before,
            )
        )
    )

"""Claims that wait for a decision."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.reach import in_reach
from domain.accounts.reviews import SOURCES, ReviewKind, Source
from domain.core.actors import StaffActor
from domain.core.rights import Action
from domain.volunteering.care.models import ClaimRow
from domain.volunteering.states import ClaimStatus


def _waiting(staff: StaffActor) -> sa.Select[Any, Any, Any, Any]:
    return sa.select(
        col(ClaimRow.id),
        col(ClaimRow.unit_id),
        col(ClaimRow.created_at),
        sa.null().cast(sa.DateTime(timezone=True)),
    ).where(col(ClaimRow.status) == ClaimStatus.SUBMITTED, in_reach(staff, col(ClaimRow.unit_id)))


SOURCES[ReviewKind.CARE_FUND_CLAIM] = Source(Action.DECIDE_CLAIMS, _waiting)

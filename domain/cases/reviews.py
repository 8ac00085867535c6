"""Cases that nobody has taken wait in the review queue of case workers in reach."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.reach import in_reach
from domain.accounts.reviews import SOURCES, ReviewKind, Source
from domain.cases.models import CaseRow
from domain.cases.states import CaseStatus
from domain.core.actors import StaffActor
from domain.core.rights import Action


def _waiting(staff: StaffActor) -> sa.Select[Any, Any, Any, Any]:
    return sa.select(
        col(CaseRow.id), col(CaseRow.unit_id), col(CaseRow.created_at), col(CaseRow.due_at)
    ).where(col(CaseRow.status) == CaseStatus.OPEN, in_reach(staff, col(CaseRow.unit_id)))


SOURCES[ReviewKind.CASE] = Source(Action.WORK_ON_CASES, _waiting)

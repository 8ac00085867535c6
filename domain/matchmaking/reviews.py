"""Reports wait for case workers until their case has its outcome."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.reviews import SOURCES, ReviewKind, Source
from domain.cases.models import CaseRow
from domain.cases.states import UNDER_WAY
from domain.core.actors import StaffActor
from domain.core.rights import Action
from domain.matchmaking.models import EventRow, ReportRow
from domain.matchmaking.reporting import within_reach


def _waiting(staff: StaffActor) -> sa.Select[Any, Any, Any, Any]:
    """A report from before there were cases waits without a time."""
    return (
        sa.select(col(ReportRow.id), col(EventRow.unit_id), col(ReportRow.created_at), col(CaseRow.due_at))
        .join(EventRow, col(EventRow.id) == col(ReportRow.event_id))
        .outerjoin(CaseRow, col(CaseRow.id) == col(ReportRow.case_id))
        .where(within_reach(staff), sa.or_(col(CaseRow.id).is_(None), col(CaseRow.status).in_(UNDER_WAY)))
    )


SOURCES[ReviewKind.PARTICIPANT_REPORT] = Source(Action.READ_CASES, _waiting)

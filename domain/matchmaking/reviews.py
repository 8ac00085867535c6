"""Reports that wait for case workers."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.reviews import SOURCES, ReviewKind, Source
from domain.core.actors import StaffActor
from domain.core.rights import Action
from domain.matchmaking.models import EventRow, ReportRow
from domain.matchmaking.reporting import within_reach


def _waiting(staff: StaffActor) -> sa.Select[Any, Any, Any, Any]:
    return (
        sa.select(
            col(ReportRow.id),
            col(EventRow.unit_id),
            col(ReportRow.created_at),
            sa.null().cast(sa.DateTime(timezone=True)),
        )
        .join(EventRow, col(EventRow.id) == col(ReportRow.event_id))
        .where(within_reach(staff))
    )


SOURCES[ReviewKind.PARTICIPANT_REPORT] = Source(Action.READ_CASES, _waiting)

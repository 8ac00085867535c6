"""
A guest reports another: what they say is sealed, the two never meet in a list again, and the case waits for the case workers
of the event's unit (`reviews`). Until cases of 12355 are built, the report in their queue is the case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.accounts.access_log import purpose
from domain.accounts.reach import in_reach
from domain.core import columns
from domain.core.actors import Actor, StaffActor
from domain.core.db import Read, Write
from domain.core.outbox import emit
from domain.core.projection import projection
from domain.core.refusals import Invalid, NotFound
from domain.core.rights import Action, may
from domain.core.sealing import Sealer, place
from domain.matchmaking.choosing import guest_of
from domain.matchmaking.events import ParticipantReported
from domain.matchmaking.models import BlockRow, EventRow, ReportRow
from domain.matchmaking.participants import participants

REASON_MOST = 1_000
REPORT_READ = purpose(
    "matchmaking-report", zh="处理交友活动举报", en="dealing with a report at a matchmaking event"
)


@dataclass(frozen=True, slots=True)
class Report:
    id: UUID
    event_id: UUID
    reporter_id: UUID
    reported_id: UUID
    reason_sealed: bytes | None
    created_at: datetime

    def reason(self, sealer: Sealer) -> str:
        """What was said; nothing once its author is erased."""
        sealed = self.reason_sealed
        return "" if sealed is None else sealer.open(sealed, _reason_place(self.id))


REPORTS = projection(Report, ReportRow)


def _reason_place(report_id: UUID) -> str:
    return place(str(ReportRow.__tablename__), "reason", report_id)


def within_reach(staff: StaffActor) -> sa.ColumnElement[bool]:
    """Reports of events of the member's unit and below."""
    return col(ReportRow.event_id).in_(
        sa.select(col(EventRow.id)).where(in_reach(staff, col(EventRow.unit_id)))
    )


async def reports(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Report]:
    """Those of the reports that the actor may read: case workers in reach."""
    if not isinstance(actor, StaffActor) or not may(actor, Action.READ_CASES):
        return {}
    statement = REPORTS.select().where(col(ReportRow.id).in_(list(ids)), within_reach(actor))
    return {found.id: found for found in await REPORTS.all(db, statement)}


async def report(
    tx: Write, sealer: Sealer, event_id: UUID, participant_id: UUID, reason: str, *, block: bool
) -> UUID:
    """Report a guest whom the reporter sees at the event; with `block` the two do not meet again."""
    reporter = await guest_of(tx, event_id)
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_MOST:
        raise Invalid(
            "reason", zh=f"需为 1 至 {REASON_MOST} 个字符。", en=f"Must have 1 to {REASON_MOST} characters."
        )
    seen = (await participants(tx, tx.actor, [participant_id])).get(participant_id)
    if seen is None or seen.event_id != event_id or seen.signup_id == reporter.id:
        raise NotFound("participant_id")
    identity = columns.new_id()
    await tx.insert(
        ReportRow,
        [
            {
                "id": identity,
                "event_id": event_id,
                "reporter_id": reporter.youth_id,
                "reported_id": seen.youth_id,
                "reason_sealed": sealer.seal(reason, _reason_place(identity)),
                "created_at": tx.now,
            }
        ],
    )
    if block:
        pair = {"youth_id": reporter.youth_id, "other_id": seen.youth_id, "created_at": tx.now}
        await tx.execute(pg_insert(BlockRow).values(pair).on_conflict_do_nothing())
    await emit(tx, ParticipantReported(identity, event_id))
    return identity

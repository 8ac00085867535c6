"""
A guest reports another: what they say is sealed, the two never meet in a list again, and a case of 12355 is opened for the
unit of the event, in the same transaction.

The case is the reporter's own and anonymous: who is reported can neither find it nor be told by it who spoke. Whom it is
about stands in the report alone, which case workers in reach read. What the same guest says again of the same person is said
in the same case, as long as that is under way; words of danger never go into one that is due later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeGuard
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.accounts.access_log import purpose
from domain.accounts.reach import in_reach
from domain.cases.opening import NewCase, open_case
from domain.cases.states import CaseCategory, CaseUrgency
from domain.core import columns
from domain.core.actors import Actor, StaffActor
from domain.core.crisis import in_crisis
from domain.core.db import Read, Write
from domain.core.projection import projection
from domain.core.refusals import Invalid, NotFound
from domain.core.rights import Action, may
from domain.core.sealing import Sealer, place
from domain.matchmaking.choosing import guest_of
from domain.matchmaking.event import Event, events
from domain.matchmaking.models import BlockRow, EventRow, ReportRow
from domain.matchmaking.participants import Participant, participants
from domain.matchmaking.signup import Signup

ORIGIN = "matchmaking.report"
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
    case_id: UUID | None
    created_at: datetime

    def reason(self, sealer: Sealer) -> str:
        """What was said; nothing once its author is erased."""
        sealed = self.reason_sealed
        return "" if sealed is None else sealer.open(sealed, _reason_place(self.id))


REPORTS = projection(Report, ReportRow)


def _reason_place(report_id: UUID) -> str:
    return place(str(ReportRow.__tablename__), "reason", report_id)


def reads(actor: Actor) -> TypeGuard[StaffActor]:
    """May the actor read any reports?"""
    return isinstance(actor, StaffActor) and may(actor, Action.READ_CASES)


def within_reach(staff: StaffActor) -> sa.ColumnElement[bool]:
    """Reports of events of the member's unit and below."""
    return col(ReportRow.event_id).in_(
        sa.select(col(EventRow.id)).where(in_reach(staff, col(EventRow.unit_id)))
    )


async def reports(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Report]:
    """Those of the reports that the actor may read: case workers in reach."""
    if not reads(actor):
        return {}
    statement = REPORTS.select().where(col(ReportRow.id).in_(list(ids)), within_reach(actor))
    return {found.id: found for found in await REPORTS.all(db, statement)}


async def reports_of_cases(db: Read, actor: Actor, case_ids: Iterable[UUID]) -> dict[UUID, list[Report]]:
    """Those of the reports said in each case that the actor may read, the oldest first."""
    found: dict[UUID, list[Report]] = {case_id: [] for case_id in case_ids}
    if not reads(actor):
        return found
    statement = REPORTS.select().where(col(ReportRow.case_id).in_(list(found)), within_reach(actor))
    for one in await REPORTS.all(db, statement.order_by(col(ReportRow.id))):
        if one.case_id is not None:
            found[one.case_id].append(one)
    return found


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
    event = (await events(tx, [event_id]))[event_id]
    case_id = await _case(tx, sealer, event, identity, reporter, seen, reason)
    await tx.insert(
        ReportRow,
        [
            {
                "id": identity,
                "event_id": event_id,
                "reporter_id": reporter.youth_id,
                "reported_id": seen.youth_id,
                "reason_sealed": sealer.seal(reason, _reason_place(identity)),
                "case_id": case_id,
                "created_at": tx.now,
            }
        ],
    )
    if block:
        pair = {"youth_id": reporter.youth_id, "other_id": seen.youth_id, "created_at": tx.now}
        await tx.execute(pg_insert(BlockRow).values(pair).on_conflict_do_nothing())
    return identity


async def _case(
    tx: Write, sealer: Sealer, event: Event, report_id: UUID, reporter: Signup, seen: Participant, reason: str
) -> UUID:
    """The case that the report opens or goes on in; within the hour when its words tell of danger to a life."""
    danger = await in_crisis(tx, [reason], event.division_code)
    urgency = CaseUrgency.CRISIS if danger else CaseUrgency.URGENT
    new = NewCase(
        youth_id=reporter.youth_id,
        unit_id=event.unit_id,
        category=CaseCategory.SAFETY,
        urgency=urgency,
        body=reason,
        origin=ORIGIN,
        origin_id=report_id,
        anonymous=True,
        one_of_kind=f"{ORIGIN}:{urgency}:{reporter.id}:{seen.signup_id}",
    )
    return await open_case(tx, sealer, new)

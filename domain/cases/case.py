"""Cases as they are read, and who may read them: the youth, and staff in reach; what was said, not the admin."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.reach import reached
from domain.cases.models import CaseMessageRow, CaseRow
from domain.cases.opening import BODY
from domain.cases.states import UNDER_WAY, CaseCategory, CaseStatus, CaseUrgency
from domain.core.actors import Actor, YouthActor
from domain.core.db import Read
from domain.core.projection import projection
from domain.core.rights import Action, may
from domain.core.sealing import Sealer, place

OUTCOME = ("cases_case", "outcome")


@dataclass(frozen=True, slots=True)
class Case:
    id: UUID
    number: str
    category: CaseCategory
    urgency: CaseUrgency
    status: CaseStatus
    anonymous: bool
    youth_id: UUID
    unit_id: UUID
    assignee_id: UUID | None
    outcome_sealed: bytes | None
    satisfaction: int | None
    due_at: datetime
    created_at: datetime

    def overdue(self, now: datetime) -> bool:
        return self.status in UNDER_WAY and self.due_at < now

    def outcome(self, sealer: Sealer) -> str | None:
        return (
            None
            if self.outcome_sealed is None
            else sealer.open(self.outcome_sealed, place(*OUTCOME, self.id))
        )


@dataclass(frozen=True, slots=True)
class CaseMessage:
    id: UUID
    case_id: UUID
    from_staff: bool
    body_sealed: bytes | None
    at: datetime

    def body(self, sealer: Sealer) -> str:
        return "" if self.body_sealed is None else sealer.open(self.body_sealed, place(*BODY, self.id))


CASES = projection(Case, CaseRow)
MESSAGES = projection(CaseMessage, CaseMessageRow)


def readable(actor: Actor) -> sa.ColumnElement[bool]:
    """The youth's own, and those of units in the member's reach."""
    if not may(actor, Action.SEE_CASES):
        return sa.false()
    if isinstance(actor, YouthActor):
        return col(CaseRow.youth_id) == actor.id
    return reached(actor, col(CaseRow.unit_id))


async def cases(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Case]:
    """Those of the cases that the actor may know of."""
    statement = CASES.select().where(col(CaseRow.id).in_(list(ids)), readable(actor))
    return {found.id: found for found in await CASES.all(db, statement)}


async def messages(db: Read, case_ids: Iterable[UUID]) -> dict[UUID, list[CaseMessage]]:
    """What was said in each case, the oldest first. Whoever asks has decided that the reader may know."""
    found: dict[UUID, list[CaseMessage]] = {key: [] for key in case_ids}
    statement = MESSAGES.select().where(col(CaseMessageRow.case_id).in_(list(found)))
    for message in await MESSAGES.all(db, statement.order_by(col(CaseMessageRow.id))):
        found[message.case_id].append(message)
    return found


async def latest_of(db: Read, youth_id: UUID, urgency: CaseUrgency, origin: str) -> UUID | None:
    """The youth's newest case of an urgency that a programme opened."""
    found = await db.scalar(
        sa.select(col(CaseRow.id))
        .where(
            col(CaseRow.youth_id) == youth_id, col(CaseRow.urgency) == urgency, col(CaseRow.origin) == origin
        )
        .order_by(col(CaseRow.created_at).desc(), col(CaseRow.id).desc())
        .limit(1)
    )
    return None if found is None else UUID(str(found))

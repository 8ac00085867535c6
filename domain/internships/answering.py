"""The organization answers: it moves an application along, or turns it down."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col

from domain.core.db import Write
from domain.core.refusals import Invalid, MoveImpossible, NotFound
from domain.core.rights import Action, require_partner
from domain.internships.models import ApplicationRow
from domain.internships.moving import move, one_locked
from domain.internships.states import APPLICATION_STATES, ApplicationStatus

NOTE_MOST = 1_000

ADVANCES = (
    ApplicationStatus.SHORTLISTED,
    ApplicationStatus.INTERVIEW,
    ApplicationStatus.OFFERED,
    ApplicationStatus.REJECTED,
    ApplicationStatus.ONBOARDED,
    ApplicationStatus.COMPLETED,
)
"""Where an organization may move an application; the rest is the youth's to say."""


async def advance(
    tx: Write, application_id: UUID, to: ApplicationStatus, *, note: str | None, interview_at: datetime | None
) -> UUID:
    """Move an application of the partner's own; to where it is already changes nothing. MoveImpossible off the edges."""
    partner = require_partner(tx.actor, Action.ANSWER_APPLICATIONS)
    if note is not None and len(note) > NOTE_MOST:
        raise Invalid("note", zh=f"最多 {NOTE_MOST} 个字符。", en=f"{NOTE_MOST} characters at most.")
    if interview_at is not None and to is not ApplicationStatus.INTERVIEW:
        raise Invalid(
            "interview_at", zh="仅在邀请面试时填写。", en="Only with an invitation to an interview."
        )
    if interview_at is not None and interview_at <= tx.now:
        raise Invalid("interview_at", zh="面试时间须在未来。", en="The interview must lie in the future.")
    own = col(ApplicationRow.organization_id) == partner.organization_id
    application = await one_locked(tx, application_id, own)
    if application is None:
        raise NotFound("application_id")
    if application.status is to:
        return application_id
    if not APPLICATION_STATES.may(application.status, to):
        raise MoveImpossible("to", status=application.status.value)
    await move(tx, [application], to, note=note, interview_at=interview_at)
    return application_id

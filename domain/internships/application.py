"""An application as it is read, and who may read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from domain.accounts.access_log import purpose
from domain.core.actors import Actor, YouthActor
from domain.core.db import Read
from domain.core.keyset import Order, newest_first
from domain.core.projection import projection
from domain.core.rights import Action
from domain.core.unnesting import ByKeys
from domain.internships.models import ApplicationRow
from domain.internships.states import PLACED, ApplicationStatus
from domain.partners.models import OrganizationRow
from domain.partners.organizations import own_or_in_reach

COVER_LETTER = ("internship_application", "cover_letter")
RESUME_URL = ("internship_application", "resume_url")
APPLICATION_READ = purpose(
    "internship-application", zh="处理实习申请", en="dealing with an internship application"
)
REPLY_WITHIN = timedelta(days=7)
REPLY_WINDOW = timedelta(days=90)
REPLY_LEAST = 5


@dataclass(frozen=True, slots=True)
class Application:
    """The letter and the address of the résumé are sealed until a reader with the right to them asks."""

    id: UUID
    internship_id: UUID
    organization_id: UUID
    youth_id: UUID
    status: ApplicationStatus
    may_apply_again: bool
    cover_letter_sealed: bytes | None
    resume_url_sealed: bytes | None
    interview_at: datetime | None
    submitted_at: datetime
    updated_at: datetime

    @property
    def placed(self) -> bool:
        """Accepted and not given back: the organization may know the applicant's name and number."""
        return self.status in PLACED


APPLICATIONS = projection(Application, ApplicationRow)
NEWEST: Order = newest_first(col(ApplicationRow.submitted_at), col(ApplicationRow.id), "applications")


def records_visible(actor: Actor) -> ColumnElement[bool]:
    """Applications to the partner's own organization or to organizations in reach."""
    return (
        sa.select(col(OrganizationRow.id))
        .where(
            col(OrganizationRow.id) == col(ApplicationRow.organization_id),
            own_or_in_reach(
                actor, Action.SEE_APPLICATIONS, col(OrganizationRow.id), col(OrganizationRow.unit_id)
            ),
        )
        .exists()
    )


def readable(actor: Actor) -> ColumnElement[bool]:
    """The youth's own, those to the partner's organization, those in reach of staff; nothing else."""
    if isinstance(actor, YouthActor):
        return col(ApplicationRow.youth_id) == actor.id
    return records_visible(actor)


def selected(
    statuses: Iterable[ApplicationStatus] | None = None, updated_since: datetime | None = None
) -> sa.Select[Any]:
    """All in any of the states that moved since."""
    statement = APPLICATIONS.select()
    if statuses is not None:
        statement = statement.where(col(ApplicationRow.status).in_(list(statuses)))
    if updated_since is not None:
        statement = statement.where(col(ApplicationRow.updated_at) >= updated_since)
    return statement


OF_YOUTH = APPLICATIONS.select().where(col(ApplicationRow.youth_id) == sa.bindparam("youth", type_=sa.Uuid))
"""All applications of the `youth` given with it."""
_TO_LISTINGS = ByKeys(
    lambda listings: OF_YOUTH.where(col(ApplicationRow.internship_id) == listings).order_by(
        col(ApplicationRow.id)
    ),
    sa.Uuid,
)
_OWN = ByKeys(lambda ids: OF_YOUTH.where(col(ApplicationRow.id) == ids), sa.Uuid)


async def applications(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Application]:
    """Those of the applications that the actor may read."""
    if isinstance(actor, YouthActor):
        found = await APPLICATIONS.all(db, *_OWN.of(ids, youth=actor.id))
    else:
        statement = APPLICATIONS.select().where(col(ApplicationRow.id).in_(list(ids)), readable(actor))
        found = await APPLICATIONS.all(db, statement)
    return {application.id: application for application in found}


async def latest_of_youth(db: Read, youth_id: UUID, listing_ids: Iterable[UUID]) -> dict[UUID, Application]:
    """The youth's latest application to each listing."""
    found = await APPLICATIONS.all(db, *_TO_LISTINGS.of(listing_ids, youth=youth_id))
    return {application.internship_id: application for application in found}


def _replies(organizations: Any) -> Any:
    table, now = ApplicationRow, sa.bindparam("now", type_=sa.DateTime(timezone=True))
    in_time = col(table.answered_at) <= col(table.submitted_at) + REPLY_WITHIN
    withdrawn = col(table.status) == ApplicationStatus.WITHDRAWN
    waited_until = sa.case((withdrawn, col(table.updated_at)), else_=now)
    counts = sa.or_(
        col(table.answered_at).is_not(None), waited_until >= col(table.submitted_at) + REPLY_WITHIN
    )
    return (
        sa.select(
            col(table.organization_id),
            sa.func.count().filter(in_time).label("answered"),
            sa.func.count().label("all"),
        )
        .where(
            col(table.organization_id) == organizations, col(table.submitted_at) > now - REPLY_WINDOW, counts
        )
        .group_by(col(table.organization_id))
    )


_REPLIES = ByKeys(_replies, sa.Uuid)


async def reply_rates(db: Read, organization_ids: Iterable[UUID]) -> dict[UUID, float]:
    """
    The share of applications answered within seven days, over the last ninety; organizations with fewer than five
    are left out. An application counts once it was answered or its seven days are over.
    """
    rows = await db.rows(*_REPLIES.of(organization_ids, now=db.now))
    return {row.organization_id: row.answered / row.all for row in rows if row.all >= REPLY_LEAST}

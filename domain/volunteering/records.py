"""Service records as they are read, and who may read and decide them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from domain.core.actors import Actor, YouthActor
from domain.core.db import Read
from domain.core.projection import projection
from domain.core.rights import Action
from domain.partners.models import OrganizationRow
from domain.partners.organizations import own_or_in_reach
from domain.volunteering.models import ServiceRecordRow
from domain.volunteering.states import Decider, LedgerStatus


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    id: UUID
    organization_id: UUID
    external_ref: str
    person_id: UUID
    volunteer_id: UUID | None
    activity: str
    started_at: datetime
    ended_at: datetime
    minutes: int
    status: LedgerStatus
    waits_for: Decider | None
    note: str | None
    recorded_at: datetime


RECORDS = projection(ServiceRecord, ServiceRecordRow)


def of_reach(actor: Actor, action: Action, organization: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Rows of organizations that a member of staff reaches."""
    return (
        sa.select(sa.literal(1))
        .select_from(OrganizationRow)
        .where(
            col(OrganizationRow.id) == organization,
            own_or_in_reach(actor, action, col(OrganizationRow.id), col(OrganizationRow.unit_id)),
        )
        .exists()
    )


def readable(actor: Actor) -> ColumnElement[bool]:
    """The volunteer's own, and those of organizations that staff reach."""
    if isinstance(actor, YouthActor):
        return col(ServiceRecordRow.volunteer_id) == actor.id
    return of_reach(actor, Action.SEE_LEDGER, sa.inspect(ServiceRecordRow).columns["organization_id"])


async def records(db: Read, ids: Iterable[UUID]) -> dict[UUID, ServiceRecord]:
    return await RECORDS.of_ids(db, ids)

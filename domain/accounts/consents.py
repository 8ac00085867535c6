"""Consents, by purpose; one of each may be in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col

from domain.accounts.models import ConsentPurpose, ConsentRow
from domain.core.db import Read
from domain.core.projection import projection


@dataclass(frozen=True, slots=True)
class Consent:
    id: UUID
    youth_id: UUID
    purpose: ConsentPurpose
    version: str
    given_at: datetime
    withdrawn_at: datetime | None


CONSENTS = projection(Consent, ConsentRow)


async def consents_of(db: Read, youth_ids: Iterable[UUID]) -> dict[UUID, list[Consent]]:
    """Every consent ever given, the oldest first."""
    found: dict[UUID, list[Consent]] = {youth: [] for youth in youth_ids}
    statement = CONSENTS.select().where(col(ConsentRow.youth_id).in_(list(found)))
    for consent in await CONSENTS.all(db, statement.order_by(col(ConsentRow.id))):
        found[consent.youth_id].append(consent)
    return found

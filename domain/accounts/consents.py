"""Consents, by purpose; one of each may be in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.accounts.models import ConsentPurpose, ConsentRow
from domain.core import columns
from domain.core.db import Read, Write
from domain.core.projection import projection
from domain.core.unnesting import ByKeys


@dataclass(frozen=True, slots=True)
class Consent:
    id: UUID
    youth_id: UUID
    purpose: ConsentPurpose
    version: str
    given_at: datetime
    withdrawn_at: datetime | None


CONSENTS = projection(Consent, ConsentRow)
_OF_YOUTHS = ByKeys(
    lambda youths: CONSENTS.select().where(col(ConsentRow.youth_id) == youths).order_by(col(ConsentRow.id)),
    sa.Uuid,
)


async def consents_of(db: Read, youth_ids: Iterable[UUID]) -> dict[UUID, list[Consent]]:
    """Every consent ever given, the oldest first."""
    found: dict[UUID, list[Consent]] = {youth: [] for youth in youth_ids}
    for consent in await CONSENTS.all(db, *_OF_YOUTHS.of(found)):
        found[consent.youth_id].append(consent)
    return found


_IN_FORCE = sa.select(col(ConsentRow.version)).where(
    col(ConsentRow.youth_id) == sa.bindparam("youth", type_=sa.Uuid),
    col(ConsentRow.purpose) == sa.bindparam("purpose", type_=columns.EnumText(ConsentPurpose)),
    col(ConsentRow.withdrawn_at).is_(None),
)


async def in_force(db: Read, youth_id: UUID, purpose: ConsentPurpose) -> str | None:
    """The version agreed to and not withdrawn."""
    version: str | None = await db.scalar(_IN_FORCE, {"youth": youth_id, "purpose": purpose})
    return version


async def give(tx: Write, youth_id: UUID, purpose: ConsentPurpose, version: str) -> None:
    """Put a consent in force; another version of it is closed. The caller has locked the youth."""
    if await in_force(tx, youth_id, purpose) == version:
        return
    await withdraw(tx, youth_id, purpose)
    await tx.execute(
        pg_insert(ConsentRow)
        .values(id=columns.new_id(), youth_id=youth_id, purpose=purpose, version=version, given_at=tx.now)
        .on_conflict_do_nothing()
    )


async def withdraw(tx: Write, youth_id: UUID, purpose: ConsentPurpose) -> None:
    """Close the consent that is in force, if there is one."""
    await tx.execute(
        sa.update(ConsentRow)
        .where(
            col(ConsentRow.youth_id) == youth_id,
            col(ConsentRow.purpose) == purpose,
            col(ConsentRow.withdrawn_at).is_(None),
        )
        .values(withdrawn_at=tx.now)
    )


def consents_now(youth_id: sa.SQLColumnExpression[UUID], purpose: ConsentPurpose) -> sa.ColumnElement[bool]:
    """Rows of youths whose consent is in force, for a WHERE."""
    return (
        sa.select(sa.literal(1))
        .select_from(ConsentRow)
        .where(
            col(ConsentRow.youth_id) == youth_id,
            col(ConsentRow.purpose) == purpose,
            col(ConsentRow.withdrawn_at).is_(None),
        )
        .exists()
    )

"""Organizations: who they are, who may see their records, how staff enter and verify them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import col

from domain.accounts.access_log import NAMES, Looker
from domain.accounts.reach import in_reach, reaches
from domain.accounts.units import unit_of_division
from domain.core import columns
from domain.core.actors import Actor, PartnerActor, StaffActor, System
from domain.core.db import Read, Write
from domain.core.divisions import require_known, within
from domain.core.keyset import Order, newest_first
from domain.core.outbox import emit
from domain.core.projection import projection
from domain.core.refusals import ChangedMeanwhile, Invalid, NotAllowed, NotFound
from domain.core.rights import Action, may, require, require_staff
from domain.core.states import record
from domain.core.text import terms_for_index, terms_for_query
from domain.partners.events import OrganizationDecided
from domain.partners.models import OrganizationKind, OrganizationRow, VerificationStatus

INDUSTRY_MOST = 5
NAME_MOST = 100
NOTE_MOST = 1_000
EMPLOYEES_MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class Organization:
    id: UUID
    version: int
    name: str
    kind: OrganizationKind
    division_code: str
    unit_id: UUID
    verification: VerificationStatus
    employee_count: int | None
    industry_code: str | None
    created_at: datetime

    @property
    def verified(self) -> bool:
        return self.verification is VerificationStatus.VERIFIED


ORGANIZATIONS = projection(Organization, OrganizationRow)
NEWEST: Order = newest_first(col(OrganizationRow.created_at), col(OrganizationRow.id), "organizations")


async def organizations(db: Read, ids: Iterable[UUID]) -> dict[UUID, Organization]:
    return await ORGANIZATIONS.of_ids(db, ids)


async def _names(db: Read, ids: list[UUID]) -> dict[UUID, str]:
    return {key: found.name for key, found in (await organizations(db, ids)).items()}


NAMES[Looker.ORGANIZATION] = _names


def matching(
    *,
    text: str | None = None,
    kinds: Iterable[OrganizationKind] | None = None,
    division_codes: Iterable[str] | None = None,
    verified: bool | None = None,
) -> sa.Select[Any]:
    """Organizations that fit every part given; a text fits when the name holds all of its terms."""
    statement = ORGANIZATIONS.select()
    if text is not None and text.strip():
        statement = statement.where(
            col(OrganizationRow.name_terms).contains([term.text for term in terms_for_query(text)])
        )
    if kinds is not None:
        statement = statement.where(col(OrganizationRow.kind).in_(list(kinds)))
    if division_codes is not None:
        statement = statement.where(within(col(OrganizationRow.division_code), division_codes))
    if verified is not None:
        is_verified = col(OrganizationRow.verification) == VerificationStatus.VERIFIED
        statement = statement.where(is_verified if verified else ~is_verified)
    return statement


def own_or_in_reach(
    actor: Actor,
    action: Action,
    organization_id: SQLColumnExpression[UUID],
    unit_id: SQLColumnExpression[UUID],
) -> ColumnElement[bool]:
    """Rows of the partner's own organization, or of organizations that the staff reach; nothing for anyone else."""
    if not may(actor, action):
        return sa.false()
    match actor:
        case PartnerActor(organization_id=own):
            return organization_id == own
        case StaffActor():
            return in_reach(actor, unit_id)
        case System():
            return sa.true()
        case _:
            return sa.false()


async def visible_records(db: Read, actor: Actor, action: Action, ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the organizations whose records (by `action`) the actor may see."""
    if not may(actor, action):
        return frozenset()
    allowed = own_or_in_reach(actor, action, col(OrganizationRow.id), col(OrganizationRow.unit_id))
    statement = sa.select(col(OrganizationRow.id)).where(col(OrganizationRow.id).in_(list(ids)), allowed)
    return frozenset(await db.scalars(statement))


@dataclass(frozen=True, slots=True)
class OrganizationFields:
    """What an organization's record holds. Employees in people; the industry by GB/T 4754."""

    name: str
    kind: OrganizationKind
    division_code: str
    employee_count: int | None
    industry_code: str | None


async def _checked(db: Read, fields: OrganizationFields) -> dict[str, Any]:
    name = fields.name.strip()
    if not 1 <= len(name) <= NAME_MOST:
        raise Invalid(
            "name",
            zh=f"名称需为 1 至 {NAME_MOST} 个字符。",
            en=f"The name must have 1 to {NAME_MOST} characters.",
        )
    if fields.employee_count is not None and not 1 <= fields.employee_count <= EMPLOYEES_MOST:
        raise Invalid(
            "employee_count", zh="员工人数须为正数。", en="The number of employees must be positive."
        )
    industry = fields.industry_code
    if industry is not None and not (
        1 <= len(industry) <= INDUSTRY_MOST and industry.isascii() and industry.isalnum()
    ):
        raise Invalid(
            "industry_code", zh="行业代码须符合 GB/T 4754。", en="The industry must be a GB/T 4754 code."
        )
    await require_known(db, [fields.division_code], "division_code")
    return {
        "name": name,
        "name_terms": sorted(set(terms_for_index(name, single_characters=True))),
        "kind": fields.kind,
        "division_code": fields.division_code,
        "unit_id": await unit_of_division(db, fields.division_code),
        "employee_count": fields.employee_count,
        "industry_code": industry,
    }


async def create(tx: Write, fields: OrganizationFields) -> UUID:
    """Enter an organization, unverified, below the unit of its division; NotAllowed outside the member's reach."""
    require(tx.actor, Action.MANAGE_ORGANIZATIONS)
    values = await _checked(tx, fields)
    if isinstance(tx.actor, StaffActor) and not await reaches(tx, tx.actor, values["unit_id"]):
        raise NotAllowed("division_code")
    identity = columns.new_id()
    await tx.insert(
        OrganizationRow,
        [
            {
                "id": identity,
                "created_at": tx.now,
                "version": 1,
                "verification": VerificationStatus.UNVERIFIED,
                **values,
            }
        ],
    )
    await record(tx, identity, VerificationStatus.UNVERIFIED)
    return identity


async def managed(tx: Write, organization_id: UUID, *field: str) -> Organization:
    """The organization, locked, if the member of staff may manage it; NotFound (at `field`) when it is out of reach."""
    action = Action.MANAGE_ORGANIZATIONS
    require(tx.actor, action)
    reached = own_or_in_reach(tx.actor, action, col(OrganizationRow.id), col(OrganizationRow.unit_id))
    found = await ORGANIZATIONS.first(
        tx,
        ORGANIZATIONS.select()
        .where(col(OrganizationRow.id) == organization_id, reached)
        .with_for_update(key_share=True),
    )
    if found is None:
        raise NotFound(*field)
    return found


async def locked(tx: Write, organization_id: UUID) -> None:
    """Hold the organization's row, as `managed` does: what is counted for it stays so until this transaction ends."""
    mine = sa.select(col(OrganizationRow.id)).where(col(OrganizationRow.id) == organization_id)
    await tx.execute(mine.with_for_update(key_share=True))


_OPTIONAL = frozenset({"employee_count", "industry_code"})


async def update(
    tx: Write,
    organization_id: UUID,
    fields: OrganizationFields,
    given: frozenset[str],
    expected_version: int | None,
) -> UUID:
    """Change a record; what is not `given` keeps its value. ChangedMeanwhile when it is not the version expected."""
    before = await managed(tx, organization_id, "id")
    if expected_version is not None and before.version != expected_version:
        raise ChangedMeanwhile("expected_version")
    kept = {name: getattr(before, name) for name in _OPTIONAL - given}
    values = await _checked(tx, replace(fields, **kept))
    staff = require_staff(tx.actor, Action.MANAGE_ORGANIZATIONS)
    if not await reaches(tx, staff, values["unit_id"]):
        raise NotAllowed("division_code")
    await tx.execute(
        sa.update(OrganizationRow)
        .where(col(OrganizationRow.id) == organization_id)
        .values(**values, version=col(OrganizationRow.version) + 1)
    )
    return organization_id


async def verify(tx: Write, organization_id: UUID, verified: bool, note: str | None) -> UUID:
    """Staff say whether the organization is who it says; saying the same again changes nothing."""
    if note is not None and len(note) > NOTE_MOST:
        raise Invalid("note", zh=f"最多 {NOTE_MOST} 个字符。", en=f"{NOTE_MOST} characters at most.")
    before = await managed(tx, organization_id, "organization_id")
    after = VerificationStatus.VERIFIED if verified else VerificationStatus.REFUSED
    if before.verification is not after:
        await tx.execute(
            sa.update(OrganizationRow)
            .where(col(OrganizationRow.id) == organization_id)
            .values(verification=after, version=col(OrganizationRow.version) + 1)
        )
        await record(tx, organization_id, after, note)
        await emit(tx, OrganizationDecided(organization_id, verified, note or ""))
    return organization_id

"""Job fairs: organizations and their posts in a window of time, online or at a place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel, col

from domain.accounts.reach import reaches
from domain.core import columns
from domain.core.actors import StaffActor
from domain.core.db import Read, Write
from domain.core.divisions import require_known, within
from domain.core.faults import https_fault
from domain.core.keyset import Key, Order, instant_value, uuid_value
from domain.core.projection import projection
from domain.core.refusals import (
    ChangedMeanwhile,
    ErrorCode,
    Invalid,
    NotAllowed,
    NotFound,
    Refusal,
    refuse_all,
)
from domain.core.rights import Action, require_staff
from domain.internships.models import (
    FAIR,
    JobFairInternshipRow,
    JobFairOrganizationRow,
    JobFairRow,
    ListingRow,
)
from domain.partners.models import OrganizationRow
from domain.partners.organizations import ORGANIZATIONS

TITLE_MOST = 100
VENUE_MOST = 200
URL_MOST = 500
MEMBERS_MOST = 1_000


class UnknownMember(Refusal):
    code = ErrorCode.NOT_FOUND
    zh = "名单中有不存在的条目（{count} 个）。"
    en = "{count} of the ids are not known."


@dataclass(frozen=True, slots=True)
class JobFair:
    id: UUID
    version: int
    title: str
    unit_id: UUID
    division_code: str | None
    venue: str | None
    online: bool
    starts_at: datetime
    ends_at: datetime
    livestream_url: str | None


FAIRS = projection(JobFair, JobFairRow)
SOONEST = Order(
    "job_fairs",
    (Key(col(JobFairRow.starts_at), instant_value), Key(col(JobFairRow.id), uuid_value)),
)
LATEST = Order(
    "job_fairs_latest",
    (
        Key(col(JobFairRow.starts_at), instant_value, descending=True),
        Key(col(JobFairRow.id), uuid_value, descending=True),
    ),
)


@dataclass(frozen=True, slots=True)
class JobFairFields:
    title: str
    unit_id: UUID
    division_code: str | None
    venue: str | None
    online: bool
    starts_at: datetime
    ends_at: datetime
    livestream_url: str | None


def _faults(fields: JobFairFields) -> Iterable[Refusal]:
    if not 1 <= len(fields.title.strip()) <= TITLE_MOST:
        yield Invalid(
            "title",
            zh=f"标题需为 1 至 {TITLE_MOST} 个字符。",
            en=f"The title must have 1 to {TITLE_MOST} characters.",
        )
    if fields.venue is not None and len(fields.venue) > VENUE_MOST:
        yield Invalid("venue", zh=f"最多 {VENUE_MOST} 个字符。", en=f"{VENUE_MOST} characters at most.")
    if fields.ends_at <= fields.starts_at:
        yield Invalid("ends_at", zh="结束时间须晚于开始时间。", en="The end must come after the start.")
    yield from https_fault("livestream_url", fields.livestream_url, URL_MOST)
    if not fields.online and not fields.venue:
        yield Invalid("venue", zh="线下活动须填写地点。", en="A fair that is not online needs a venue.")


async def _require_all(tx: Write, table: type[SQLModel], ids: Sequence[UUID], field: str) -> None:
    identity = sa.inspect(table).columns["id"]
    known = await tx.scalar(sa.select(sa.func.count()).where(identity.in_(ids)))
    if known != len(set(ids)):
        raise UnknownMember(field, count=len(set(ids)) - known)


async def _set_members(
    tx: Write, fair_id: UUID, organization_ids: Sequence[UUID] | None, internship_ids: Sequence[UUID] | None
) -> None:
    for members, table, name, of in (
        (organization_ids, JobFairOrganizationRow, "organization_id", OrganizationRow),
        (internship_ids, JobFairInternshipRow, "internship_id", ListingRow),
    ):
        if members is None:
            continue
        if len(members) > MEMBERS_MOST:
            raise Invalid(f"{name}s", zh=f"最多 {MEMBERS_MOST} 项。", en=f"{MEMBERS_MOST} at most.")
        await _require_all(tx, of, members, f"{name}s")
        if table is JobFairInternshipRow:
            await _tell_of(tx, fair_id, set(members))
        await tx.execute(sa.delete(table).where(sa.inspect(table).columns["job_fair_id"] == fair_id))
        await tx.insert(table, ({"job_fair_id": fair_id, name: member} for member in dict.fromkeys(members)))


async def _tell_of(tx: Write, fair_id: UUID, members: set[UUID]) -> None:
    """Let listings be found by the fair that shows them, and by it no more those that it showed before. They are locked in the order of their ids."""
    shown = col(JobFairInternshipRow.internship_id)
    before = set(await tx.scalars(sa.select(shown).where(col(JobFairInternshipRow.job_fair_id) == fair_id)))
    identity, lexemes, lexeme = col(ListingRow.id), col(ListingRow.fair_lexemes), f"{FAIR}{fair_id}"
    changed = sa.select(identity).where(identity.in_(before ^ members)).order_by(identity)
    await tx.rows(changed.with_for_update(key_share=True))
    for some, told in (
        (members - before, sa.func.array_append(lexemes, lexeme)),
        (before - members, sa.func.array_remove(lexemes, lexeme)),
    ):
        if some:
            await tx.execute(sa.update(ListingRow).where(identity.in_(some)).values(fair_lexemes=told))


_OPTIONAL = frozenset({"division_code", "venue", "livestream_url"})


async def save(
    tx: Write,
    fair_id: UUID | None,
    fields: JobFairFields,
    given: frozenset[str],
    *,
    organization_ids: Sequence[UUID],
    internship_ids: Sequence[UUID],
    expected_version: int | None,
) -> UUID:
    """Enter a fair, or change one, keeping what is not `given`. Its unit must be in the member's reach."""
    staff = require_staff(tx.actor, Action.MANAGE_JOB_FAIRS)
    before = None if fair_id is None else await _managed(tx, staff, fair_id, expected_version)
    if before is not None:
        fields = replace(fields, **{name: getattr(before, name) for name in _OPTIONAL - given})
    refuse_all(_faults(fields))
    if fields.division_code is not None:
        await require_known(tx, [fields.division_code], "division_code")
    if not await reaches(tx, staff, fields.unit_id):
        raise NotAllowed("unit_id")
    values: dict[str, Any] = {name: getattr(fields, name) for name in JobFairFields.__slots__}
    values["title"] = fields.title.strip()
    if fair_id is None:
        fair_id = columns.new_id()
        await tx.insert(JobFairRow, [{"id": fair_id, "version": 1, "created_at": tx.now, **values}])
    else:
        await tx.execute(
            sa.update(JobFairRow)
            .where(col(JobFairRow.id) == fair_id)
            .values(**values, version=col(JobFairRow.version) + 1)
        )
    await _set_members(
        tx,
        fair_id,
        organization_ids if before is None or "organization_ids" in given else None,
        internship_ids if before is None or "internship_ids" in given else None,
    )
    return fair_id


async def _managed(tx: Write, staff: StaffActor, fair_id: UUID, expected_version: int | None) -> JobFair:
    """The fair, locked, if the member reaches its unit; ChangedMeanwhile when it is not the version expected."""
    found = await FAIRS.first(tx, FAIRS.select().where(col(JobFairRow.id) == fair_id).with_for_update())
    if found is None or not await reaches(tx, staff, found.unit_id):
        raise NotFound("id")
    if expected_version is not None and found.version != expected_version:
        raise ChangedMeanwhile("expected_version")
    return found


async def fairs(db: Read, ids: Iterable[UUID]) -> dict[UUID, JobFair]:
    return await FAIRS.of_ids(db, ids)


def matching(now: datetime, *, upcoming: bool | None, division_codes: Iterable[str] | None) -> sa.Select[Any]:
    """Fairs that fit; `upcoming` are those not yet over."""
    statement = FAIRS.select()
    if upcoming is not None:
        not_over = col(JobFairRow.ends_at) > now
        statement = statement.where(not_over if upcoming else ~not_over)
    if division_codes is not None:
        statement = statement.where(within(col(JobFairRow.division_code), division_codes))
    return statement


def taking_part() -> sa.Select[Any]:
    """Organizations with the fairs that they take part in."""
    return ORGANIZATIONS.select().join(
        JobFairOrganizationRow, col(JobFairOrganizationRow.organization_id) == col(OrganizationRow.id)
    )


def shown_at(fair_id: UUID) -> sa.ColumnElement[bool]:
    """Listings that the fair shows."""
    return col(ListingRow.id).in_(
        sa.select(col(JobFairInternshipRow.internship_id)).where(
            col(JobFairInternshipRow.job_fair_id) == fair_id
        )
    )

"""Programme managers enter perks of merchants in their reach, and change them. The stock never falls below what is taken."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core import columns
from domain.core.db import Write
from domain.core.divisions import require_known
from domain.core.faults import length_fault, range_fault
from domain.core.refusals import ChangedMeanwhile, ErrorCode, Invalid, NotFound, Refusal, refuse_all
from domain.core.rights import Action, require_staff
from domain.partners.models import OrganizationRow
from domain.partners.organizations import ORGANIZATIONS, Organization, own_or_in_reach
from domain.volunteering.perks.models import PerkCategory, PerkRow
from domain.volunteering.perks.perk import PERKS, Perk
from domain.volunteering.perks.wording import perk_document
from domain.volunteering.stars import STARS_MOST

TITLE_MOST, DESCRIPTION_MOST = 80, 4_000
DIVISIONS_MOST = 200
_NUMBERS = {
    "min_stars": (0, STARS_MOST),
    "points_cost": (0, 100_000),
    "stock": (0, 10_000_000),
    "per_person_limit": (1, 1_000),
    "redeem_within_days": (1, 366),
}
_KEPT = frozenset({"division_codes", "ends_on", *_NUMBERS})
"""Fields that keep their value where they are not given."""


class MerchantUnverified(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "商家通过审核后才能发布权益。"
    en = "A merchant gives perks once staff have verified it."


class BelowWhatIsTaken(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "已兑换 {taken} 份，库存不能更少。"
    en = "{taken} are redeemed already: the stock cannot be less."


@dataclass(frozen=True, slots=True)
class PerkFields:
    merchant_id: UUID
    title: str
    description: str
    category: PerkCategory
    division_codes: tuple[str, ...]
    min_stars: int
    points_cost: int
    stock: int | None
    per_person_limit: int
    starts_on: date
    ends_on: date | None
    redeem_within_days: int


def _faults(fields: PerkFields) -> Iterator[Refusal]:
    yield from length_fault("title", fields.title, 1, TITLE_MOST)
    yield from length_fault("description", fields.description, 1, DESCRIPTION_MOST)
    for name, (least, most) in _NUMBERS.items():
        yield from range_fault(name, getattr(fields, name), least, most)
    if fields.ends_on is not None and fields.ends_on < fields.starts_on:
        yield Invalid("ends_on", zh="结束日期不得早于开始日期。", en="It cannot end before it starts.")
    if len(fields.division_codes) > DIVISIONS_MOST:
        yield Invalid("division_codes", zh=f"最多 {DIVISIONS_MOST} 个。", en=f"{DIVISIONS_MOST} at most.")


async def _merchant(tx: Write, merchant_id: UUID, field: str) -> Organization:
    """NotFound (at `field`) out of the member's reach."""
    reached = own_or_in_reach(
        tx.actor, Action.MANAGE_PERKS, col(OrganizationRow.id), col(OrganizationRow.unit_id)
    )
    statement = ORGANIZATIONS.select().where(col(OrganizationRow.id) == merchant_id, reached)
    found = await ORGANIZATIONS.first(tx, statement)
    if found is None:
        raise NotFound(field)
    return found


async def _held(tx: Write, perk_id: UUID, expected_version: int | None) -> Perk:
    statement = PERKS.select().where(col(PerkRow.id) == perk_id).with_for_update(key_share=True)
    found = await PERKS.first(tx, statement)
    if found is None:
        raise NotFound("id")
    await _merchant(tx, found.merchant_id, "id")
    if expected_version is not None and found.version != expected_version:
        raise ChangedMeanwhile("expected_version")
    return found


async def save(
    tx: Write,
    perk_id: UUID | None,
    fields: PerkFields,
    given: frozenset[str],
    expected_version: int | None,
) -> UUID:
    """Enter a perk, or change one, keeping what is not `given`."""
    require_staff(tx.actor, Action.MANAGE_PERKS)
    before = None if perk_id is None else await _held(tx, perk_id, expected_version)
    if before is not None:
        fields = replace(fields, **{name: getattr(before, name) for name in _KEPT - given})
    merchant = await _merchant(tx, fields.merchant_id, "merchant_id")
    fields = replace(fields, title=fields.title.strip(), description=fields.description.strip())
    refuse_all(_faults(fields))
    if not merchant.verified:
        raise MerchantUnverified("merchant_id")
    if before is not None and fields.stock is not None and fields.stock < before.taken:
        raise BelowWhatIsTaken("stock", taken=before.taken)
    await require_known(tx, fields.division_codes, "division_codes")
    values = {**_values(fields, merchant.name), "updated_at": tx.now}
    if before is not None:
        await tx.execute(
            sa.update(PerkRow)
            .where(col(PerkRow.id) == before.id)
            .values(**values, version=col(PerkRow.version) + 1)
        )
        return before.id
    identity = columns.new_id()
    await tx.insert(PerkRow, [{"id": identity, "version": 1, "created_at": tx.now, **values}])
    return identity


def _values(fields: PerkFields, merchant: str) -> dict[str, Any]:
    values = {name: getattr(fields, name) for name in PerkFields.__slots__}
    values["division_codes"] = sorted(set(fields.division_codes))
    return {**values, **perk_document(fields.title, fields.description, merchant)}

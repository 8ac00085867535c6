"""
Landlords post flats (see `domain.core.upserts`); one that was withdrawn is listed again, one taken down by staff is not.

Only verified organizations post: nobody reviews single flats. Locks are taken in one order: the organization, then its
flats by id. The organization's keeps two calls from creating the same key twice.
"""

from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core import columns
from domain.core.db import Read, Write
from domain.core.divisions import UnknownDivision, known_codes
from domain.core.refusals import ErrorCode, Refusal
from domain.core.rights import Action, require_partner
from domain.core.states import record_all
from domain.core.upserts import UpsertResult, content_hash, require_batch, settle
from domain.hostels.rentals.models import RentalRow
from domain.hostels.rentals.rental import RentalStatus
from domain.hostels.rentals.rules import RentalContent, content_faults
from domain.hostels.rentals.wording import rental_document
from domain.partners.models import OrganizationRow
from domain.partners.organizations import ORGANIZATIONS, Organization


class LandlordUnverified(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "单位通过审核后才能发布房源。"
    en = "An organization posts flats once staff have verified it."


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is known of a flat that is there already."""

    id: UUID
    withdrawn: bool
    taken_down: bool
    listed_at: datetime
    content_hash: bytes


@dataclass(slots=True)
class _Changes:
    """What one call will write."""

    created: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    moves: list[tuple[UUID, RentalStatus, str | None]] = field(default_factory=list)


async def _landlord(tx: Write, organization_id: UUID) -> Organization:
    """The organization, locked; LandlordUnverified unless staff verified it."""
    statement = ORGANIZATIONS.select().where(col(OrganizationRow.id) == organization_id)
    found = await ORGANIZATIONS.first(tx, statement.with_for_update(key_share=True))
    if found is None or not found.verified:
        raise LandlordUnverified
    return found


async def _kept(db: Read, organization_id: UUID, refs: Sequence[str]) -> dict[str, _Kept]:
    table = RentalRow
    rows = await db.rows(
        sa.select(
            col(table.external_ref),
            col(table.id),
            col(table.withdrawn),
            col(table.taken_down),
            col(table.listed_at),
            col(table.content_hash),
        )
        .where(col(table.organization_id) == organization_id, col(table.external_ref).in_(list(refs)))
        .order_by(col(table.id))
        .with_for_update(key_share=True)
    )
    return {row[0]: _Kept(*row[1:]) for row in rows}


def _stored(content: RentalContent, landlord: str) -> dict[str, Any]:
    location = content.location
    return {
        "external_ref": content.external_ref,
        "title": content.title,
        "division_code": content.division_code,
        "address": content.address,
        "latitude": location.latitude if location else None,
        "longitude": location.longitude if location else None,
        "monthly_rent_fen": content.monthly_rent_fen,
        "discount_percent": content.discount_percent,
        "area_square_meters": content.area_square_meters,
        "bedrooms": content.bedrooms,
        "contact_url": content.contact_url,
        "available_from": content.available_from,
        "content_hash": content_hash(content),
        **rental_document(content.title, content.address, content.division_code, landlord),
    }


def _create(tx: Write, organization_id: UUID, content: RentalContent, changes: _Changes) -> UUID:
    identity = columns.new_id()
    changes.created.append(
        {
            "id": identity,
            "organization_id": organization_id,
            "listed_at": tx.now,
            "updated_at": tx.now,
            "content": content,
        }
    )
    changes.moves.append((identity, RentalStatus.LISTED, None))
    return identity


def _update(tx: Write, kept: _Kept, content: RentalContent, changes: _Changes) -> None:
    """What staff took down is stored as it is now said, for them to look at, and stays taken down."""
    comes_back = kept.withdrawn and not kept.taken_down
    changes.updated.append(
        {
            "id": kept.id,
            "withdrawn": False,
            "listed_at": tx.now if comes_back else kept.listed_at,
            "updated_at": tx.now,
            "content": content,
        }
    )
    if comes_back:
        changes.moves.append((kept.id, RentalStatus.LISTED, None))


def _with_contents(rows: list[dict[str, Any]], landlord: str) -> list[dict[str, Any]]:
    return [row | _stored(row.pop("content"), landlord) for row in rows]


def _faults(content: RentalContent, codes: frozenset[str], tx: Write) -> list[Refusal]:
    """Every reason against one flat."""
    faults = list(content_faults(content, tx.today))
    if content.division_code not in codes:
        faults.append(UnknownDivision("division_code", code=content.division_code[:6]))
    return faults


async def upsert(tx: Write, contents: Sequence[RentalContent]) -> list[UpsertResult]:
    """Post the flats; one result each, in order. TooManyAtOnce beyond 500."""
    partner = require_partner(tx.actor, Action.POST_RENTALS)
    require_batch(contents, "rentals")
    landlord = await _landlord(tx, partner.organization_id)
    codes = await known_codes(tx, {content.division_code for content in contents})
    kept = await _kept(tx, landlord.id, [content.external_ref for content in contents])
    changes = _Changes()
    results = settle(
        contents,
        kept,
        "rentals",
        faults=lambda content, _: _faults(content, codes, tx),
        create=lambda content: _create(tx, landlord.id, content, changes),
        update=lambda content, before: _update(tx, before, content, changes),
    )
    # Cutting 500 texts into words takes its time: in a thread, so that others are served meanwhile.
    await tx.insert(RentalRow, await to_thread(_with_contents, changes.created, landlord.name))
    await tx.update_each(RentalRow, await to_thread(_with_contents, changes.updated, landlord.name))
    await record_all(tx, changes.moves)
    return results

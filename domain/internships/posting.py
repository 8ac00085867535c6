"""
Partners post listings (see `domain.core.upserts`).

What passes is written in two statements whatever the number; the organization's row is locked meanwhile (see `gate`).
"""

from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import EducationLevel
from domain.core import columns
from domain.core.db import Read, Write
from domain.core.divisions import UnknownDivision, known_codes
from domain.core.refusals import ErrorCode, Refusal
from domain.core.rights import Action, require_partner
from domain.core.states import record_all
from domain.core.upserts import UpsertResult, content_hash, require_batch, settle
from domain.internships.gate import Gate, open_gate
from domain.internships.models import ApplicationRow, ListingRow
from domain.internships.moving import locked, reject_rest
from domain.internships.rules import ListingContent, content_faults
from domain.internships.states import OPEN, ClosedBecause, ListingStatus
from domain.internships.wording import listing_document
from domain.partners.models import OrganizationKind
from domain.partners.organizations import Organization

_EDUCATION_RANK = {level: rank for rank, level in enumerate(EducationLevel)}


class BelowAccepted(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "招收人数不得少于已录用的 {accepted} 人。"
    en = "The headcount may not fall below the {accepted} already accepted."


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is known of a listing that is there already."""

    id: UUID
    headcount: int
    accepted_count: int
    status: ListingStatus
    closed_because: ClosedBecause | None
    apply_by: date | None
    published_at: datetime | None
    content_hash: bytes
    shown: bool
    """Published, and its last day not past: counts towards the organization's headcount."""


def stored(content: ListingContent, name: str, kind: OrganizationKind) -> dict[str, Any]:
    """What a row keeps of a listing of an organization, the words to find it by among them."""
    stipend = content.stipend
    return {
        "external_ref": content.external_ref,
        "title": content.title,
        "kind": content.kind,
        "track": content.track,
        "description": content.description,
        "requirements": content.requirements,
        "division_code": content.division_code,
        "address": content.address,
        "headcount": content.headcount,
        "stipend_min_fen": stipend.min_fen if stipend else None,
        "stipend_max_fen": stipend.max_fen if stipend else None,
        "stipend_per": stipend.per if stipend else None,
        "stipend_month_fen": stipend.month_fen if stipend else 0,
        "education": content.education,
        "education_rank": _EDUCATION_RANK[content.education],
        "majors": list(content.majors),
        "skills": list(content.skills),
        "days_per_week": content.days_per_week,
        "duration_weeks": content.duration_weeks,
        "housing_provided": content.housing_provided,
        "starts_on": content.starts_on,
        "apply_by": content.apply_by,
        "content_hash": content_hash(content),
        "organization_kind": kind,
        **listing_document(content, name),
    }


def _next_status(kept: _Kept, content: ListingContent, passed: ListingStatus, *, room: bool) -> ListingStatus:
    """Where a changed listing goes, `passed` being where the gate sends it."""
    match kept.status:
        case ListingStatus.PUBLISHED:
            return passed if room else ListingStatus.CLOSED
        case ListingStatus.CLOSED:
            reopened = content.headcount != kept.headcount or content.apply_by != kept.apply_by
            return passed if room and reopened else ListingStatus.CLOSED
        case ListingStatus.IN_REVIEW if room:
            return passed
        case _:
            return ListingStatus.IN_REVIEW


async def _kept(db: Read, organization_id: UUID, refs: Sequence[str]) -> dict[str, _Kept]:
    table = ListingRow
    shown = sa.and_(col(table.status) == ListingStatus.PUBLISHED, col(table.open_until) >= db.today)
    rows = await db.rows(
        sa.select(
            col(table.external_ref),
            col(table.id),
            col(table.headcount),
            col(table.accepted_count),
            col(table.status),
            col(table.closed_because),
            col(table.apply_by),
            col(table.published_at),
            col(table.content_hash),
            shown,
        )
        .where(col(table.organization_id) == organization_id, col(table.external_ref).in_(list(refs)))
        .order_by(col(table.id))
        .with_for_update(of=table, key_share=True)
    )
    return {row[0]: _Kept(*row[1:]) for row in rows}


@dataclass(slots=True)
class _Changes:
    """What one call will write."""

    created: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    moves: list[tuple[UUID, ListingStatus, str | None]] = field(default_factory=list)
    filled: list[UUID] = field(default_factory=list)
    """Listings whose headcount was brought down to those accepted already."""


def _create(tx: Write, gate: Gate, content: ListingContent, changes: _Changes) -> UUID:
    identity, status = columns.new_id(), gate.status
    is_published = status is ListingStatus.PUBLISHED
    changes.created.append(
        {
            "id": identity,
            "organization_id": gate.organization.id,
            "status": status,
            "published_at": tx.now if is_published else None,
            "created_at": tx.now,
            "updated_at": tx.now,
            "content": content,
        }
    )
    changes.moves.append((identity, status, None))
    if is_published:
        gate.published_headcount += content.headcount
    return identity


def _update(tx: Write, gate: Gate, kept: _Kept, content: ListingContent, changes: _Changes) -> None:
    room = content.headcount > kept.accepted_count
    status = _next_status(kept, content, gate.status, room=room)
    is_published = status is ListingStatus.PUBLISHED
    again = is_published and not kept.shown
    closed = status is ListingStatus.CLOSED
    full = closed and not room and kept.closed_because is not ClosedBecause.BY_ORGANIZATION
    changes.updated.append(
        {
            "id": kept.id,
            "status": status,
            "closed_because": ClosedBecause.NO_HEADCOUNT_LEFT
            if full
            else kept.closed_because
            if closed
            else None,
            "published_at": tx.now if again else kept.published_at,
            "updated_at": tx.now,
            "content": content,
        }
    )
    if not room:
        changes.filled.append(kept.id)
    if status is not kept.status or again:
        changes.moves.append((kept.id, status, None))
    before = kept.headcount if kept.shown else 0
    gate.published_headcount += (content.headcount if is_published else 0) - before


def _with_contents(rows: list[dict[str, Any]], organization: Organization) -> list[dict[str, Any]]:
    return [row | stored(row.pop("content"), organization.name, organization.kind) for row in rows]


async def _write(tx: Write, changes: _Changes, organization: Organization) -> None:
    # Cutting 500 texts into words takes a quarter of a second: in a thread, so that others are served meanwhile.
    changes.created = await to_thread(_with_contents, changes.created, organization)
    changes.updated = await to_thread(_with_contents, changes.updated, organization)
    await tx.insert(ListingRow, changes.created)
    await tx.update_each(ListingRow, changes.updated)
    await record_all(tx, changes.moves)
    if changes.filled:
        waiting = sa.and_(
            col(ApplicationRow.internship_id).in_(changes.filled), col(ApplicationRow.status).in_(OPEN)
        )
        await reject_rest(tx, await locked(tx, waiting))


async def upsert(tx: Write, contents: Sequence[ListingContent]) -> list[UpsertResult]:
    """Post the listings; one result each, in order. TooManyAtOnce beyond 500."""
    partner = require_partner(tx.actor, Action.POST_INTERNSHIPS)
    require_batch(contents, "internships")
    codes = await known_codes(tx, {content.division_code for content in contents})
    gate = await open_gate(tx, partner.organization_id, set(codes))
    kept = await _kept(tx, partner.organization_id, [content.external_ref for content in contents])
    changes = _Changes()
    results = settle(
        contents,
        kept,
        "internships",
        faults=lambda content, before: _faults(gate, before, content, codes, tx),
        create=lambda content: _create(tx, gate, content, changes),
        update=lambda content, before: _update(tx, gate, before, content, changes),
    )
    await _write(tx, changes, gate.organization)
    return results


def _faults(
    gate: Gate, before: _Kept | None, content: ListingContent, codes: frozenset[str], tx: Write
) -> list[Refusal]:
    """Every reason against one listing."""
    faults = list(content_faults(content, tx.today))
    if content.division_code not in codes:
        return [*faults, UnknownDivision("division_code", code=content.division_code[:6])]
    if before is not None and content.headcount < before.accepted_count:
        faults.append(BelowAccepted("headcount", accepted=before.accepted_count))
    if faults:
        return faults
    return gate.faults(content, before.headcount if before is not None and before.shown else 0)

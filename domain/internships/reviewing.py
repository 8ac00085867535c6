"""Staff review what may not be published at once; organizations close what they no longer offer."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.refusals import ErrorCode, Invalid, MoveImpossible, NotFound, Refusal, refuse_all
from domain.core.rights import Action, require, require_staff
from domain.core.states import record
from domain.internships.events import ListingReviewed
from domain.internships.gate import Gate, open_gate
from domain.internships.listing import LISTINGS, Listing, records_visible
from domain.internships.models import ListingRow
from domain.internships.rules import ApplyByPast, industry_fault, share_fault, wage_fault
from domain.internships.states import LISTING_STATES, ClosedBecause, ListingStatus

NOTE_MOST = 1_000


class ReasonNeeded(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "不予通过时须说明理由。"
    en = "A refusal needs a reason."


async def _locked(tx: Write, action: Action, listing_id: UUID) -> Listing:
    found = await LISTINGS.first(
        tx,
        LISTINGS.select()
        .where(col(ListingRow.id) == listing_id, records_visible(tx.actor, action))
        .with_for_update(key_share=True),
    )
    if found is None:
        raise NotFound("internship_id")
    return found


def _require_publishable(gate: Gate, listing: Listing, today: date) -> None:
    """Refused by the rules that may have turned against a listing while it waited."""
    if listing.apply_by is not None and listing.apply_by < today:
        raise ApplyByPast("internship_id", apply_by=listing.apply_by.isoformat())
    organization = gate.organization
    faults = [
        industry_fault(organization.industry_code, gate.banned_industries),
        wage_fault(listing.kind, listing.stipend, gate.wages[listing.division_code], gate.wage_share),
    ]
    if organization.employee_count is not None:
        faults.append(
            share_fault(
                listing.headcount,
                gate.published_headcount,
                organization.employee_count,
                gate.share_of_employees,
            )
        )
    found = [fault for fault in faults if fault is not None]
    for fault in found:
        fault.field = ("internship_id",)
    refuse_all(found)


async def review(tx: Write, listing_id: UUID, approve: bool, note: str | None) -> UUID:
    """
    Publish or refuse a listing in review. Saying the same again changes nothing.

    The gate's rules and the last day hold here too: staff cannot publish past them. A listing that filled up
    while it waited is CLOSED.
    """
    require_staff(tx.actor, Action.REVIEW_INTERNSHIPS)
    if not approve and not (note or "").strip():
        raise ReasonNeeded("note")
    if note is not None and len(note) > NOTE_MOST:
        raise Invalid("note", zh=f"最多 {NOTE_MOST} 个字符。", en=f"{NOTE_MOST} characters at most.")
    after = ListingStatus.PUBLISHED if approve else ListingStatus.REJECTED
    seen = await LISTINGS.first(
        tx,
        LISTINGS.select().where(
            col(ListingRow.id) == listing_id, records_visible(tx.actor, Action.REVIEW_INTERNSHIPS)
        ),
    )
    if seen is None:
        raise NotFound("internship_id")
    # The organization first, then its listing: the order in which posting locks them too.
    gate = await open_gate(tx, seen.organization_id, {seen.division_code})
    before = await _locked(tx, Action.REVIEW_INTERNSHIPS, listing_id)
    filled_up = before.closed_because is ClosedBecause.NO_HEADCOUNT_LEFT
    if before.status is after or (approve and filled_up):
        return listing_id
    if before.status is not ListingStatus.IN_REVIEW:
        raise MoveImpossible("internship_id", status=before.status.value)
    if approve and before.remaining < 1:
        after = ListingStatus.CLOSED
    elif approve:
        _require_publishable(gate, before, tx.today)
    await tx.execute(
        sa.update(ListingRow)
        .where(col(ListingRow.id) == listing_id)
        .values(
            status=after,
            closed_because=ClosedBecause.NO_HEADCOUNT_LEFT if after is ListingStatus.CLOSED else None,
            published_at=tx.now if approve else None,
            updated_at=tx.now,
        )
    )
    await record(tx, listing_id, after, note)
    await emit(tx, ListingReviewed(listing_id, before.organization_id, approve, note or ""))
    return listing_id


async def close(tx: Write, listing_id: UUID) -> UUID:
    """The organization takes a listing out of the lists; applications that are open go on. Again: nothing changes."""
    require(tx.actor, Action.POST_INTERNSHIPS)
    before = await _locked(tx, Action.POST_INTERNSHIPS, listing_id)
    if before.status is ListingStatus.CLOSED:
        if before.closed_because is not ClosedBecause.BY_ORGANIZATION:
            await _set_closed(tx, listing_id)  # closed by time or for want of places: now by its own wish
        return listing_id
    if not LISTING_STATES.may(before.status, ListingStatus.CLOSED):
        raise MoveImpossible("internship_id", status=before.status.value)
    await _set_closed(tx, listing_id)
    await record(tx, listing_id, ListingStatus.CLOSED)
    return listing_id


async def _set_closed(tx: Write, listing_id: UUID) -> None:
    await tx.execute(
        sa.update(ListingRow)
        .where(col(ListingRow.id) == listing_id)
        .values(status=ListingStatus.CLOSED, closed_because=ClosedBecause.BY_ORGANIZATION, updated_at=tx.now)
    )

"""
Moving an application along its edges, for whoever moves it.

The order of locks, everywhere: first one listing's row, then applications' rows by rising id. Nobody who holds an
application waits for a listing, so no circle of waiting can close. (Posting holds several listings; it alone does, one
call at a time for each organization.) Who decides by what he has seen decides after locking, not before.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.states import record_all
from domain.internships.application import APPLICATIONS, Application
from domain.internships.events import ApplicationMoved
from domain.internships.listing import LISTINGS, Listing
from domain.internships.models import ApplicationRow, ListingRow
from domain.internships.states import OPEN, ApplicationStatus

HEADCOUNT_GONE = "名额已满 (no place left)"
_OWN_CHOICE = (ApplicationStatus.WITHDRAWN, ApplicationStatus.DECLINED)


async def listing_held(tx: Write, listing_id: UUID) -> Listing:
    """The listing, locked: its places and its state are this transaction's to change. New applications wait."""
    held = LISTINGS.select().where(col(ListingRow.id) == listing_id).with_for_update(key_share=True)
    listing = await LISTINGS.first(tx, held)
    assert listing is not None  # applications refer to it, and listings are never deleted
    return listing


async def locked(tx: Write, where: sa.ColumnElement[bool]) -> list[Application]:
    """Applications, locked in the order of their ids."""
    return await APPLICATIONS.all(
        tx, APPLICATIONS.select().where(where).order_by(col(ApplicationRow.id)).with_for_update()
    )


async def move(
    tx: Write,
    applications: Iterable[Application],
    after: ApplicationStatus,
    *,
    note: str | None = None,
    by_youth: bool = False,
    by_rule: bool = False,
    may_apply_again: bool = False,
    interview_at: datetime | None = None,
) -> None:
    """
    Move applications that this transaction has locked; history and news in the same breath.

    A move that is not the youth's is the organization's answer, unless a rule made it.
    """
    moved = list(applications)
    if not moved:
        return
    changes: dict[str, Any] = {"status": after, "updated_at": tx.now}
    if interview_at is not None:
        changes["interview_at"] = interview_at
    if after not in OPEN:
        changes |= {"open_slot": None, "may_apply_again": may_apply_again or after in _OWN_CHOICE}
    if not by_youth and not by_rule:
        changes["answered_at"] = sa.func.coalesce(col(ApplicationRow.answered_at), tx.now)
    ids = [application.id for application in moved]
    await tx.execute(sa.update(ApplicationRow).where(col(ApplicationRow.id).in_(ids)).values(changes))
    await record_all(tx, [(identity, after, note) for identity in ids])
    told = [news(found, after, by_youth=by_youth, note=note, interview_at=interview_at) for found in moved]
    if interview_at is not None:
        told = [replace(event, division_code=await _division_of(tx, event.internship_id)) for event in told]
    await emit(tx, *told)


async def _division_of(tx: Write, listing_id: UUID) -> str:
    return str(
        await tx.scalar(sa.select(col(ListingRow.division_code)).where(col(ListingRow.id) == listing_id))
    )


async def reject_rest(tx: Write, rest: Iterable[Application]) -> None:
    """The headcount is gone: whoever still waits is told, and may apply again when a place comes free."""
    await move(tx, rest, ApplicationStatus.REJECTED, note=HEADCOUNT_GONE, by_rule=True, may_apply_again=True)


def news(
    application: Application,
    after: ApplicationStatus,
    *,
    by_youth: bool,
    note: str | None,
    interview_at: datetime | None = None,
) -> ApplicationMoved:
    return ApplicationMoved(
        application_id=application.id,
        internship_id=application.internship_id,
        organization_id=application.organization_id,
        youth_id=application.youth_id,
        status=after.value,
        by_youth=by_youth,
        note=note or "",
        interview_at="" if interview_at is None else interview_at.isoformat(),
    )


async def one_locked(tx: Write, application_id: UUID, readable: sa.ColumnElement[bool]) -> Application | None:
    found = await locked(tx, sa.and_(col(ApplicationRow.id) == application_id, readable))
    return found[0] if found else None

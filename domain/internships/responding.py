"""
The youth answers an offer; an acceptance takes one of the headcount, never more.

The listing's row is locked first, then every application that the acceptance touches, by rising id (see `moving`): the
youth's own open ones, and, when the last place goes, the others to this listing. What is decided is decided then; the
CHECK on the listing has the last word on places.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.refusals import MoveImpossible, NotFound, Refusal
from domain.core.rights import require_youth
from domain.core.states import record
from domain.internships.application import APPLICATIONS, Application
from domain.internships.eligibility import PlacesGone
from domain.internships.listing import Listing
from domain.internships.models import ApplicationRow, ListingRow
from domain.internships.moving import HEADCOUNT_GONE, listing_held, locked, move, one_locked, reject_rest
from domain.internships.rules import overlap
from domain.internships.states import OPEN, PLACED, ApplicationStatus, ClosedBecause, ListingStatus

ACCEPTED_ELSEWHERE = "已接受其他岗位 (accepted another place)"


async def respond(tx: Write, application_id: UUID, accept: bool) -> UUID:
    """Accept or decline an offer; the same answer again changes nothing. PlacesGone when the last place went before."""
    youth = require_youth(tx.actor)
    own = sa.and_(col(ApplicationRow.id) == application_id, col(ApplicationRow.youth_id) == youth.id)
    seen = await APPLICATIONS.first(tx, APPLICATIONS.select().where(own))
    if seen is None:
        raise NotFound("application_id")
    if accept:
        if seen.status not in PLACED:
            await _accept(tx, seen)
    else:
        await _decline(tx, seen)
    return application_id


async def _decline(tx: Write, seen: Application) -> None:
    application = await one_locked(tx, seen.id, sa.true())
    if application is None or application.status is ApplicationStatus.DECLINED:
        return
    if application.status is not ApplicationStatus.OFFERED:
        raise MoveImpossible("application_id", status=application.status.value)
    await move(tx, [application], ApplicationStatus.DECLINED, by_youth=True)


async def _accept(tx: Write, seen: Application) -> None:
    if seen.status is not ApplicationStatus.OFFERED:
        raise _fault(seen)
    listing = await listing_held(tx, seen.internship_id)
    touched = col(ApplicationRow.youth_id) == seen.youth_id
    is_last = listing.remaining == 1
    if is_last:
        touched = sa.or_(touched, col(ApplicationRow.internship_id) == listing.id)
    held = await locked(tx, sa.and_(col(ApplicationRow.status).in_(OPEN), touched))
    own = next((found for found in held if found.id == seen.id), None)
    if own is None or own.status is not ApplicationStatus.OFFERED:
        await _accepted_or_fault(tx, seen.id)
        return
    await _take_place(tx, listing, is_last=is_last)
    await move(tx, [own], ApplicationStatus.ACCEPTED, by_youth=True)
    rivals = [found for found in held if found.internship_id == own.internship_id and found.id != own.id]
    await reject_rest(tx, rivals)
    others = [
        found for found in held if found.youth_id == own.youth_id and found.internship_id != own.internship_id
    ]
    await move(
        tx,
        await _overlapping(tx, own, others),
        ApplicationStatus.WITHDRAWN,
        note=ACCEPTED_ELSEWHERE,
        by_youth=True,
    )


async def _take_place(tx: Write, listing: Listing, *, is_last: bool) -> None:
    """Count one more accepted; the last place closes the listing. PlacesGone when there is none."""
    if listing.remaining < 1:
        raise PlacesGone("application_id")
    changes: dict[str, Any] = {"accepted_count": col(ListingRow.accepted_count) + 1}
    closes = is_last and listing.status is ListingStatus.PUBLISHED
    if closes:
        changes |= {"status": ListingStatus.CLOSED, "closed_because": ClosedBecause.NO_HEADCOUNT_LEFT}
    await tx.execute(sa.update(ListingRow).where(col(ListingRow.id) == listing.id).values(changes))
    if closes:
        await record(tx, listing.id, ListingStatus.CLOSED, HEADCOUNT_GONE)


def _fault(application: Application) -> Refusal:
    """Why an offer cannot be accepted any more."""
    if application.status is ApplicationStatus.REJECTED and application.may_apply_again:
        return PlacesGone("application_id")
    return MoveImpossible("application_id", status=application.status.value)


async def _accepted_or_fault(tx: Write, application_id: UUID) -> None:
    """Nothing when another call of the youth's own has just accepted the offer."""
    now = await one_locked(tx, application_id, sa.true())
    assert now is not None  # applications are never deleted
    if now.status not in PLACED:
        raise _fault(now)


async def _overlapping(tx: Write, own: Application, others: list[Application]) -> list[Application]:
    """Those of the youth's other open applications whose dates overlap with the accepted one's."""
    if not others:
        return []
    table = ListingRow
    ids = [own.internship_id, *(found.internship_id for found in others)]
    rows = await tx.rows(
        sa.select(col(table.id), col(table.starts_on), col(table.duration_weeks)).where(
            col(table.id).in_(ids)
        )
    )
    dates = {row.id: (row.starts_on, row.duration_weeks) for row in rows}
    mine = dates[own.internship_id]
    return [found for found in others if overlap(mine, dates[found.internship_id])]

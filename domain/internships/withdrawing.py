"""The youth withdraws, up to and from ACCEPTED; a place that was taken is given back and the listing opens again."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.refusals import ChangedMeanwhile, MoveImpossible, NotFound
from domain.core.rights import require_youth
from domain.core.states import record
from domain.internships.application import APPLICATIONS
from domain.internships.listing import Listing
from domain.internships.models import ApplicationRow, ListingRow
from domain.internships.moving import listing_held, move, one_locked
from domain.internships.states import APPLICATION_STATES, ApplicationStatus, ClosedBecause, ListingStatus

PLACE_FREE_AGAIN = "名额已释放 (a place came free)"


async def withdraw(tx: Write, application_id: UUID) -> UUID:
    """Withdraw the youth's own application; again changes nothing. MoveImpossible once it is decided or begun."""
    youth = require_youth(tx.actor)
    own = sa.and_(col(ApplicationRow.id) == application_id, col(ApplicationRow.youth_id) == youth.id)
    seen = await APPLICATIONS.first(tx, APPLICATIONS.select().where(own))
    if seen is None:
        raise NotFound("application_id")
    # The listing before the application (see `moving`), also for an offer: an acceptance may be under way.
    listing = (
        await listing_held(tx, seen.internship_id)
        if seen.status in (ApplicationStatus.OFFERED, ApplicationStatus.ACCEPTED)
        else None
    )
    application = await one_locked(tx, application_id, own)
    assert application is not None  # applications are never deleted
    if application.status is ApplicationStatus.WITHDRAWN:
        return application_id
    if not APPLICATION_STATES.may(application.status, ApplicationStatus.WITHDRAWN):
        raise MoveImpossible("application_id", status=application.status.value)
    if application.status is ApplicationStatus.ACCEPTED:
        if listing is None:  # offered and accepted between our look and the lock
            raise ChangedMeanwhile("application_id")
        await _give_back(tx, listing)
    await move(tx, [application], ApplicationStatus.WITHDRAWN, by_youth=True)
    return application_id


async def _give_back(tx: Write, listing: Listing) -> None:
    """One place less taken; a listing that was closed for want of places opens again until its last day."""
    opens = listing.closed_because is ClosedBecause.NO_HEADCOUNT_LEFT and (
        listing.apply_by is None or listing.apply_by >= tx.today
    )
    changes: dict[str, Any] = {"accepted_count": col(ListingRow.accepted_count) - 1}
    if opens:
        changes |= {"status": ListingStatus.PUBLISHED, "closed_because": None}
    await tx.execute(sa.update(ListingRow).where(col(ListingRow.id) == listing.id).values(changes))
    if opens:
        await record(tx, listing.id, ListingStatus.PUBLISHED, PLACE_FREE_AGAIN)

"""The youth withdraws, up to and from ACCEPTED; a place that was taken is given back and the listing opens again."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.refusals import ChangedMeanwhile, MoveImpossible, NotFound
from domain.core.rights import require_youth
from domain.core.states import record
from domain.internships.application import APPLICATIONS
from domain.internships.models import ApplicationRow, ListingRow
from domain.internships.moving import move, one_locked
from domain.internships.states import APPLICATION_STATES, ApplicationStatus, ClosedBecause, ListingStatus

PLACE_FREE_AGAIN = "名额已释放 (a place came free)"


async def withdraw(tx: Write, application_id: UUID) -> UUID:
    """Withdraw the youth's own application; again changes nothing. MoveImpossible once it is decided or begun."""
    youth = require_youth(tx.actor)
    own = sa.and_(col(ApplicationRow.id) == application_id, col(ApplicationRow.youth_id) == youth.id)
    seen = await APPLICATIONS.first(tx, APPLICATIONS.select().where(own))
    if seen is None:
        raise NotFound("application_id")
    if seen.status is ApplicationStatus.ACCEPTED:
        await _give_back(tx, seen.internship_id)  # the listing before the application: see `moving`
    application = await one_locked(tx, application_id, own)
    if application is None or application.status is ApplicationStatus.WITHDRAWN:
        if seen.status is ApplicationStatus.ACCEPTED:
            raise ChangedMeanwhile("application_id")
        return application_id
    if not APPLICATION_STATES.may(application.status, ApplicationStatus.WITHDRAWN):
        raise MoveImpossible("application_id", status=application.status.value)
    if application.status is not seen.status and ApplicationStatus.ACCEPTED in (
        application.status,
        seen.status,
    ):
        raise ChangedMeanwhile("application_id")
    await move(tx, [application], ApplicationStatus.WITHDRAWN, by_youth=True)
    return application_id


async def _give_back(tx: Write, listing_id: UUID) -> None:
    """One place less taken; a listing that was closed for want of places opens again until its last day."""
    table = ListingRow
    opens = sa.and_(
        col(table.closed_because) == ClosedBecause.NO_HEADCOUNT_LEFT, col(table.open_until) >= tx.today
    )
    was_full = await tx.scalar(
        sa.select(opens).where(col(table.id) == listing_id).with_for_update(key_share=True)
    )
    await tx.execute(
        sa.update(table)
        .where(col(table.id) == listing_id)
        .values(
            accepted_count=col(table.accepted_count) - 1,
            status=sa.case((opens, ListingStatus.PUBLISHED.value), else_=col(table.status)),
            closed_because=sa.case((opens, sa.null()), else_=col(table.closed_because)),
        )
    )
    if was_full:
        await record(tx, listing_id, ListingStatus.PUBLISHED, PLACE_FREE_AGAIN)

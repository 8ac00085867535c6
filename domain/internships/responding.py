"""
The youth answers an offer; an acceptance takes one of the headcount, never more.

The listing's row is taken first, by the conditional UPDATE that counts the place, then every application that the
acceptance touches, by rising id (see `moving`): the youth's own open ones, and, when the last place goes, the others
to this listing.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.refusals import MoveImpossible, NotFound
from domain.core.rights import require_youth
from domain.core.states import record
from domain.internships.application import APPLICATIONS, Application
from domain.internships.eligibility import PlacesGone
from domain.internships.models import ApplicationRow, ListingRow
from domain.internships.moving import HEADCOUNT_GONE, locked, move, one_locked, reject_rest
from domain.internships.rules import overlap
from domain.internships.states import OPEN, ApplicationStatus, ClosedBecause, ListingStatus

ACCEPTED_ELSEWHERE = "已接受其他岗位 (accepted another place)"


async def respond(tx: Write, application_id: UUID, accept: bool) -> UUID:
    """Accept or decline an offer; the same answer again changes nothing. PlacesGone when the last place went before."""
    youth = require_youth(tx.actor)
    own = sa.and_(col(ApplicationRow.id) == application_id, col(ApplicationRow.youth_id) == youth.id)
    seen = await APPLICATIONS.first(tx, APPLICATIONS.select().where(own))
    if seen is None:
        raise NotFound("application_id")
    if accept:
        if seen.status is not ApplicationStatus.ACCEPTED:
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
    if seen.status not in (ApplicationStatus.OFFERED, ApplicationStatus.REJECTED):
        raise MoveImpossible("application_id", status=seen.status.value)
    full = await _take_place(tx, seen.internship_id)
    is_open = col(ApplicationRow.status).in_(OPEN)
    touched = col(ApplicationRow.youth_id) == seen.youth_id
    if full:
        touched = sa.or_(touched, col(ApplicationRow.internship_id) == seen.internship_id)
    held = await locked(tx, sa.and_(is_open, touched))
    own = next((found for found in held if found.id == seen.id), None)
    if own is None or own.status is not ApplicationStatus.OFFERED:
        await _explain(tx, seen)
        return
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


async def _take_place(tx: Write, listing_id: UUID) -> bool:
    """Count one more accepted, if there is room; was it the last? PlacesGone otherwise."""
    table = ListingRow
    last = col(table.accepted_count) + 1 >= col(table.headcount)
    closes = sa.and_(last, col(table.status) == ListingStatus.PUBLISHED)
    row = await tx.first(
        sa.update(table)
        .where(col(table.id) == listing_id, col(table.accepted_count) < col(table.headcount))
        .values(
            accepted_count=col(table.accepted_count) + 1,
            status=sa.case((closes, ListingStatus.CLOSED.value), else_=col(table.status)),
            closed_because=sa.case(
                (closes, ClosedBecause.NO_HEADCOUNT_LEFT.value), else_=col(table.closed_because)
            ),
        )
        .returning(
            col(table.accepted_count) >= col(table.headcount),
            col(table.closed_because) == ClosedBecause.NO_HEADCOUNT_LEFT,
        )
    )
    if row is None:
        raise PlacesGone("application_id")
    full, closed_now = row
    if closed_now:
        await record(tx, listing_id, ListingStatus.CLOSED, HEADCOUNT_GONE)
    return bool(full)


async def _explain(tx: Write, seen: Application) -> None:
    """Why the offer cannot be accepted any more, or nothing when another call of the youth's own just accepted it."""
    now = await APPLICATIONS.first(tx, APPLICATIONS.select().where(col(ApplicationRow.id) == seen.id))
    status = now.status if now is not None else seen.status
    if now is not None and status is ApplicationStatus.REJECTED and now.may_apply_again:
        raise PlacesGone("application_id")
    raise MoveImpossible("application_id", status=status.value)


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

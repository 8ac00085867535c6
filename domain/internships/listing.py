"""A listing as it is read, and who may read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from domain.accounts.models import EducationLevel, Track
from domain.core.actors import Actor, Anonymous
from domain.core.db import Read
from domain.core.projection import Projection, projection
from domain.core.rights import Action, may
from domain.core.states import stands_in
from domain.core.unnesting import ByKeys, any_of
from domain.internships.models import InternshipKind, ListingRow, StipendPeriod
from domain.internships.rules import Stipend
from domain.internships.states import ClosedBecause, ListingStatus
from domain.partners.models import OrganizationRow
from domain.partners.organizations import own_or_in_reach


@dataclass(frozen=True, slots=True)
class Listing:
    id: UUID
    organization_id: UUID
    external_ref: str
    title: str
    kind: InternshipKind
    track: Track
    description: str
    requirements: str | None
    division_code: str
    address: str | None
    headcount: int
    accepted_count: int
    stipend_min_fen: int | None
    stipend_max_fen: int | None
    stipend_per: StipendPeriod | None
    education: EducationLevel
    majors: tuple[str, ...]
    skills: tuple[str, ...]
    days_per_week: int | None
    duration_weeks: int | None
    housing_provided: bool
    starts_on: date | None
    apply_by: date | None
    status: ListingStatus
    closed_because: ClosedBecause | None
    published_at: datetime | None
    updated_at: datetime

    @property
    def remaining(self) -> int:
        return self.headcount - self.accepted_count

    @property
    def stipend(self) -> Stipend | None:
        if self.stipend_min_fen is None or self.stipend_max_fen is None or self.stipend_per is None:
            return None
        return Stipend(self.stipend_min_fen, self.stipend_max_fen, self.stipend_per)

    def status_on(self, today: date) -> ListingStatus:
        """The state by the calendar: after the day `apply_by` it is CLOSED, whether or not the worker has been by."""
        if self.status is ListingStatus.PUBLISHED and self.apply_by is not None and self.apply_by < today:
            return ListingStatus.CLOSED
        return self.status


LISTINGS = projection(Listing, ListingRow)


def published(today: date | sa.BindParameter[date]) -> ColumnElement[bool]:
    """What lists show."""
    return sa.and_(
        stands_in(col(ListingRow.status), [ListingStatus.PUBLISHED]), col(ListingRow.open_until) >= today
    )


def has_status(statuses: Iterable[ListingStatus], today: date) -> ColumnElement[bool]:
    """The states as `status_on` tells them, for a WHERE."""
    wanted = set(statuses)
    over = sa.and_(col(ListingRow.status) == ListingStatus.PUBLISHED, col(ListingRow.open_until) < today)
    parts = [published(today)] if ListingStatus.PUBLISHED in wanted else []
    if ListingStatus.CLOSED in wanted:
        parts.append(over)
    stored = [status for status in wanted if status is not ListingStatus.PUBLISHED]
    return sa.or_(col(ListingRow.status).in_(stored), *parts)


def records_visible(actor: Actor, action: Action) -> ColumnElement[bool]:
    """Listings of the partner's own organization or of organizations in reach."""
    return (
        sa.select(col(OrganizationRow.id))
        .where(
            col(OrganizationRow.id) == col(ListingRow.organization_id),
            own_or_in_reach(actor, action, col(OrganizationRow.id), col(OrganizationRow.unit_id)),
        )
        .exists()
    )


def readable_by_id(actor: Actor) -> ColumnElement[bool]:
    """By id anyone reads PUBLISHED and CLOSED, the rest its organization and staff in reach."""
    public = col(ListingRow.status).in_((ListingStatus.PUBLISHED, ListingStatus.CLOSED))
    return sa.or_(public, records_visible(actor, Action.SEE_UNPUBLISHED_INTERNSHIPS))


_READABLE_BY_ALL = ByKeys(
    lambda ids: LISTINGS.select().where(col(ListingRow.id) == ids, readable_by_id(Anonymous())), sa.Uuid
)
_OF_IDS = col(ListingRow.id) == any_of("ids", sa.Uuid)


async def listings(
    db: Read, actor: Actor, ids: Iterable[UUID], columns: Projection[Listing] = LISTINGS
) -> dict[UUID, Listing]:
    """Those of the listings that the actor may read by id."""
    if may(actor, Action.SEE_UNPUBLISHED_INTERNSHIPS):
        found = await columns.all(
            db, columns.select().where(_OF_IDS, readable_by_id(actor)), {"ids": list(ids)}
        )
        return {listing.id: listing for listing in found}
    return await columns.looked_up(db, _READABLE_BY_ALL, ids)


async def visible_listing_records(
    db: Read, actor: Actor, action: Action, ids: Iterable[UUID]
) -> frozenset[UUID]:
    """Those of the listings whose records (history, applications, by `action`) the actor may see."""
    statement = sa.select(col(ListingRow.id)).where(
        col(ListingRow.id).in_(list(ids)), records_visible(actor, action)
    )
    return frozenset(await db.scalars(statement))

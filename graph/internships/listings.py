"""Listings as clients see them, one by one and in lists."""

from datetime import date, datetime
from uuid import UUID

import strawberry

from domain.internships import listing as domain
from graph.accounts.divisions import Division, division_edge
from graph.accounts.enums import EducationLevel, Track
from graph.core.context import Context, Loader, keyed_loader
from graph.core.edges import edge
from graph.core.errors import Eligibility
from graph.core.history import StateEvent
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads_view
from graph.core.views import Made, View, Views
from graph.internships.edges import (
    bookmarks_of_viewer,
    moves_of_listings,
    reasons_against,
    shown_eligibility,
)
from graph.internships.enums import InternshipKind, ListingStatus, StipendPeriod
from graph.partners.organizations import Organization, organization_edge


@strawberry.type(description="Money is in fen, as an integer.")
class Stipend:
    min_fen: int = strawberry.field(description="At least, in fen.")
    max_fen: int = strawberry.field(description="At most, in fen.")
    per: StipendPeriod = strawberry.field(description="For a day or for a month.")


@strawberry.type(description="A post for an intern or an apprentice.")
class Internship(Node):
    row: strawberry.Private[domain.Listing]
    external_ref: str | None = strawberry.field(
        description="The partner's own key for it; with the organization it is unique."
    )
    title: str = strawberry.field(description="1 to 80 characters.")
    kind: InternshipKind = strawberry.field(description="For students or for graduates.")
    track: Track = strawberry.field(description="Only youths of this track may apply; GENERAL is for all.")
    description: str = strawberry.field(description="What the work is, 1 to 4,000 characters.")
    requirements: str | None = strawberry.field(description="What is expected.")
    address: str | None = strawberry.field(description="Where in the division.")
    headcount: int = strawberry.field(description="How many are wanted, 1 to 500.")
    remaining_headcount: int = strawberry.field(description="How many of them are still to be found.")
    stipend: Stipend | None = strawberry.field(description="What is paid; null where nothing is said.")
    education: EducationLevel = strawberry.field(
        description="The least asked for; SECONDARY asks for nothing."
    )
    majors: list[str] = strawberry.field(description="Subjects asked for; empty: any.")
    skills: list[str] = strawberry.field(description="Skills asked for.")
    days_per_week: int | None = strawberry.field(description="Days at work in a week.")
    duration_weeks: int | None = strawberry.field(description="How long, in weeks.")
    housing_provided: bool = strawberry.field(description="Is a bed provided?")
    starts_on: date | None = strawberry.field(description="First day at work.")
    apply_by: date | None = strawberry.field(description="Last day to apply; null: while places last.")
    status: ListingStatus = strawberry.field(
        description="CLOSED by itself after `applyBy` and when places are gone."
    )
    published_at: datetime | None = strawberry.field(description="When it was last published.")
    updated_at: datetime = strawberry.field(description="When its content last changed.")

    organization: Organization = strawberry.field(
        resolver=organization_edge(lambda self: self.row.organization_id), description="Who posts it."
    )
    division: Division = strawberry.field(
        resolver=division_edge(lambda self: self.row.division_code),
        description="Where it is.",
    )
    viewer_has_bookmarked: bool = strawberry.field(
        resolver=edge(bookmarks_of_viewer, lambda self: self.row.id, lambda kept, _: bool(kept)),
        description="Does the signed-in youth keep it?",
    )
    viewer_eligibility: Eligibility = strawberry.field(
        resolver=edge(reasons_against, lambda self: self.row, shown_eligibility),
        description="May the viewer apply, and every reason why not?",
    )
    history: list[StateEvent] | None = strawberry.field(
        resolver=edge(moves_of_listings, lambda self: self.row.id),
        description="The posting organization and staff in reach; null for others.",
    )


def _stipend(row: domain.Listing, _today: date) -> Stipend | None:
    stipend = row.stipend
    if stipend is None:
        return None
    return Stipend(min_fen=stipend.min_fen, max_fen=stipend.max_fen, per=stipend.per)


INTERNSHIPS = Views(
    Internship,
    domain.LISTINGS,
    always=("id", "title"),  # a search's words are looked for in the title
    made={
        "id": Made(lambda row, _: encode(Tag.Internship, row.id), "id"),
        "majors": Made(lambda row, _: list(row.majors), "majors"),
        "skills": Made(lambda row, _: list(row.skills), "skills"),
        "remaining_headcount": Made(lambda row, _: row.remaining, "headcount", "accepted_count"),
        "stipend": Made(_stipend, "stipend_min_fen", "stipend_max_fen", "stipend_per"),
        "status": Made(lambda row, today: row.status_on(today), "status", "apply_by"),
    },
    reads={
        "organization": ("organization_id",),
        "division": ("division_code",),
        "viewer_has_bookmarked": ("id",),
        "viewer_eligibility": domain.LISTINGS.names,
        "history": ("id",),
        "viewer_application": ("id",),
        "applications": ("id",),
    },
)
show = INTERNSHIPS.whole.show


@loads_view(Tag.Internship, INTERNSHIPS)
async def load_listings(
    context: Context, ids: list[UUID], view: View[domain.Listing, Internship] = INTERNSHIPS.whole
) -> dict[UUID, Internship]:
    async with context.read() as db:
        found = await domain.listings(db, context.actor, ids, view.projection)
    return {key: view.show(row, db.today) for key, row in found.items()}


def _of_applications(context: Context) -> Loader[UUID, Internship | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, Internship]:
        async with context.read() as db:
            return {row.id: show(row, db.today) for row in await domain.LISTINGS.by_ids(db, ids)}

    return keyed_loader(fetch)


async def listing_applied_to(context: Context, key: UUID) -> Internship:
    """Whoever reads an application reads its listing, also while that is in review again."""
    found = await context.loader(_of_applications).load(key)
    assert found is not None  # the database's foreign key says so
    return found

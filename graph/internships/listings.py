"""Listings as clients see them, one by one and in lists."""

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from domain.core.actors import YouthActor
from domain.core.refusals import Refusal
from domain.core.rights import Action
from domain.core.states import histories
from domain.internships import bookmarks
from domain.internships import listing as domain
from domain.internships.eligibility import eligibilities
from graph.accounts.divisions import Division, known_division
from graph.accounts.enums import EducationLevel, Track
from graph.core.context import Context, Info, keyed_loader
from graph.core.errors import Eligibility
from graph.core.history import StateEvent, show_move
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads
from graph.internships.enums import InternshipKind, ListingStatus, StipendPeriod
from graph.partners.organizations import Organization, organization


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

    @strawberry.field(description="Who posts it.")
    async def organization(self, info: Info) -> Organization:
        return await organization(info.context, self.row.organization_id)

    @strawberry.field(description="Where it is.")
    async def division(self, info: Info) -> Division:
        return await known_division(info.context, self.row.division_code)

    @strawberry.field(description="Does the signed-in youth keep it?")
    async def viewer_has_bookmarked(self, info: Info) -> bool:
        return bool(await info.context.loader(_bookmarked).load(self.row.id))

    @strawberry.field(description="May the viewer apply, and every reason why not?")
    async def viewer_eligibility(self, info: Info) -> Eligibility:
        reasons: list[Refusal] = await info.context.loader(_reasons).load(self.row)
        return Eligibility.of(reasons, info.context.language)

    @strawberry.field(description="The posting organization and staff in reach; null for others.")
    async def history(self, info: Info) -> list[StateEvent] | None:
        return await info.context.loader(_history).load(self.row.id)


def show(row: domain.Listing, today: date) -> Internship:
    stipend = row.stipend
    return Internship(
        id=encode(Tag.Internship, row.id),
        row=row,
        external_ref=row.external_ref,
        title=row.title,
        kind=row.kind,
        track=row.track,
        description=row.description,
        requirements=row.requirements,
        address=row.address,
        headcount=row.headcount,
        remaining_headcount=row.remaining,
        stipend=None
        if stipend is None
        else Stipend(min_fen=stipend.min_fen, max_fen=stipend.max_fen, per=stipend.per),
        education=row.education,
        majors=list(row.majors),
        skills=list(row.skills),
        days_per_week=row.days_per_week,
        duration_weeks=row.duration_weeks,
        housing_provided=row.housing_provided,
        starts_on=row.starts_on,
        apply_by=row.apply_by,
        status=row.status_on(today),
        published_at=row.published_at,
        updated_at=row.updated_at,
    )


@loads(Tag.Internship)
async def load_listings(context: Context, ids: list[UUID]) -> dict[UUID, Internship]:
    async with context.read() as db:
        found = await domain.listings(db, context.actor, ids)
    return {key: show(row, db.today) for key, row in found.items()}


def _of_applications(context: Context) -> DataLoader[UUID, Internship | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, Internship]:
        async with context.read() as db:
            return {row.id: show(row, db.today) for row in await domain.LISTINGS.by_ids(db, ids)}

    return keyed_loader(fetch)


async def listing_applied_to(context: Context, key: UUID) -> Internship:
    """Whoever reads an application reads its listing, also while that is in review again."""
    found = await context.loader(_of_applications).load(key)
    assert found is not None  # the database's foreign key says so
    return found


def _bookmarked(context: Context) -> DataLoader[UUID, bool | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, bool]:
        if not isinstance(context.actor, YouthActor):
            return {}
        async with context.read() as db:
            return dict.fromkeys(await bookmarks.bookmarked(db, context.actor.id, ids), True)

    return keyed_loader(fetch)


def _reasons(context: Context) -> DataLoader[domain.Listing, list[Refusal]]:
    async def load(rows: list[domain.Listing]) -> list[list[Refusal]]:
        async with context.read() as db:
            found = await eligibilities(db, context.actor, rows)
        return [found[row.id] for row in rows]

    return DataLoader(load_fn=load, cache_key_fn=lambda row: row.id)


def _history(context: Context) -> DataLoader[UUID, list[StateEvent] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[StateEvent]]:
        async with context.read() as db:
            seen = await domain.visible_listing_records(
                db, context.actor, Action.SEE_UNPUBLISHED_INTERNSHIPS, ids
            )
            found = await histories(db, seen)
        return {key: [show_move(move) for move in moves] for key, moves in found.items()}

    return keyed_loader(fetch)

"""Lists of listings: searched, counted, with facets and highlights."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import strawberry
from sqlalchemy import Select

from domain.core.db import Read
from domain.core.divisions import asked_for
from domain.core.keyset import Order
from domain.core.projection import Projection
from domain.core.search import highlights
from domain.internships import facets as facets_domain
from domain.internships import finding
from domain.internships import listing as domain
from domain.internships.filtering import ListingFilter
from domain.partners.models import OrganizationKind
from graph.accounts.divisions import Division, division_edge
from graph.accounts.enums import EducationLevel, Track
from graph.core.connection import Connection, Edge, Listed, Paging, list_page
from graph.core.context import Context, Info
from graph.core.cursors import CursorBroken
from graph.core.edges import looked_through
from graph.core.ids import Tag, decode_if
from graph.core.views import View
from graph.internships.enums import InternshipKind
from graph.internships.listings import INTERNSHIPS, Internship


@strawberry.type(description="A listing in a list.")
class InternshipEdge(Edge[Internship]):
    highlights: list[str] = strawberry.field(
        description="Words of the search as found in the title, for bold type."
    )


@strawberry.type(description="How many are in a division.")
class DivisionFacet:
    code: strawberry.Private[str]
    count: int = strawberry.field(description="How many.")

    division: Division = strawberry.field(
        resolver=division_edge(lambda self: self.code), description="Where."
    )


@strawberry.type(description="How many are of a kind.")
class KindFacet:
    kind: InternshipKind = strawberry.field(description="For students or for graduates.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="How many ask for this education.")
class EducationFacet:
    education: EducationLevel = strawberry.field(description="The least asked for.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="How many are of organizations of a kind.")
class OrganizationKindFacet:
    kind: OrganizationKind = strawberry.field(description="The kind of organization.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="Counts over a whole result, the commonest first.")
class InternshipFacets:
    divisions: list[DivisionFacet] = strawberry.field(description="By division.")
    kinds: list[KindFacet] = strawberry.field(description="By kind.")
    education: list[EducationFacet] = strawberry.field(description="By the education asked for.")
    organization_kinds: list[OrganizationKindFacet] = strawberry.field(description="By kind of organization.")


@strawberry.type(description="A page of listings.")
class InternshipConnection(Connection[Internship]):
    statement: strawberry.Private[Select[Any]]
    search: strawberry.Private[finding.Found | None]
    asked: strawberry.Private[ListingFilter | None]

    @strawberry.field(description="The listings of this page with their cursors.")
    @looked_through
    def edges(self) -> list[InternshipEdge]:
        query = None if self.search is None else self.search.query
        return [
            InternshipEdge(
                cursor=cursor, node=node, highlights=[] if query is None else highlights(node.title, query)
            )
            for cursor, node in zip(self.listed.cursors(), self.nodes, strict=True)
        ]

    @strawberry.field(
        description="Counts over the whole result, for the filter sheet of the app: exact to 10,000 listings; of a search that finds more they are"
        " estimates from the newest of them."
    )
    async def facets(self, info: Info) -> InternshipFacets:
        async with info.context.read() as db:
            found = await facets_domain.facets(
                db, self.statement, self.search.reading if self.search else None
            )
        return InternshipFacets(
            divisions=[DivisionFacet(code=code, count=number) for code, number in found.divisions.items()],
            kinds=[KindFacet(kind=kind, count=number) for kind, number in found.kinds.items()],
            education=[
                EducationFacet(education=level, count=number) for level, number in found.education.items()
            ],
            organization_kinds=[
                OrganizationKindFacet(kind=kind, count=number)
                for kind, number in found.organization_kinds.items()
            ],
        )

    @strawberry.field(description="When little was found: what was perhaps meant.")
    async def did_you_mean(self, info: Info) -> str | None:
        if self.search is None or self.search.query is None or self.asked is None:
            return None
        async with info.context.read() as db:
            return await finding.meant(db, self.asked, self.search.query)


@strawberry.input(description="Every part given must fit; what a listing does not state does not fit.")
class InternshipFilter:
    text: str | None = strawberry.field(
        description="Chinese or English words, best match first; a listing need not hold every word; places and kinds named"
        " in the text prefer, they do not exclude.",
        default=None,
    )
    division_codes: list[str] | None = strawberry.field(
        description="A city code takes in its counties.", default=None
    )
    kinds: list[InternshipKind] | None = strawberry.field(description="Any of these kinds.", default=None)
    tracks: list[Track] | None = strawberry.field(description="Any of these tracks.", default=None)
    organization_kinds: list[OrganizationKind] | None = strawberry.field(
        description="Of organizations of any of these kinds.", default=None
    )
    organization_id: strawberry.ID | None = strawberry.field(
        description="Of this organization.", default=None
    )
    education: EducationLevel | None = strawberry.field(
        description="What the youth has: listings that ask for no more.", default=None
    )
    major: str | None = strawberry.field(
        description="Listings that ask for this subject, or for none.", default=None
    )
    min_stipend_fen_per_month: int | None = strawberry.field(
        description="Pays at least so much; a day's pay counts 21.75 times.", default=None
    )
    max_days_per_week: int | None = strawberry.field(
        description="Days at work in a week, at most.", default=None
    )
    max_duration_weeks: int | None = strawberry.field(description="Weeks, at most.", default=None)
    housing_provided: bool | None = strawberry.field(description="With or without a bed.", default=None)
    job_fair_id: strawberry.ID | None = strawberry.field(description="Shown at this job fair.", default=None)
    published_since: datetime | None = strawberry.field(description="Published then or later.", default=None)

    def to_domain(self, *field: str) -> ListingFilter:
        """The filter in the domain's terms; NotFound (below `field`) for an id of another type."""

        def all_of(values: Sequence[Any] | None) -> tuple[Any, ...] | None:
            return None if values is None else tuple(values)

        return ListingFilter(
            text=self.text,
            division_codes=asked_for(self.division_codes),
            kinds=all_of(self.kinds),
            tracks=all_of(self.tracks),
            organization_kinds=all_of(self.organization_kinds),
            organization_id=decode_if(Tag.Organization, self.organization_id, *field, "organization_id"),
            education=self.education,
            major=self.major,
            min_stipend_fen_per_month=self.min_stipend_fen_per_month,
            max_days_per_week=self.max_days_per_week,
            max_duration_weeks=self.max_duration_weeks,
            housing_provided=self.housing_provided,
            job_fair_id=decode_if(Tag.JobFair, self.job_fair_id, *field, "job_fair_id"),
            published_since=self.published_since,
        )


async def listings_page(
    context: Context,
    statement: Select[Any],
    order: Order,
    paging: Paging,
    today: date,
    search: finding.Found | None = None,
    asked: ListingFilter | None = None,
    view: View[domain.Listing, Internship] = INTERNSHIPS.whole,
) -> InternshipConnection:
    """
    A page of any select of the view's columns; `search`, of what was `asked`, gives the highlights and travels in the cursors.
    """
    query = None if search is None else search.query
    state = None if query is None else query.to_state()
    listed = await list_page(context, statement, view.projection.make, order, paging, state)
    return listings_of(listed, statement, today, search, asked, view)


def listings_of(
    listed: Listed[domain.Listing],
    statement: Select[Any],
    today: date,
    search: finding.Found | None = None,
    asked: ListingFilter | None = None,
    view: View[domain.Listing, Internship] = INTERNSHIPS.whole,
) -> InternshipConnection:
    """The connection of a page that was read; `statement` selects the whole list, `search` what was `asked`."""
    return InternshipConnection(
        nodes=[view.show(row, today) for row in listed.page.rows],
        listed=listed,
        statement=statement,
        search=search,
        asked=asked,
    )


async def _found(
    db: Read,
    context: Context,
    asked: ListingFilter,
    order: finding.ListingOrder | None,
    paging: Paging,
    columns: Projection[domain.Listing],
) -> finding.Found:
    cursor = paging.cursor(context)
    try:
        return await finding.find(db, asked, order, None if cursor is None else cursor.state, columns)
    except ValueError:
        raise CursorBroken("after" if paging.after is not None else "before") from None


async def search(
    info: Info, asked: ListingFilter, order: finding.ListingOrder | None, paging: Paging
) -> InternshipConnection:
    """Published listings that fit the filter; what the operation does not ask of them is not read."""
    context, view = info.context, INTERNSHIPS.wanted(info)
    async with context.read() as db:
        found = await _found(db, context, asked, order, paging, view.projection)
    return await listings_page(context, found.statement, found.order, paging, db.today, found, asked, view)

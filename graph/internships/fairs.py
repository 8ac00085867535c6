"""Job fairs."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Select
from sqlmodel import col

from domain.core.divisions import asked_for
from domain.internships import fairs as domain
from domain.internships.finding import BY_ID
from domain.internships.listing import LISTINGS, Listing, published
from domain.internships.models import JobFairInternshipRow, JobFairOrganizationRow, ListingRow
from domain.partners import organizations as organizations_domain
from graph.accounts.divisions import Division, division_edge
from graph.accounts.units import Unit, known_unit
from graph.core.connection import (
    After,
    Before,
    Connection,
    First,
    Last,
    NestedList,
    Paging,
    connect,
    connection_of,
)
from graph.core.context import Context, Info
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads
from graph.internships.lists import InternshipConnection, listings_of
from graph.partners.organizations import Organization
from graph.partners.organizations import show as show_organization


def _shown(today: date) -> Select[Any]:
    shown = col(JobFairInternshipRow.internship_id) == col(ListingRow.id)
    return LISTINGS.select().join(JobFairInternshipRow, shown).where(published(today))


_SHOWN = NestedList(_shown, col(JobFairInternshipRow.job_fair_id), Listing, BY_ID)
_ORGANIZATIONS = NestedList(
    domain.taking_part,
    col(JobFairOrganizationRow.job_fair_id),
    organizations_domain.Organization,
    organizations_domain.NEWEST,
)


@strawberry.type(description="Organizations and their posts in a window of time, online or at a place.")
class JobFair(Node):
    row: strawberry.Private[domain.JobFair]
    version: int = strawberry.field(description="Rises with each change; see `expectedVersion`.")
    title: str = strawberry.field(description="1 to 100 characters.")
    venue: str | None = strawberry.field(description="Where it is held; null when only online.")
    online: bool = strawberry.field(description="Is it held online?")
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    livestream_url: str | None = strawberry.field(description="Where to watch it (https).")

    @strawberry.field(description="The unit that holds it.")
    async def unit(self, info: Info) -> Unit:
        return await known_unit(info.context, self.row.unit_id)

    division: Division | None = strawberry.field(
        resolver=division_edge(lambda self: self.row.division_code), description="Where it is held."
    )

    @strawberry.field(description="The organizations that take part, the newest first.")
    async def organizations(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Organization]:
        paging = Paging(first, after, last, before)
        return connection_of(await _ORGANIZATIONS.page(info.context, self.row.id, paging), show_organization)

    @strawberry.field(description="The published posts shown, the latest entered first.")
    async def internships(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> InternshipConnection:
        today = info.context.today
        listed = await _SHOWN.page(info.context, self.row.id, Paging(first, after, last, before), today)
        statement = LISTINGS.select().where(domain.shown_at(self.row.id), published(today))
        return listings_of(listed, statement, today)


def show(row: domain.JobFair) -> JobFair:
    return JobFair(
        id=encode(Tag.JobFair, row.id),
        row=row,
        version=row.version,
        title=row.title,
        venue=row.venue,
        online=row.online,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        livestream_url=row.livestream_url,
    )


@loads(Tag.JobFair)
async def load_fairs(context: Context, ids: list[UUID]) -> dict[UUID, JobFair]:
    async with context.read() as db:
        found = await domain.fairs(db, ids)
    return {key: show(row) for key, row in found.items()}


@strawberry.input(description="Every part given must fit.")
class JobFairFilter:
    upcoming: bool | None = strawberry.field(description="Not yet over; false: over.", default=None)
    division_codes: list[str] | None = strawberry.field(
        description="A city code takes in its counties.", default=None
    )


@strawberry.type
class JobFairQueries:
    @strawberry.field(description="Job fairs: the next first; with `upcoming: false` the last first.")
    async def job_fairs(
        self,
        info: Info,
        filter: JobFairFilter | None = None,  # the contract's name
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[JobFair]:
        asked = filter or JobFairFilter()
        statement = domain.matching(
            info.context.now, upcoming=asked.upcoming, division_codes=asked_for(asked.division_codes)
        )
        order = domain.LATEST if asked.upcoming is False else domain.SOONEST
        paging = Paging(first, after, last, before)
        return await connect(info.context, statement, domain.JobFair, order, paging, show)

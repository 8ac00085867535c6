"""Where listings are found: the search, and the lists that hang on others."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import Select
from sqlmodel import col

from domain.core.rights import Action
from domain.internships import application as application_domain
from domain.internships import bookmarks, figures, finding
from domain.internships import listing as domain
from domain.internships.models import ListingRow
from graph.accounts.youths import Youth
from graph.core.connection import After, Before, First, Last, NestedList, Paging
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.extending import extends
from graph.internships.enums import ListingOrder, ListingStatus
from graph.internships.fairs import JobFairQueries
from graph.internships.lists import (
    InternshipConnection,
    InternshipFilter,
    listings_of,
    listings_page,
    search,
)
from graph.partners.organizations import Organization, sees_records

COMPLETIONS_DEFAULT = 8
_ALL = InternshipFilter().to_domain()
Completions = Annotated[int | None, strawberry.argument(description="How many, 1 to 20.")]


@strawberry.type
class InternshipQueries(JobFairQueries):
    @strawberry.field(description="Published listings that fit the filter.")
    async def internships(
        self,
        info: Info,
        filter: InternshipFilter | None = None,  # the contract's name
        order_by: ListingOrder | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> InternshipConnection:
        asked = _ALL if filter is None else filter.to_domain("filter")
        return await search(info, asked, order_by, Paging(first, after, last, before))

    @strawberry.field(description="Completions while one types, best first.")
    async def suggest_search(
        self, info: Info, text: str, first: Completions = COMPLETIONS_DEFAULT
    ) -> list[str]:
        async with info.context.read() as db:
            return await finding.completions(db, text, COMPLETIONS_DEFAULT if first is None else first)


def _offered(context: Context) -> Loader[UUID, int | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, int]:
        async with context.read() as db:
            return await figures.offered_posts(db, ids)

    return keyed_loader(fetch)


def _reply_rates(context: Context) -> Loader[UUID, float | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, float]:
        async with context.read() as db:
            return await application_domain.reply_rates(db, ids)

    return keyed_loader(fetch)


def _in_states(statuses: frozenset[ListingStatus], today: date) -> Select[Any]:
    return domain.LISTINGS.select().where(domain.has_status(statuses, today))


_OF_ORGANIZATIONS = NestedList(_in_states, col(ListingRow.organization_id), domain.Listing, finding.BY_ID)


@extends(Organization)
class OrganizationInternships:
    @strawberry.field(description="Headcount of its published listings together.")
    async def offered_posts(self: Organization, info: Info) -> int:
        return await info.context.loader(_offered).load(self.key) or 0

    @strawberry.field(
        description="Share of applications answered within seven days, over the last ninety; null under five applications."
    )
    async def reply_rate(self: Organization, info: Info) -> float | None:
        return await info.context.loader(_reply_rates).load(self.key)

    @strawberry.field(description="Others see PUBLISHED alone.")
    async def internships(
        self: Organization,
        info: Info,
        statuses: list[ListingStatus] | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> InternshipConnection:
        context = info.context
        own = await sees_records(context, Action.SEE_UNPUBLISHED_INTERNSHIPS, self.key)
        asked = set(statuses) if statuses is not None else set(ListingStatus)
        seen = frozenset(asked if own else asked & {ListingStatus.PUBLISHED})
        paging = Paging(first, after, last, before)
        listed = await _OF_ORGANIZATIONS.page(context, self.key, paging, seen, context.today)
        statement = _in_states(seen, context.today).where(col(ListingRow.organization_id) == self.key)
        return listings_of(listed, statement, context.today)


@extends(Youth)
class YouthBookmarks:
    @strawberry.field(description="Listings that the youth keeps, the latest kept first.")
    async def bookmarked_internships(
        self: Youth,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> InternshipConnection:
        async with info.context.read() as db:
            today = db.today
        statement = bookmarks.selection(info.context.actor, self.key)
        return await listings_page(
            info.context, statement, bookmarks.NEWEST, Paging(first, after, last, before), today
        )

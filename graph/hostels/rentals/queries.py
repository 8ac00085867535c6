"""Where rentals are found: the search, and the list of a landlord."""

from typing import Any

import strawberry
from sqlalchemy import Select
from sqlmodel import col

from domain.core.divisions import asked_for
from domain.core.rights import Action
from domain.hostels.rentals import finding
from domain.hostels.rentals import rental as domain
from domain.hostels.rentals.finding import RentalOrder
from domain.hostels.rentals.models import RentalRow
from domain.hostels.rentals.rental import RentalStatus
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
from graph.core.context import Info
from graph.core.enums import served
from graph.core.extending import extends
from graph.core.geo import GeoPointInput, point_of
from graph.hostels.rentals.rentals import RENTALS, Rental, show
from graph.partners.organizations import Organization, sees_records

served(
    RentalOrder,
    "DISTANCE when the filter names a point, otherwise NEWEST.",
    NEWEST="What came into the lists last first.",
    DISTANCE="The nearest first, what has no place on the map last; needs `near`.",
    RENT="The cheapest first.",
    DISCOUNT="The largest discount first.",
)


@strawberry.input(description="Every part given must fit; what a flat does not state does not fit.")
class RentalFilter:
    text: str | None = strawberry.field(
        description="Words of its title, address, place and landlord, all of them.", default=None
    )
    division_codes: list[str] | None = strawberry.field(
        description="A city code takes in its counties.", default=None
    )
    near: GeoPointInput | None = strawberry.field(
        description="From where distances are counted.", default=None
    )
    within_meters: int | None = strawberry.field(
        description="At most so far from `near`, 1 to 1,000,000.", default=None
    )
    max_monthly_rent_fen: int | None = strawberry.field(
        description="At most so much a month, the discount already off.", default=None
    )
    min_discount_percent: int | None = strawberry.field(description="At least so much off.", default=None)
    bedrooms: int | None = strawberry.field(description="Just so many bedrooms.", default=None)
    order_by: RentalOrder | None = strawberry.field(
        description="DISTANCE when `near` is given, otherwise NEWEST.", default=None
    )

    def to_domain(self) -> finding.RentalFilter:
        return finding.RentalFilter(
            text=self.text,
            division_codes=asked_for(self.division_codes),
            near=point_of(self.near),
            within_meters=self.within_meters,
            max_monthly_rent_fen=self.max_monthly_rent_fen,
            min_discount_percent=self.min_discount_percent,
            bedrooms=self.bedrooms,
            order_by=self.order_by,
        )


@strawberry.type
class RentalQueries:
    @strawberry.field(description="Flats on offer that fit the filter.")
    async def rentals(
        self,
        info: Info,
        filter: RentalFilter | None = None,  # the contract's name
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Rental]:
        view = RENTALS.wanted(info)
        found = finding.find((filter or RentalFilter()).to_domain(), view.projection)
        paging = Paging(first, after, last, before)
        return await connect(
            info.context, found.statement, view.projection.make, found.order, paging, view.show
        )


def _in_states(statuses: frozenset[RentalStatus], own: bool) -> Select[Any]:
    """Of those that others may see, unless they are the reader's own."""
    statement = domain.RENTALS.select().where(domain.has_status(statuses))
    return statement if own else statement.where(domain.listed())


_OF_ORGANIZATIONS = NestedList(_in_states, col(RentalRow.organization_id), domain.Rental, finding.BY_ID)


@extends(Organization)
class OrganizationRentals:
    @strawberry.field(
        description="Its flats, the latest entered first. The organization and staff in reach see all, others LISTED alone."
    )
    async def rentals(
        self: Organization,
        info: Info,
        statuses: list[RentalStatus] | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Rental]:
        own = await sees_records(info.context, Action.SEE_UNLISTED_RENTALS, self.key)
        asked = frozenset(RentalStatus if statuses is None else statuses)
        paging = Paging(first, after, last, before)
        listed = await _OF_ORGANIZATIONS.page(info.context, self.key, paging, asked, own)
        return connection_of(listed, show)

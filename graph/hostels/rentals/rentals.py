"""Rentals as clients see them."""

from datetime import date
from uuid import UUID

import strawberry

from domain.core.states import histories
from domain.hostels.rentals import rental as domain
from domain.hostels.rentals.rental import RentalStatus
from graph.accounts.divisions import Division, division_edge
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.enums import served
from graph.core.geo import GeoPoint, show_point
from graph.core.history import StateEvent, show_move
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads_view
from graph.core.views import Made, View, Views
from graph.partners.organizations import Organization, organization_edge

served(
    RentalStatus,
    "Lists show LISTED.",
    LISTED="On offer.",
    WITHDRAWN="Its landlord offers it no longer.",
    TAKEN_DOWN="Staff took it down; it stays so until they restore it.",
)


@strawberry.type(description="A flat let to young people below the usual rent.")
class Rental(Node):
    row: strawberry.Private[domain.Rental]
    external_ref: str = strawberry.field(
        description="The landlord's own key for it; with the landlord it is unique."
    )
    title: str = strawberry.field(description="1 to 80 characters.")
    address: str = strawberry.field(description="Where in the division.")
    location: GeoPoint | None = strawberry.field(description="Where it is on the map, if that is known.")
    distance_meters: int | None = strawberry.field(
        description="How far it is from the point that the filter names, as the crow flies; null without one."
    )
    monthly_rent_fen: int = strawberry.field(description="What is paid a month, the discount already off.")
    discount_percent: int = strawberry.field(description="How much below the usual rent, 1 to 99.")
    area_square_meters: int | None = strawberry.field(description="How large it is.")
    bedrooms: int | None = strawberry.field(
        description="How many bedrooms; 0: one room to live and sleep in."
    )
    contact_url: str | None = strawberry.field(description="Where to ask for it (https).")
    available_from: date | None = strawberry.field(description="The first day to move in; null: at once.")
    status: RentalStatus = strawberry.field(description="Is it on offer?")

    landlord: Organization = strawberry.field(
        resolver=organization_edge(lambda self: self.row.organization_id), description="Who lets it."
    )

    division: Division = strawberry.field(
        resolver=division_edge(lambda self: self.row.division_code), description="Where it is."
    )

    @strawberry.field(
        description="Its landlord (`rentals:write`) and programme managers in reach; null for others."
    )
    async def history(self, info: Info) -> list[StateEvent] | None:
        return await info.context.loader(_history).load(self.row.id)


RENTALS = Views(
    Rental,
    domain.RENTALS,
    made={
        "id": Made(lambda row, _: encode(Tag.Rental, row.id), "id"),
        "location": Made(lambda row, _: show_point(row.latitude, row.longitude), "latitude", "longitude"),
        "status": Made(lambda row, _: row.status, "withdrawn", "taken_down"),
    },
    reads={"landlord": ("organization_id",), "division": ("division_code",), "history": ("id",)},
)
show = RENTALS.whole.show


@loads_view(Tag.Rental, RENTALS)
async def load_rentals(
    context: Context, ids: list[UUID], view: View[domain.Rental, Rental] = RENTALS.whole
) -> dict[UUID, Rental]:
    async with context.read() as db:
        found = await domain.rentals(db, context.actor, ids, view.projection)
    return {key: view.show(row) for key, row in found.items()}


def _history(context: Context) -> Loader[UUID, list[StateEvent] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[StateEvent]]:
        async with context.read() as db:
            seen = await domain.visible_rental_records(db, context.actor, ids)
            found = await histories(db, seen)
        return {key: [show_move(move) for move in moves] for key, moves in found.items()}

    return keyed_loader(fetch)

"""What mutations of rentals take."""

from datetime import date

import strawberry

from domain.hostels.rentals.rules import RentalContent
from graph.core.geo import GeoPointInput, point_of


@strawberry.input(description="A flat as its landlord describes it.")
class RentalInput:
    external_ref: str = strawberry.field(description="The landlord's own key, 1 to 100 characters.")
    title: str = strawberry.field(description="1 to 80 characters.")
    division_code: str = strawberry.field(description="Where it is (GB/T 2260).")
    address: str = strawberry.field(description="Where in the division, 1 to 200 characters.")
    location: GeoPointInput | None = strawberry.field(description="Where it is on the map.", default=None)
    monthly_rent_fen: int = strawberry.field(
        description="What is paid a month, the discount already off: 100 to 100,000 yuan, in fen."
    )
    discount_percent: int = strawberry.field(description="How much below the usual rent, 1 to 99.")
    area_square_meters: int | None = strawberry.field(description="1 to 2,000.", default=None)
    bedrooms: int | None = strawberry.field(
        description="0 to 20; 0: one room to live and sleep in.", default=None
    )
    contact_url: str | None = strawberry.field(
        description="Where to ask for it (https), up to 500 characters.", default=None
    )
    available_from: date | None = strawberry.field(
        description="The first day to move in, at most two years ahead.", default=None
    )

    def to_domain(self) -> RentalContent:
        """The flat in the domain's terms: texts without spaces at their ends."""
        return RentalContent(
            external_ref=self.external_ref.strip(),
            title=self.title.strip(),
            division_code=self.division_code.strip(),
            address=self.address.strip(),
            location=point_of(self.location),
            monthly_rent_fen=self.monthly_rent_fen,
            discount_percent=self.discount_percent,
            area_square_meters=self.area_square_meters,
            bedrooms=self.bedrooms,
            contact_url=(self.contact_url or "").strip() or None,
            available_from=self.available_from,
        )


@strawberry.input(description="At most 500 at a time; each stands or falls alone.")
class UpsertRentalsInput:
    rentals: list[RentalInput] = strawberry.field(description="The flats.")


@strawberry.input(description="At most 500 at a time; each stands or falls alone.")
class WithdrawRentalsInput:
    external_refs: list[str] = strawberry.field(description="The landlord's own keys of the flats.")


@strawberry.input(description="Which flat to take down, and why.")
class TakeDownRentalInput:
    rental_id: strawberry.ID = strawberry.field(description="Which flat.")
    reason: str = strawberry.field(description="For its landlord to read, 1 to 1,000 characters.")


@strawberry.input(description="Which flat to put back.")
class RestoreRentalInput:
    rental_id: strawberry.ID = strawberry.field(description="Which flat.")
    note: str | None = strawberry.field(
        description="For its landlord to read, up to 1,000 characters.", default=None
    )

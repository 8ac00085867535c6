"""What queries and mutations of perks take."""

from datetime import date

import strawberry

from domain.volunteering.perks.saving import PerkFields
from graph.core.ids import Tag, decode
from graph.volunteering.enums import PerkCategory


@strawberry.input(description="Every part given must fit.")
class PerkFilter:
    text: str | None = strawberry.field(
        description="Words of title, merchant and description, all of them.", default=None
    )
    categories: list[PerkCategory] | None = strawberry.field(
        description="Any of these categories.", default=None
    )
    division_codes: list[str] | None = strawberry.field(
        description="For volunteers of any of these divisions.", default=None
    )
    eligible_only: bool | None = strawberry.field(
        description="True: those that the viewer may redeem now.", default=None
    )


@strawberry.input(description="Which perk to redeem.")
class RedeemPerkInput:
    perk_id: strawberry.ID = strawberry.field(description="Which perk.")
    idempotency_key: str


@strawberry.input(description="Which code to give back.")
class CancelPerkRedemptionInput:
    redemption_id: strawberry.ID = strawberry.field(description="Which redemption.")


@strawberry.input(description="The merchant's side, by API token (scope `perks:verify`).")
class ConsumePerkCodeInput:
    code: str = strawberry.field(
        description="As it is shown or read out; spaces, hyphens and case do not count."
    )
    idempotency_key: str


@strawberry.input(description="A perk; an id updates, none creates.")
class UpsertPerkInput:
    merchant_id: strawberry.ID = strawberry.field(description="Who gives it; a verified organization.")
    title: str = strawberry.field(description="1 to 80 characters.")
    description: str = strawberry.field(description="1 to 4,000 characters.")
    category: PerkCategory = strawberry.field(description="What kind of perk.")
    starts_on: date = strawberry.field(description="The first day on which it can be redeemed.")
    id: strawberry.ID | None = None
    expected_version: int | None = None
    idempotency_key: str | None = None
    division_codes: list[str] = strawberry.field(
        description="For volunteers of which divisions; empty: of all.", default_factory=list
    )
    min_stars: int = strawberry.field(description="0 to 5.", default=0)
    points_cost: int = strawberry.field(description="0 to 100,000.", default=0)
    stock: int | None = strawberry.field(description="Absent: unlimited.", default=None)
    per_person_limit: int = strawberry.field(description="1 to 1,000.", default=1)
    ends_on: date | None = strawberry.field(description="The last day; absent: no end.", default=None)
    redeem_within_days: int = strawberry.field(
        description="Days for which a code can be used, 1 to 366.", default=30
    )

    def to_domain(self) -> PerkFields:
        return PerkFields(
            merchant_id=decode(Tag.Organization, self.merchant_id, "merchant_id"),
            title=self.title,
            description=self.description,
            category=self.category,
            division_codes=tuple(self.division_codes),
            min_stars=self.min_stars,
            points_cost=self.points_cost,
            stock=self.stock,
            per_person_limit=self.per_person_limit,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            redeem_within_days=self.redeem_within_days,
        )

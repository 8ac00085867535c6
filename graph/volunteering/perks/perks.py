"""Perks and redemptions as clients see them, and where they hang."""

from datetime import date, datetime
from uuid import UUID

import strawberry

from domain.core.actors import YouthActor
from domain.core.refusals import Refusal, SignInNeeded
from domain.volunteering.perks import perk as domain
from domain.volunteering.perks import redemptions
from domain.volunteering.perks.codes import qr_svg, shown
from domain.volunteering.perks.eligibility import faults, standings
from graph.accounts.divisions import Division, divisions_by_code
from graph.accounts.youths import Youth
from graph.core.connection import After, Before, Connection, First, Last, Paging, connect
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.errors import Eligibility
from graph.core.extending import extends
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads
from graph.partners.organizations import Organization, organization_edge
from graph.volunteering.enums import PerkCategory, RedemptionStatus


@strawberry.type(description="What a merchant gives to volunteers.")
class Perk(Node):
    row: strawberry.Private[domain.Perk]
    version: int = strawberry.field(description="Rises with each change; see `expectedVersion`.")
    title: str = strawberry.field(description="1 to 80 characters.")
    description: str = strawberry.field(description="1 to 4,000 characters.")
    category: PerkCategory = strawberry.field(description="What kind of perk.")
    min_stars: int = strawberry.field(description="Stars that it takes.")
    points_cost: int = strawberry.field(description="Points that it takes.")
    stock: int | None = strawberry.field(description="Null: unlimited.")
    remaining: int | None = strawberry.field(description="What is left of the stock; null: unlimited.")
    per_person_limit: int = strawberry.field(description="How many one volunteer may have.")
    starts_on: date = strawberry.field(description="The first day on which it can be redeemed.")
    ends_on: date | None = strawberry.field(description="The last day; null: no end is set.")
    redeem_within_days: int = strawberry.field(description="Days for which a code can be used.")

    merchant: Organization = strawberry.field(
        resolver=organization_edge(lambda self: self.row.merchant_id), description="Who gives it."
    )

    @strawberry.field(description="For volunteers of which divisions; empty: of all.")
    async def divisions(self, info: Info) -> list[Division]:
        return await info.context.loader(divisions_by_code).load_many(self.row.division_codes)

    @strawberry.field(description="May the viewer redeem it now? Every reason why not.")
    async def viewer_eligibility(self, info: Info) -> Eligibility:
        context = info.context
        reasons: list[Refusal] = [SignInNeeded()]
        if isinstance(context.actor, YouthActor):
            reasons = await context.loader(_reasons).load(self.row.id) or []
        return Eligibility.of(reasons, context.language)


def _reasons(context: Context) -> Loader[UUID, list[Refusal] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[Refusal]]:
        actor = context.actor
        assert isinstance(actor, YouthActor)
        async with context.read() as db:
            perks = await domain.perks(db, ids)
            known = await standings(db, perks, [actor.id])
            return {
                key: list(faults(perk, known[key, actor.id], db.today))
                if (key, actor.id) in known
                else [SignInNeeded()]
                for key, perk in perks.items()
            }

    return keyed_loader(fetch)


def show(row: domain.Perk) -> Perk:
    return Perk(
        id=encode(Tag.Perk, row.id),
        row=row,
        version=row.version,
        title=row.title,
        description=row.description,
        category=row.category,
        min_stars=row.min_stars,
        points_cost=row.points_cost,
        stock=row.stock,
        remaining=row.remaining,
        per_person_limit=row.per_person_limit,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        redeem_within_days=row.redeem_within_days,
    )


@loads(Tag.Perk)
async def load_perks(context: Context, ids: list[UUID]) -> dict[UUID, Perk]:
    async with context.read() as db:
        found = await domain.perks(db, ids)
    return {key: show(row) for key, row in found.items()}


def _perk(context: Context) -> Loader[UUID, Perk | None]:
    return keyed_loader(lambda ids: load_perks(context, ids))


@strawberry.type(description="A perk that a volunteer has redeemed.")
class PerkRedemption(Node):
    row: strawberry.Private[redemptions.Redemption]
    status: RedemptionStatus = strawberry.field(description="What has become of the code.")
    expires_at: datetime = strawberry.field(description="Until when the code can be used.")
    used_at: datetime | None = strawberry.field(description="When it was used.")
    created_at: datetime = strawberry.field(description="When it was redeemed.")

    @strawberry.field(description="Which perk.")
    async def perk(self, info: Info) -> Perk:
        found = await info.context.loader(_perk).load(self.row.perk_id)
        assert found is not None  # the database's foreign key says so
        return found

    @strawberry.field(description="Shown to the merchant; only the volunteer sees it.")
    def code(self, info: Info) -> str | None:
        return self._code(info.context)

    @strawberry.field(description="The code as a QR code, an SVG picture; only the volunteer sees it.")
    def code_qr_svg(self, info: Info) -> str | None:
        code = self._code(info.context)
        return None if code is None else qr_svg(code)

    def _code(self, context: Context) -> str | None:
        sealed, actor = self.row.code_sealed, context.actor
        if sealed is None or not isinstance(actor, YouthActor) or actor.id != self.row.volunteer_id:
            return None
        return shown(context.ports.sealer, self.row.id, sealed)


def show_redemption(context: Context, row: redemptions.Redemption) -> PerkRedemption:
    return PerkRedemption(
        id=encode(Tag.PerkRedemption, row.id),
        row=row,
        status=row.status_at(context.now),
        expires_at=row.expires_at,
        used_at=row.used_at,
        created_at=row.created_at,
    )


@loads(Tag.PerkRedemption)
async def load_redemptions(context: Context, ids: list[UUID]) -> dict[UUID, PerkRedemption]:
    """A redemption is found by id by its volunteer alone."""
    actor = context.actor
    if not isinstance(actor, YouthActor):
        return {}
    async with context.read() as db:
        found = await redemptions.redemptions(db, actor.id, ids)
    return {key: show_redemption(context, row) for key, row in found.items()}


@extends(Youth)
class YouthRedemptions:
    @strawberry.field(description="The perks that the youth has redeemed, the latest first.")
    async def perk_redemptions(
        self: Youth,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PerkRedemption]:
        context = info.context
        return await connect(
            context,
            redemptions.of_volunteer(self.key),
            redemptions.Redemption,
            redemptions.NEWEST,
            Paging(first, after, last, before),
            lambda row: show_redemption(context, row),
        )

"""Asking for perks, and the figures of merchants."""

from collections.abc import Mapping
from uuid import UUID

import strawberry

from domain.core.actors import YouthActor
from domain.core.divisions import asked_for
from domain.volunteering.perks import figures, finding
from domain.volunteering.perks.perk import NEWEST
from domain.volunteering.perks.perk import Perk as PerkOfDomain
from graph.core.connection import After, Before, Connection, First, Last, Paging, connect
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.extending import extends
from graph.core.scalars import INT_MOST
from graph.partners.organizations import Organization
from graph.volunteering.perks.inputs import PerkFilter
from graph.volunteering.perks.perks import Perk, load_perks, show


@strawberry.type
class PerkQueries:
    @strawberry.field(description="Perks that have not ended and fit the filter, the newest first.")
    async def perks(
        self,
        info: Info,
        filter: PerkFilter | None = None,  # the contract's name
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Perk]:
        asked, actor = filter or PerkFilter(), info.context.actor
        wanted = finding.PerkFilter(
            text=asked.text,
            categories=None if asked.categories is None else tuple(asked.categories),
            division_codes=asked_for(asked.division_codes),
            eligible_only=bool(asked.eligible_only),
        )
        async with info.context.read() as db:
            viewer = actor.id if isinstance(actor, YouthActor) else None
            statement = await finding.find(db, wanted, viewer)
        paging = Paging(first, after, last, before)
        return await connect(info.context, statement, PerkOfDomain, NEWEST, paging, show)


@strawberry.type(description="What became of the codes of one perk.")
class PerkFigures:
    perk_key: strawberry.Private[UUID]
    issued: int = strawberry.field(description="Codes that can be used still, or ran out a moment ago.")
    used: int = strawberry.field(description="Codes that were used.")
    cancelled: int = strawberry.field(description="Codes that were given back.")
    expired: int = strawberry.field(description="Codes that ran out.")
    points: int = strawberry.field(
        description="Points that issued and used codes took; 2,147,483,647 where they are more."
    )

    @strawberry.field(description="Which perk.")
    async def perk(self, info: Info) -> Perk:
        found: Mapping[UUID, Perk] = await load_perks(info.context, [self.perk_key])
        return found[self.perk_key]


def _figures(context: Context) -> Loader[UUID, list[PerkFigures] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[PerkFigures]]:
        async with context.read() as db:
            found = await figures.figures(db, context.actor, ids)
        return {
            key: [
                PerkFigures(
                    perk_key=row.perk_id,
                    issued=row.issued,
                    used=row.used,
                    cancelled=row.cancelled,
                    expired=row.expired,
                    points=min(row.points, INT_MOST),
                )
                for row in rows
            ]
            for key, rows in found.items()
        }

    return keyed_loader(fetch)


@extends(Organization)
class OrganizationPerks:
    @strawberry.field(
        description="What became of its perks: for the merchant (`perks:verify`) and programme managers in reach; null for"
        " others."
    )
    async def perk_figures(self: Organization, info: Info) -> list[PerkFigures] | None:
        return await info.context.loader(_figures).load(self.key)

"""A volunteer's account as its volunteer sees it."""

from uuid import UUID

import strawberry

from domain.volunteering import entries
from domain.volunteering.entries import Entry
from domain.volunteering.lapsing import spendable
from domain.volunteering.ledger import Account
from domain.volunteering.perks.finding import next_perk
from domain.volunteering.stars import minutes_to_next_star
from graph.accounts.youths import Youth
from graph.core.connection import After, Before, Connection, First, Last, Paging, connect
from graph.core.context import Info
from graph.core.extending import extends
from graph.volunteering.entries import LedgerEntry, show
from graph.volunteering.perks.perks import Perk
from graph.volunteering.perks.perks import show as show_perk


@strawberry.type(description="What a volunteer has served and earned.")
class VolunteerAccount:
    key: strawberry.Private[UUID]
    account: strawberry.Private[Account]
    service_minutes: int = strawberry.field(description="Total verified service, in minutes.")
    stars: int = strawberry.field(description="0 to 5 stars.")
    minutes_to_next_star: int | None = strawberry.field(
        description="Minutes still to serve for the next star; null with all five."
    )
    points_balance: int = strawberry.field(description="Points that can be spent now.")

    @strawberry.field(
        description="The nearest perk not yet within reach, by stars and points, in the youth's division."
    )
    async def next_perk(self, info: Info) -> Perk | None:
        async with info.context.read() as db:
            found = await next_perk(db, self.key, self.account)
        return None if found is None else show_perk(found[0])

    @strawberry.field(description="The minutes still to serve for `nextPerk`.")
    async def minutes_to_next_perk(self, info: Info) -> int | None:
        async with info.context.read() as db:
            found = await next_perk(db, self.key, self.account)
        return None if found is None else found[1]

    @strawberry.field(
        description="The chain, with records that wait or were rejected beside it; the latest first."
    )
    async def entries(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LedgerEntry]:
        statement, order = entries.of_volunteer(self.key)
        paging = Paging(first, after, last, before)
        return await connect(info.context, statement, Entry, order, paging, show)


@extends(Youth)
class YouthVolunteering:
    @strawberry.field(description="Hours, stars and points of the youth.")
    async def volunteer(self: Youth, info: Info) -> VolunteerAccount:
        async with info.context.read() as db:
            account = (await spendable(db, [self.key]))[self.key]
        return VolunteerAccount(
            key=self.key,
            account=account,
            service_minutes=account.service_minutes,
            stars=account.stars,
            minutes_to_next_star=minutes_to_next_star(account.service_minutes),
            points_balance=account.points,
        )

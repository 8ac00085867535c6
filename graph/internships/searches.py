"""Saved searches: alerts of a youth."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.core.actors import YouthActor
from domain.internships import alerts
from graph.accounts.youths import Youth
from graph.core.connection import After, Before, First, Last, Paging
from graph.core.context import Context, Info
from graph.core.extending import extends
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads
from graph.internships.lists import InternshipConnection, search


@strawberry.type(description="An alert: each new listing that matches is told once.")
class InternshipSearch(Node):
    row: strawberry.Private[alerts.SavedSearch]
    name: str = strawberry.field(description="What the youth calls it.")
    text: str | None = strawberry.field(description="The words it looks for.")
    created_at: datetime = strawberry.field(description="When it was saved.")
    last_notified_at: datetime | None = strawberry.field(description="When it last told of matches.")

    @strawberry.field(description="How many the next digest will tell of, up to 200.")
    async def new_matches(self, info: Info) -> int:
        async with info.context.read() as db:
            return await alerts.new_matches(db, self.row)

    @strawberry.field(description="What it finds now.")
    async def matches(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> InternshipConnection:
        return await search(info, self.row.asked, None, Paging(first, after, last, before))


def show(row: alerts.SavedSearch) -> InternshipSearch:
    return InternshipSearch(
        id=encode(Tag.InternshipSearch, row.id),
        row=row,
        name=row.name,
        text=row.asked.text,
        created_at=row.created_at,
        last_notified_at=row.last_notified_at,
    )


@loads(Tag.InternshipSearch)
async def load_searches(context: Context, ids: list[UUID]) -> dict[UUID, InternshipSearch]:
    if not isinstance(context.actor, YouthActor):
        return {}
    async with context.read() as db:
        found = await alerts.own_searches(db, context.actor.id, ids)
    return {key: show(row) for key, row in found.items()}


@extends(Youth)
class YouthSearches:
    @strawberry.field(description="The youth's alerts, the latest first.")
    async def internship_searches(self: Youth, info: Info) -> list[InternshipSearch]:
        async with info.context.read() as db:
            return [show(row) for row in await alerts.searches_of(db, self.key)]

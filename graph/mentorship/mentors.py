"""Mentors and their times as clients see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.mentorship import mentor as domain
from domain.mentorship import slots as slots_domain
from graph.accounts.divisions import Division, division_edge
from graph.accounts.viewer import Viewer
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.extending import extends
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads, loads_view
from graph.core.views import Made, View, Views
from graph.mentorship.calendars import calendar_url
from graph.mentorship.enums import MentorField, Side

From = Annotated[datetime, strawberry.argument(name="from", description="What ends after it.")]
To = Annotated[
    datetime, strawberry.argument(description="What begins before it; 93 days after `from` at most.")
]


@strawberry.type(description="A youth or a member of staff whom staff made a mentor.")
class Mentor(Node):
    row: strawberry.Private[domain.Mentor]
    version: int = strawberry.field(description="Rises with each change by staff.")
    name: str = strawberry.field(description="The name the mentor goes by.")
    headline: str = strawberry.field(description="Who the mentor is, in a line.")
    biography: str = strawberry.field(description="Who the mentor is, at length.")
    fields: list[MentorField] = strawberry.field(description="What the mentor knows about.")
    languages: list[str] = strawberry.field(description="What the mentor speaks, e.g. zh, en, yue.")
    rating: float | None = strawberry.field(
        description="The mean of the reviews, 1 to 5; from five reviews on."
    )
    review_count: int = strawberry.field(description="How many reviews there are.")
    capacity: int = strawberry.field(description="How many mentees at once; requests beyond it are refused.")
    accepts_requests: bool = strawberry.field(description="False while the mentor pauses.")

    division: Division | None = strawberry.field(
        resolver=division_edge(lambda self: self.row.division_code),
        description="For which division the mentor is there first; null: for the province.",
    )

    @strawberry.field(description="The times offered, free or not, the earliest first.")
    async def slots(self, info: Info, from_: From, to: To) -> list["MentorSlot"]:
        context = info.context
        found = await context.loader(_slots_of).load((self.row.id, from_, to))
        return [show_slot(context, slot) for slot in found or ()]

    @strawberry.field(description="For the mentor: the secret address of an iCalendar feed; null for others.")
    async def calendar_url(self, info: Info) -> str | None:
        if not self.row.is_of(info.context.actor):
            return None
        return await calendar_url(info.context, Side.MENTOR, self.row.id)


@strawberry.type(description="A time that a mentor offers.")
class MentorSlot(Node):
    row: strawberry.Private[slots_domain.Slot]
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    free: bool = strawberry.field(description="Can it be asked for now?")

    @strawberry.field(description="Whose time it is.")
    async def mentor(self, info: Info) -> Mentor:
        return await known_mentor(info.context, self.row.mentor_id)


_PERSON = ("youth_id", "staff_id")
MENTORS = Views(
    Mentor,
    domain.MENTORS,
    always=("id", "fields"),  # a list says by the fields why a mentor suits
    made={
        "id": Made(lambda row, _: encode(Tag.Mentor, row.id), "id"),
        "fields": Made(lambda row, _: list(row.fields), "fields"),
        "languages": Made(lambda row, _: list(row.languages), "languages"),
        "rating": Made(lambda row, _: row.rating, "review_count", "rating_sum"),
    },
    reads={
        "division": ("division_code",),
        "slots": ("id",),
        "calendar_url": ("id", *_PERSON),
        "requests": ("id", *_PERSON),
        "weekly_slots": ("id",),
    },
)
show = MENTORS.whole.show


def show_slot(context: Context, row: slots_domain.Slot) -> MentorSlot:
    return MentorSlot(
        id=encode(Tag.MentorSlot, row.id),
        row=row,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        free=row.free(context.now),
    )


@loads_view(Tag.Mentor, MENTORS)
async def load_mentors(
    context: Context, ids: list[UUID], view: View[domain.Mentor, Mentor] = MENTORS.whole
) -> dict[UUID, Mentor]:
    async with context.read() as db:
        found = await domain.listed(db, ids, view.projection)
    return {key: view.show(row) for key, row in found.items()}


@loads(Tag.MentorSlot)
async def load_slots(context: Context, ids: list[UUID]) -> dict[UUID, MentorSlot]:
    async with context.read() as db:
        found = await slots_domain.offered(db, ids)
    return {key: show_slot(context, row) for key, row in found.items()}


def mentor_by_id(context: Context) -> Loader[UUID, Mentor | None]:
    """Also those who mentor no more: whoever dealt with one may know."""

    async def fetch(ids: list[UUID]) -> dict[UUID, Mentor]:
        async with context.read() as db:
            return {key: show(row) for key, row in (await domain.mentors(db, ids)).items()}

    return keyed_loader(fetch)


async def known_mentor(context: Context, key: UUID) -> Mentor:
    """The mentor that a foreign key names."""
    found = await context.loader(mentor_by_id).load(key)
    assert found is not None  # the database's foreign key says so
    return found


_Asked = tuple[UUID, datetime, datetime]


def _slots_of(context: Context) -> Loader[_Asked, list[slots_domain.Slot] | None]:
    async def fetch(asked: list[_Asked]) -> dict[_Asked, list[slots_domain.Slot]]:
        found: dict[_Asked, list[slots_domain.Slot]] = {}
        async with context.read() as db:
            for from_, to in {(from_, to) for _, from_, to in asked}:
                ids = [key for key, start, end in asked if (start, end) == (from_, to)]
                of = await slots_domain.slots_of(db, ids, from_, to)
                found |= {(key, from_, to): slots for key, slots in of.items()}
        return found

    return keyed_loader(fetch)


@extends(Viewer)
class ViewerMentor:
    @strawberry.field(description="Set when this person mentors.")
    async def mentor(self: Viewer, info: Info) -> Mentor | None:
        async with info.context.read() as db:
            found = await domain.mentor_of(db, info.context.actor)
        return None if found is None else show(found)

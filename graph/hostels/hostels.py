"""Hostels, their rooms, and what is free, as clients see them."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from domain.accounts.models import Gender as Sex
from domain.hostels import availability as availability_domain
from domain.hostels import hostel as domain
from domain.hostels.eligibility import Stay
from domain.hostels.options import options
from graph.accounts.divisions import Division, division_edge
from graph.accounts.enums import Gender
from graph.accounts.units import Unit, known_unit
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.errors import UserError, user_errors
from graph.core.geo import GeoPoint, show_point
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads, loads_view
from graph.core.views import Made, View, Views

From = Annotated[date, strawberry.argument(description="The first night.", name="from")]
To = Annotated[date, strawberry.argument(description="Exclusive; at most 92 nights after `from`.")]
OfSex = Annotated[Gender | None, strawberry.argument(description="Only rooms that take guests of this sex.")]
CheckIn = Annotated[date, strawberry.argument(description="The day of arrival.")]
Nights = Annotated[int, strawberry.argument(description="How many nights.")]


_Nights = tuple[UUID, tuple[date, date, Sex | None]]
"""A hostel, from when to when, and for which sex."""


@strawberry.type(description="A room of a hostel.")
class HostelRoom(Node):
    name: str = strawberry.field(description="As it is called in the house.")
    gender: Gender | None = strawberry.field(description="Whom it takes; null: mixed.")
    beds: int = strawberry.field(description="How many beds it has.")


@strawberry.type(description="A room on a night.")
class HostelNight:
    night: date = strawberry.field(description="The night that begins on this day.", name="date")
    room: HostelRoom = strawberry.field(description="Which room.")
    beds_free: int = strawberry.field(
        description="Beds free on it. Beds held for someone in the waiting list are not free."
    )


@strawberry.type(description="What stands between the viewer and a stay, and where else they could sleep.")
class StayEligibility:
    eligible: bool = strawberry.field(description="True when there is no reason against it.")
    reasons: list[UserError] = strawberry.field(description="Every reason why not.")
    free_nights_left: int | None = strawberry.field(
        description="Free nights the viewer has left in the year of check-in; null when nobody is signed in."
    )
    alternatives: "list[Hostel]" = strawberry.field(
        description="Nearest hostels with a bed for all of these nights, nearest first, at most five."
    )


@strawberry.type(description="A hostel of the league, where young job seekers stay free for some nights.")
class Hostel(Node):
    row: strawberry.Private[domain.Hostel]
    version: int = strawberry.field(description="Rises with each change; see `expectedVersion`.")
    name: str = strawberry.field(description="Its name.")
    address: str = strawberry.field(description="Street and number.")
    location: GeoPoint | None = strawberry.field(description="Where it is on the map.")
    distance_meters: int | None = strawberry.field(description="Only when the filter names a point.")
    phone: str | None = strawberry.field(description="The number of its desk.")
    amenities: list[str] = strawberry.field(description="What it offers.")
    free_nights_per_year: int = strawberry.field(
        description="Nights one person may stay free in a calendar year, across all hostels that share the rule."
    )
    max_nights_per_stay: int = strawberry.field(description="Nights of one stay, at most.")
    graduate_within_years: int = strawberry.field(
        description="Years since graduation within which a job seeker is eligible."
    )
    bookable_days_ahead: int = strawberry.field(
        description="A night can be booked from this many days before it, at 00:00 Asia/Shanghai."
    )

    @strawberry.field(description="The unit that runs it.")
    async def unit(self, info: Info) -> Unit:
        return await known_unit(info.context, self.row.unit_id)

    division: Division = strawberry.field(
        resolver=division_edge(lambda self: self.row.division_code), description="Where it is."
    )

    @strawberry.field(description="The last night that can be booked now.")
    async def bookable_until(self, info: Info) -> date:
        async with info.context.read() as db:
            return self.row.bookable_until(db.today)

    @strawberry.field(description="Its rooms, in the hostel's own order.")
    async def rooms(self, info: Info) -> list[HostelRoom]:
        return [show_room(row) for row in await info.context.loader(_rooms_of).load(self.row.id) or ()]

    @strawberry.field(description="One row for each room and night; `to` is exclusive; at most 92 nights.")
    async def availability(self, info: Info, from_: From, to: To, gender: OfSex = None) -> list[HostelNight]:
        sex = None if gender is None else Sex(gender.value)
        availability_domain.require_nights(from_, to)
        found = await info.context.loader(_availability).load((self.row.id, (from_, to, sex))) or []
        rooms = {row.room.id: row.room for row in found}
        shown = {key: show_room(room) for key, room in rooms.items()}
        return [
            HostelNight(night=row.night, room=shown[row.room.id], beds_free=row.beds_free) for row in found
        ]

    @strawberry.field(
        description="What stands between the viewer and this stay, and where else they could sleep."
    )
    async def stay_eligibility(self, info: Info, check_in: CheckIn, nights: Nights) -> StayEligibility:
        async with info.context.read() as db:
            found = await options(db, info.context.actor, self.row, Stay(check_in, nights))
        return StayEligibility(
            eligible=not found.reasons,
            reasons=user_errors(found.reasons, info.context.language),
            free_nights_left=found.nights_left,
            alternatives=[show(row) for row in found.alternatives],
        )


def show_room(row: domain.Room) -> HostelRoom:
    return HostelRoom(id=encode(Tag.HostelRoom, row.id), name=row.name, gender=row.gender, beds=row.beds)


HOSTELS = Views(
    Hostel,
    domain.HOSTELS,
    made={
        "id": Made(lambda row, _: encode(Tag.Hostel, row.id), "id"),
        "location": Made(lambda row, _: show_point(row.latitude, row.longitude), "latitude", "longitude"),
        "distance_meters": Made(lambda _row, _: None),  # no column of a hostel: a list near a point tells it
        "amenities": Made(lambda row, _: list(row.amenities), "amenities"),
    },
    reads={
        "unit": ("unit_id",),
        "division": ("division_code",),
        "bookable_until": ("bookable_days_ahead",),
        "rooms": ("id",),
        "availability": ("id",),
        "stay_eligibility": domain.HOSTELS.names,
        "bookings": ("id",),
    },
)
show = HOSTELS.whole.show


@loads_view(Tag.Hostel, HOSTELS)
async def load_hostels(
    context: Context, ids: list[UUID], view: View[domain.Hostel, Hostel] = HOSTELS.whole
) -> dict[UUID, Hostel]:
    async with context.read() as db:
        found = await domain.hostels(db, ids, view.projection)
    return {key: view.show(row) for key, row in found.items()}


@loads(Tag.HostelRoom)
async def load_rooms(context: Context, ids: list[UUID]) -> dict[UUID, HostelRoom]:
    async with context.read() as db:
        found = await domain.rooms(db, ids)
    return {key: show_room(row) for key, row in found.items()}


def hostel_by_id(context: Context) -> Loader[UUID, Hostel | None]:
    return keyed_loader(lambda ids: load_hostels(context, ids))


def room_by_id(context: Context) -> Loader[UUID, HostelRoom | None]:
    return keyed_loader(lambda ids: load_rooms(context, ids))


def _availability(context: Context) -> Loader[_Nights, list[availability_domain.RoomNight] | None]:
    """In one statement for each way of asking, however many hostels there are."""

    async def fetch(asked: list[_Nights]) -> dict[_Nights, list[availability_domain.RoomNight]]:
        found: dict[_Nights, list[availability_domain.RoomNight]] = {}
        async with context.read() as db:
            for way in {way for _, way in asked}:
                ids = [key for key, other in asked if other == way]
                rooms = await context.loader(_rooms_of).load_many(ids)
                its_rooms = {key: found or [] for key, found in zip(ids, rooms, strict=True)}
                nights = await availability_domain.availability(db, its_rooms, *way)
                found |= {(key, way): rows for key, rows in nights.items()}
        return found

    return keyed_loader(fetch)


def _rooms_of(context: Context) -> Loader[UUID, list[domain.Room] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[domain.Room]]:
        async with context.read() as db:
            return await domain.rooms_of(db, ids)

    return keyed_loader(fetch)

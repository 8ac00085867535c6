"""Matchmaking events."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry

from domain.accounts.models import Gender as Sex
from domain.core.divisions import asked_for
from domain.core.refusals import Refusal
from domain.matchmaking import event as domain
from domain.matchmaking import matching, participants
from domain.matchmaking.eligibility import eligibilities
from graph.accounts.divisions import Division, division_edge
from graph.accounts.enums import Gender
from graph.accounts.units import Unit, known_unit
from graph.core.connection import After, Before, Connection, First, Last, Paging, connect
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.errors import Eligibility
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads
from graph.core.views import Made, Views
from graph.matchmaking.enums import Admission, EventStatus
from graph.matchmaking.lottery import LotteryRecord, closed, record
from graph.matchmaking.participants import Participant
from graph.matchmaking.participants import show as show_participant


@strawberry.type(description="The seats of one sex.")
class GenderSeats:
    gender: Gender = strawberry.field(description="Whose they are.")
    total: int = strawberry.field(description="How many there are.")
    taken: int = strawberry.field(description="How many are taken.")
    waitlisted: int = strawberry.field(description="How many wait for one.")


@strawberry.type(
    description="Figures for the host. `matches` counts pairs and appears after `choicesCloseAt` only."
)
class MatchmakingResults:
    signed_up: int | None = strawberry.field(description="Sign-ups not cancelled; null under five.")
    checked_in: int | None = strawberry.field(description="Guests who came; null under five.")
    matches: int | None = strawberry.field(description="Pairs who chose each other; null under five.")


@strawberry.type(description="An event where singles meet.")
class MatchmakingEvent(Node):
    row: strawberry.Private[domain.Event]
    version: int = strawberry.field(description="Rises with each change; see `expectedVersion`.")
    title: str = strawberry.field(description="1 to 80 characters.")
    venue: str = strawberry.field(description="Where it is held.")
    description: str = strawberry.field(description="What to expect.")
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    signup_opens_at: datetime = strawberry.field(description="From when on sign-ups are taken.")
    signup_closes_at: datetime = strawberry.field(description="Until when sign-ups are taken.")
    admission: Admission = strawberry.field(description="How seats are given.")
    min_age: int = strawberry.field(description="Years on the day of the event, at least.")
    max_age: int = strawberry.field(description="Years on the day of the event, at most.")
    max_choices: int = strawberry.field(description="How many choices each guest may make after the event.")
    choices_close_at: datetime | None = strawberry.field(
        description="When choosing closes and matches appear; 24 hours after the end where nothing else is set."
    )

    @strawberry.field(description="The unit that holds it.")
    async def unit(self, info: Info) -> Unit:
        return await known_unit(info.context, self.row.unit_id)

    division: Division = strawberry.field(
        resolver=division_edge(lambda self: self.row.division_code), description="Where it is held."
    )

    @strawberry.field(description="The seats of each sex.")
    async def seats(self, info: Info) -> list[GenderSeats]:
        found = await _seats(info.context, self.row.id)
        return [
            GenderSeats(gender=one.gender, total=one.total, taken=one.taken, waitlisted=one.waitlisted)
            for one in found.values()
        ]

    @strawberry.field(description="By time and seats.")
    async def status(self, info: Info) -> EventStatus:
        free = domain.any_free(await _seats(info.context, self.row.id))
        return self.row.status_at(info.context.now, has_seats=free)

    @strawberry.field(description="May the viewer sign up, and every reason why not.")
    async def viewer_eligibility(self, info: Info) -> Eligibility:
        reasons = await info.context.loader(_eligibility).load(self.row)
        return Eligibility.of(reasons, info.context.language)

    @strawberry.field(
        description="For the host: how it went, any figure under five (zero too) withheld as null."
    )
    async def results(self, info: Info) -> MatchmakingResults | None:
        context, event = info.context, self.row
        if not await is_host(context, event.id):
            return None
        if event.matches is None and event.choosing_is_over(context.now):
            async with context.write() as tx:
                await matching.count_pairs(tx, context.ports.sealer, event.id)
        found = await context.loader(_results).load(event.id)
        assert found is not None  # the event is there
        return MatchmakingResults(
            signed_up=found.signed_up, checked_in=found.checked_in, matches=found.matches
        )

    @strawberry.field(description="Public once drawn (the hash from closing on): anyone can redo the draw.")
    async def lottery(self, info: Info) -> LotteryRecord | None:
        event = await closed(info.context, self.row)
        return record(event, await _seats(info.context, event.id)) if event.is_lottery else None

    @strawberry.field(
        description="Those checked in, without real name or contact, the viewer left out; empty for anyone but a guest who is"
        " checked in too."
    )
    async def participants(self, info: Info) -> list[Participant]:
        found = await info.context.loader(_guests).load(self.row.id) or []
        return [show_participant(info.context, row) for row in found]


def _seats_by_event(context: Context) -> Loader[UUID, dict[Sex, domain.Seats] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, dict[Sex, domain.Seats]]:
        async with context.read() as db:
            return await domain.seats_of(db, ids)

    return keyed_loader(fetch)


async def _seats(context: Context, event_id: UUID) -> dict[Sex, domain.Seats]:
    return await context.loader(_seats_by_event).load(event_id) or {}


def _results(context: Context) -> Loader[UUID, matching.Results | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, matching.Results]:
        async with context.read() as db:
            return await matching.results(db, ids)

    return keyed_loader(fetch)


def _guests(context: Context) -> Loader[UUID, list[participants.Participant] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[participants.Participant]]:
        async with context.read() as db:
            return await participants.at_events(db, context.actor, ids)

    return keyed_loader(fetch)


def _eligibility(context: Context) -> Loader[domain.Event, list[Refusal]]:
    async def fetch(asked: list[domain.Event]) -> dict[UUID, list[Refusal]]:
        async with context.read() as db:
            return await eligibilities(db, context.actor, asked, seats_of)

    async def seats_of(ids: Sequence[UUID]) -> dict[UUID, dict[Sex, domain.Seats]]:
        found = await context.loader(_seats_by_event).load_many(ids)
        return {key: seats or {} for key, seats in zip(ids, found, strict=True)}

    return Loader(fetch, identity=lambda event: event.id)


def _hosted(context: Context) -> Loader[UUID, bool | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, bool]:
        async with context.read() as db:
            return dict.fromkeys(await domain.managed(db, context.actor, ids), True)

    return keyed_loader(fetch)


async def is_host(context: Context, event_id: UUID) -> bool:
    return bool(await context.loader(_hosted).load(event_id))


_TIMES = ("cancelled_at", "ends_at", "signup_closes_at", "signup_opens_at", "admission")
EVENTS = Views(
    MatchmakingEvent,
    domain.EVENTS,
    made={
        "id": Made(lambda row, _: encode(Tag.MatchmakingEvent, row.id), "id"),
        "choices_close_at": Made(lambda row, _: row.choosing_closes_at, "choices_close_at", "ends_at"),
    },
    reads={
        "unit": ("unit_id",),
        "division": ("division_code",),
        "seats": ("id",),
        "status": ("id", *_TIMES),
        "viewer_eligibility": domain.EVENTS.names,
        "results": ("id", "matches", "choices_close_at", "ends_at"),
        "lottery": domain.EVENTS.names,
        "participants": ("id",),
        "viewer_signup": ("id",),
        "attendees": ("id",),
        "attendance_sheet": domain.EVENTS.names,
        "offline_desk": domain.EVENTS.names,
    },
)
show = EVENTS.whole.show


@loads(Tag.MatchmakingEvent)
async def load_events(context: Context, ids: list[UUID]) -> dict[UUID, MatchmakingEvent]:
    async with context.read() as db:
        found = await domain.events(db, ids)
    return {key: show(row) for key, row in found.items()}


def _by_id(context: Context) -> Loader[UUID, MatchmakingEvent | None]:
    return keyed_loader(lambda ids: load_events(context, ids))


async def known_event(context: Context, key: UUID) -> MatchmakingEvent:
    """The event that a foreign key names."""
    found = await context.loader(_by_id).load(key)
    assert found is not None  # the database's foreign key says so
    return found


@strawberry.input(description="Every part given must fit.")
class MatchmakingEventFilter:
    division_codes: list[str] | None = strawberry.field(
        description="A city code takes in its counties.", default=None
    )
    upcoming: bool | None = strawberry.field(
        description="Not yet over nor called off; false: the others.", default=None
    )
    open_for_signup: bool | None = strawberry.field(
        description="Takes sign-ups now, be it for the waiting list.", default=None
    )


@strawberry.type
class MatchmakingQueries:
    @strawberry.field(
        description="Matchmaking events: the next first; with `upcoming: false` the last first."
    )
    async def matchmaking_events(
        self,
        info: Info,
        filter: MatchmakingEventFilter | None = None,  # the contract's name
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[MatchmakingEvent]:
        asked, view = filter or MatchmakingEventFilter(), EVENTS.wanted(info)
        statement = domain.matching(
            view.projection,
            division_codes=asked_for(asked.division_codes),
            upcoming=asked.upcoming,
            open_for_signup=asked.open_for_signup,
        )
        return await connect(
            info.context,
            statement,
            view.projection.make,
            domain.LATEST if asked.upcoming is False else domain.SOONEST,
            Paging(first, after, last, before),
            view.show,
            given={"now": info.context.now},
        )

"""A youth's own sign-ups, with their choices and matches."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.core.actors import YouthActor
from domain.matchmaking import choosing, matching
from domain.matchmaking import signup as domain
from domain.matchmaking.codes import in_groups
from graph.accounts.youths import Youth
from graph.core.connection import After, Before, Connection, First, Last, Paging, connect
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.extending import extends
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads
from graph.matchmaking.enums import SignupStatus
from graph.matchmaking.events import MatchmakingEvent, known_event
from graph.matchmaking.participants import Participant, load_participants
from graph.matchmaking.participants import show as show_participant


@strawberry.type(description="Somebody who chose the guest, and whom the guest chose.")
class Match:
    participant: Participant = strawberry.field(description="Who it is.")
    contact: str = strawberry.field(description="What each agreed to share with a match.")


@strawberry.type(description="A youth's sign-up for an event; nobody else finds it.")
class MatchmakingSignup(Node):
    row: strawberry.Private[domain.Signup]
    status: SignupStatus = strawberry.field(description="How far it has come.")
    check_in_code: str | None = strawberry.field(
        description="What is shown at the desk; null for who has no seat."
    )
    lottery_entry: str | None = strawberry.field(
        description="What stands for the guest in the published list of a lottery."
    )
    created_at: datetime = strawberry.field(description="When the youth signed up.")

    @strawberry.field(description="What was signed up for.")
    async def event(self, info: Info) -> MatchmakingEvent:
        return await known_event(info.context, self.row.event_id)

    @strawberry.field(description="The place in line, from 1; null for who does not wait.")
    async def waitlist_position(self, info: Info) -> int | None:
        if self.row.status is not SignupStatus.WAITLISTED:
            return None
        return await info.context.loader(positions).load(self.row.id)

    @strawberry.field(description="The guest as others at the event see them; null until checked in.")
    async def participant(self, info: Info) -> Participant | None:
        key = self.row.participant_id
        return None if key is None else await info.context.loader(_participants).load(key)

    @strawberry.field(description="Empty for anyone but the guest.")
    async def choices(self, info: Info) -> list[Participant]:
        chosen = await info.context.loader(_chosen).load(self.row)
        found = await info.context.loader(_participants).load_many(chosen)
        return [one for one in found if one is not None]

    @strawberry.field(
        description="Empty for anyone but the guest. Those who chose each other, once choosing has closed; nobody ever learns of"
        " a choice that was not returned."
    )
    async def matches(self, info: Info) -> list[Match]:
        return [
            Match(participant=show_participant(info.context, one.participant), contact=one.contact)
            for one in await info.context.loader(_matches).load(self.row)
        ]


def _participants(context: Context) -> Loader[UUID, Participant | None]:
    return keyed_loader(lambda ids: load_participants(context, ids))


def _chosen(context: Context) -> Loader[domain.Signup, tuple[UUID, ...]]:
    async def fetch(asked: list[domain.Signup]) -> dict[UUID, tuple[UUID, ...]]:
        async with context.read() as db:
            return await choosing.chosen_by(db, context.ports.sealer, asked)

    return Loader(fetch, identity=_its_id)


def _matches(context: Context) -> Loader[domain.Signup, list[matching.Match]]:
    async def fetch(asked: list[domain.Signup]) -> dict[UUID, list[matching.Match]]:
        async with context.read() as db:
            return await matching.matches(db, context.ports.sealer, context.actor, asked)

    return Loader(fetch, identity=_its_id)


def _its_id(signup: domain.Signup) -> UUID:
    return signup.id


def positions(context: Context) -> Loader[UUID, int | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, int]:
        async with context.read() as db:
            return await domain.positions(db, ids)

    return keyed_loader(fetch)


def show(context: Context, row: domain.Signup) -> MatchmakingSignup:
    code = row.code(context.ports.sealer)
    return MatchmakingSignup(
        id=encode(Tag.MatchmakingSignup, row.id),
        row=row,
        status=row.status_at(context.now),
        check_in_code=None if code is None else in_groups(code),
        lottery_entry=None if row.lottery_entry is None else row.lottery_entry.hex,
        created_at=row.created_at,
    )


@loads(Tag.MatchmakingSignup)
async def load_signups(context: Context, ids: list[UUID]) -> dict[UUID, MatchmakingSignup]:
    async with context.read() as db:
        found = await domain.signups(db, context.actor, ids)
    return {key: show(context, row) for key, row in found.items()}


def _own_by_event(context: Context) -> Loader[UUID, MatchmakingSignup | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, MatchmakingSignup]:
        async with context.read() as db:
            found = await domain.latest_at(db, context.actor, ids)
        return {key: show(context, row) for key, row in found.items()}

    return keyed_loader(fetch)


@extends(MatchmakingEvent)
class EventSignup:
    @strawberry.field(description="The viewer's own latest sign-up.")
    async def viewer_signup(self: MatchmakingEvent, info: Info) -> MatchmakingSignup | None:
        return await info.context.loader(_own_by_event).load(self.row.id)


@extends(Youth)
class YouthMatchmaking:
    @strawberry.field(description="The youth's sign-ups for matchmaking events, the newest first.")
    async def matchmaking_signups(
        self: Youth,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[MatchmakingSignup]:
        actor = info.context.actor
        assert isinstance(actor, YouthActor)  # a Youth is found by that youth alone
        return await connect(
            info.context,
            domain.OF_YOUTH,
            domain.SIGNUPS.make,
            domain.NEWEST,
            Paging(first, after, last, before),
            lambda row: show(info.context, row),
            given={"youth": actor.id},
        )

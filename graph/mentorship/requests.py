"""Requests for mentorship as clients see them, and where they hang."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import strawberry

from domain.accounts.access_log import purpose
from domain.core.actors import StaffActor, YouthActor
from domain.core.refusals import NotAllowed
from domain.core.rights import Action, may
from domain.core.states import Move, histories
from domain.mentorship import mentor as mentors_domain
from domain.mentorship import request as domain
from domain.mentorship import slots as slots_domain
from graph.accounts.access_log import shown
from graph.accounts.youths import OWN_EYES, Youth, YouthCard, youth_card
from graph.core.connection import After, Before, Connection, First, Last, Paging, connect
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.extending import extends
from graph.core.history import StateEvent, show_move
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads
from graph.mentorship.calendars import calendar_url
from graph.mentorship.enums import MentorshipStatus, Side
from graph.mentorship.mentors import Mentor, MentorSlot, known_mentor, show_slot

MINORS_GUARDED = purpose(
    "minors-mentorship", zh="未成年人辅导内容查阅", en="looked after a minor's mentorship"
)


@strawberry.type(description="A youth asks a mentor.")
class MentorshipRequest(Node):
    row: strawberry.Private[domain.Request]
    status: MentorshipStatus = strawberry.field(description="How far it has come.")
    respond_by: datetime = strawberry.field(description="Until when it waits for an answer.")
    rating: int | None = strawberry.field(description="How the mentee found it, 1 to 5.")
    created_at: datetime = strawberry.field(description="When it was asked.")

    @strawberry.field(description="Who is asked.")
    async def mentor(self, info: Info) -> Mentor:
        return await known_mentor(info.context, self.row.mentor_id)

    @strawberry.field(description="Who asks.")
    async def mentee(self, info: Info) -> YouthCard:
        own = isinstance(info.context.actor, YouthActor) and info.context.actor.id == self.row.youth_id
        return await youth_card(info.context, self.row.youth_id, OWN_EYES if own else None)

    @strawberry.field(
        description="What it is about. For both sides; a minor's also for the case worker, as the minor is told."
    )
    async def topic(self, info: Info) -> str:
        return await self._required(info, "topic")

    @strawberry.field(
        description="What the mentee wrote. For both sides; a minor's also for the case worker, as the minor is told."
    )
    async def message(self, info: Info) -> str:
        return await self._required(info, "message")

    @strawberry.field(
        description="The time that was given or, while it waits, the one wished for and still free."
    )
    async def session(self, info: Info) -> MentorSlot | None:
        if self.row.slot_id is None:
            return None
        slot = await info.context.loader(_slot_by_id).load(self.row.slot_id)
        return show_slot(info.context, slot) if slot is not None and slot.wished_by(self.row.id) else None

    @strawberry.field(description="Where both meet online; for both sides.")
    async def meeting_url(self, info: Info) -> str | None:
        return await self._text(info, "meeting_url")

    @strawberry.field(
        description="When a request lapses unanswered it moves to the next best mentor, if the mentee allowed that: the"
        " request it became."
    )
    async def rerouted_to(self, info: Info) -> "MentorshipRequest | None":
        return await info.context.loader(_rerouted).load(self.row.id)

    @strawberry.field(description="What the mentor wrote down of the session.")
    async def summary(self, info: Info) -> str | None:
        return await self._text(info, "summary")

    @strawberry.field(description="What the mentee said of it in the review.")
    async def comment(self, info: Info) -> str | None:
        return await self._text(info, "comment")

    @strawberry.field(
        description="Every move, the oldest first, with what was said, for those who may read it."
    )
    async def history(self, info: Info) -> list[StateEvent]:
        context = info.context
        moves = await context.loader(_history).load(self.row.id) or []
        if not await self._readable(context):
            return [show_move(move) for move in moves]
        heard = await context.loader(_said).load(self.row.id) or {}
        if heard:
            await self._noted(context, "history")
        return [show_move(replace(move, note=heard[move.at]) if move.at in heard else move) for move in moves]

    async def _readable(self, context: Context) -> bool:
        """Both sides read what is written; of a minor's, case workers do."""
        if isinstance(context.actor, YouthActor) or (await self._mentor_row(context)).is_of(context.actor):
            return True
        return self.row.minor and may(context.actor, Action.READ_MENTORSHIP)

    async def _mentor_row(self, context: Context) -> mentors_domain.Mentor:
        return (await known_mentor(context, self.row.mentor_id)).row

    async def _text(self, info: Info, column: str) -> str | None:
        context = info.context
        if not await self._readable(context):
            return None
        text = self.row.text(context.ports.sealer, column)
        if text is not None:
            await self._noted(context, column)
        return text

    async def _required(self, info: Info, column: str) -> str:
        if not await self._readable(info.context):
            raise NotAllowed
        return await self._text(info, column) or ""

    async def _noted(self, context: Context, column: str) -> None:
        """A look by who is neither side is written down before it is given."""
        if isinstance(context.actor, StaffActor) and not (await self._mentor_row(context)).is_of(
            context.actor
        ):
            await shown(context, self.row.youth_id, f"mentorship.{column}", MINORS_GUARDED)


def show(context: Context, row: domain.Request) -> MentorshipRequest:
    return MentorshipRequest(
        id=encode(Tag.MentorshipRequest, row.id),
        row=row,
        status=row.status_at(context.now),
        respond_by=row.respond_by,
        rating=row.rating,
        created_at=row.created_at,
    )


@loads(Tag.MentorshipRequest)
async def load_requests(context: Context, ids: list[UUID]) -> dict[UUID, MentorshipRequest]:
    async with context.read() as db:
        found = await domain.requests(db, context.actor, ids)
    return {key: show(context, row) for key, row in found.items()}


def _slot_by_id(context: Context) -> Loader[UUID, slots_domain.Slot | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, slots_domain.Slot]:
        async with context.read() as db:
            return await slots_domain.slots(db, ids)

    return keyed_loader(fetch)


def _rerouted(context: Context) -> Loader[UUID, MentorshipRequest | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, MentorshipRequest]:
        async with context.read() as db:
            after = await domain.successors(db, ids)
            found = await domain.requests(db, context.actor, after.values())
        return {before: show(context, found[key]) for before, key in after.items() if key in found}

    return keyed_loader(fetch)


def _history(context: Context) -> Loader[UUID, list[Move] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[Move]]:
        async with context.read() as db:
            return await histories(db, ids)

    return keyed_loader(fetch)


def _said(context: Context) -> Loader[UUID, dict[datetime, str] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, dict[datetime, str]]:
        async with context.read() as db:
            found = await domain.said(db, context.ports.sealer, ids)
        by_request: dict[UUID, dict[datetime, str]] = {}
        for (request_id, at), one in found.items():
            by_request.setdefault(request_id, {})[at] = one.text
        return by_request

    return keyed_loader(fetch)


@extends(Mentor)
class MentorRequests:
    @strawberry.field(description="For the mentor, the newest first; null for others.")
    async def requests(
        self: Mentor,
        info: Info,
        statuses: list[MentorshipStatus] | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[MentorshipRequest] | None:
        context = info.context
        if not self.row.is_of(context.actor):
            return None
        return await connect(
            context,
            domain.of_mentor(self.row.id, statuses, context.now),
            domain.Request,
            domain.NEWEST,
            Paging(first, after, last, before),
            lambda row: show(context, row),
        )


@extends(Youth)
class YouthMentorship:
    @strawberry.field(description="The youth's requests for mentorship, the newest first.")
    async def mentorship_requests(
        self: Youth,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[MentorshipRequest]:
        context = info.context
        return await connect(
            context,
            domain.of_youth(self.key),
            domain.Request,
            domain.NEWEST,
            Paging(first, after, last, before),
            lambda row: show(context, row),
        )

    @strawberry.field(
        description="The secret address of an iCalendar feed of the youth's sessions as a mentee."
    )
    async def mentorship_calendar_url(self: Youth, info: Info) -> str:
        return await calendar_url(info.context, Side.MENTEE, self.key)

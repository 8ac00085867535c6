"""Staff find youths by number, confirm their tracks, and read who looked at whom."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.accounts import access_log as log_domain
from domain.accounts.confirming import confirm_tracks
from domain.accounts.finding import find_youth
from domain.accounts.youths import youths
from domain.core.db import Write
from domain.core.rights import Action, require_staff
from graph.accounts.access_log import AccessLogConnection, looks_page
from graph.accounts.enums import Track
from graph.accounts.youths import Unmasked, Youth, YouthCard, card
from graph.core.connection import After, Before, First, Last, Paging
from graph.core.context import Info
from graph.core.errors import UserError
from graph.core.extending import extends
from graph.core.ids import Tag, decode
from graph.core.mutating import errors_of, mutate
from graph.core.scalars import PhoneNumber

_NOTED = Unmasked(None)


@strawberry.input(description="Which tracks are confirmed, and by which proof.")
class ConfirmTracksInput:
    youth_id: strawberry.ID = strawberry.field(description="Whose tracks.")
    tracks: list[Track] = strawberry.field(
        description="All that hold from now on; the others are taken back."
    )
    note: str = strawberry.field(description="Which proof was seen; 2 to 200 characters.")


@strawberry.type(description="The tracks as they are now.")
class ConfirmTracksPayload:
    youth: YouthCard | None = strawberry.field(description="Null when refused.")
    tracks: list[Track] | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@extends(Youth)
class YouthAccessLog:
    @strawberry.field(description="Who looked at this youth's data, when and why.")
    async def access_log(
        self: Youth,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> AccessLogConnection:
        paging = Paging(first, after, last, before)
        return await looks_page(info.context, log_domain.of_youth(self.key), paging)


@strawberry.type
class FindingQueries:
    @strawberry.field(description="For staff in reach; leaves an audit row with the reason.")
    async def find_youth(
        self,
        info: Info,
        phone: PhoneNumber,
        reason: str,
    ) -> YouthCard | None:
        async with info.context.write() as tx:
            found = await find_youth(tx, info.context.ports.sealer, phone, reason)
        return None if found is None else card(info.context, found, _NOTED)

    @strawberry.field(
        description="For auditors: looks by staff of their unit and those below, the newest first."
    )
    async def access_log(
        self,
        info: Info,
        since: datetime | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> AccessLogConnection:
        auditor = require_staff(info.context.actor, Action.AUDIT)
        paging = Paging(first, after, last, before)
        return await looks_page(info.context, log_domain.for_auditor(auditor, since), paging)


@strawberry.type
class TrackMutations:
    @strawberry.mutation(description="Staff confirm a special track after seeing the proof.")
    async def confirm_tracks(self, info: Info, input: ConfirmTracksInput) -> ConfirmTracksPayload:
        async def act(tx: Write) -> UUID:
            youth = decode(Tag.Youth, input.youth_id, "youth_id")
            return await confirm_tracks(tx, youth, input.tracks, input.note)

        outcome = await mutate(info, input, act)
        errors = errors_of(info, outcome)
        if outcome.record_id is None:
            return ConfirmTracksPayload(youth=None, tracks=None, user_errors=errors)
        async with info.context.read() as db:
            row = (await youths(db, [outcome.record_id]))[outcome.record_id]
        return ConfirmTracksPayload(
            youth=card(info.context, row), tracks=list(row.tracks), user_errors=errors
        )

"""What an event shows to its host: attendees, the list for a desk without a network, the attendance list as a spreadsheet."""

import base64
from typing import Annotated

import strawberry
from sqlmodel import col

from domain.core.spreadsheet import MEDIA_TYPE
from domain.matchmaking import desk as domain
from domain.matchmaking.models import SignupRow
from domain.matchmaking.signup import BY_AGE, SIGNUPS
from graph.core.connection import (
    After,
    Before,
    Connection,
    First,
    Last,
    NestedList,
    PageInfo,
    Paging,
    connection_of,
)
from graph.core.context import Info
from graph.core.extending import extends
from graph.matchmaking.attendees import Attendee, show
from graph.matchmaking.enums import SignupStatus
from graph.matchmaking.events import MatchmakingEvent, is_host


@strawberry.type(description="A spreadsheet.")
class AttendanceSheet:
    file_name: str = strawberry.field(description="A name to keep it under.")
    media_type: str = strawberry.field(description="That of xlsx.")
    content: str = strawberry.field(description="The file in base64.")


@strawberry.type(description="A page of what a desk without a network needs to check guests in.")
class OfflineDeskPage:
    code_hashes: list[str] = strawberry.field(
        description="For each guest with a seat: SHA-256, in hexadecimal figures, of the event's UUID, a colon and the code"
        " without hyphens."
    )
    event_uuid: str = strawberry.field(description="The event's UUID, for the hashes.")
    signed: str = strawberry.field(
        description="This page as a compact JWS (EdDSA) of JSON with `format`, `event`, `title`, `startsAt`, `endsAt`,"
        " `codeHashes`, `madeAt`; its keys are at `/.well-known/desk-list-keys.json`."
    )
    page_info: PageInfo = strawberry.field(description="Where this page lies.")


_ATTENDEES = NestedList(domain.in_state, col(SignupRow.event_id), SIGNUPS.make, BY_AGE)
_EXPECTED = NestedList(domain.expected, col(SignupRow.event_id), domain.Expected, domain.BY_ID)


@extends(MatchmakingEvent)
class EventDesk:
    @strawberry.field(description="For the host and its staff; null for others. Never says who chose whom.")
    async def attendees(
        self: MatchmakingEvent,
        info: Info,
        status: Annotated[
            SignupStatus | None, strawberry.argument(description="In this state; all when absent.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Attendee] | None:
        context = info.context
        if not await is_host(context, self.row.id):
            return None
        paging = Paging(first, after, last, before)
        listed = await _ATTENDEES.page(context, self.row.id, paging, status, context.now)
        return connection_of(listed, lambda row: show(context, row))

    @strawberry.field(
        description="For the host: those with seats, names masked, with codes; null for others."
    )
    async def attendance_sheet(self: MatchmakingEvent, info: Info) -> AttendanceSheet | None:
        context = info.context
        if not await is_host(context, self.row.id):
            return None
        async with context.write() as tx:
            content = await domain.attendance(tx, context.ports.sealer, self.row, context.language)
        return AttendanceSheet(
            file_name=f"attendance-{self.row.starts_at:%Y%m%d}.xlsx",
            media_type=MEDIA_TYPE,
            content=base64.b64encode(content).decode(),
        )

    @strawberry.field(description="For the host: what a desk without a network needs; null for others.")
    async def offline_desk(
        self: MatchmakingEvent, info: Info, first: First = None, after: After = None
    ) -> OfflineDeskPage | None:
        context = info.context
        if not await is_host(context, self.row.id):
            return None
        listed = await _EXPECTED.page(context, self.row.id, Paging(first, after))
        hashes = [row.code_hash.hex() for row in listed.page.rows]
        return OfflineDeskPage(
            code_hashes=hashes,
            event_uuid=str(self.row.id),
            signed=context.ports.desk_lists.sign(domain.desk_page(self.row, hashes, context.now)),
            page_info=listed.info(),
        )

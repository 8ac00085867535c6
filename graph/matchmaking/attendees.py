"""Guests as the desk sees them. Each look at a name, masked as it is, is written down first."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.accounts.youths import mask_name
from domain.matchmaking import desk as domain
from domain.matchmaking.signup import Signup
from graph.accounts.access_log import shown
from graph.accounts.enums import Gender
from graph.accounts.youths import youth_rows
from graph.core.context import Context, Info
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads
from graph.matchmaking.enums import SignupStatus
from graph.matchmaking.signups import positions


@strawberry.type(description="A guest as the desk sees them.")
class Attendee(Node):
    row: strawberry.Private[Signup]
    gender: Gender = strawberry.field(description="Sex.")
    status: SignupStatus = strawberry.field(description="How far the sign-up has come.")
    checked_in_at: datetime | None = strawberry.field(description="When the guest was checked in.")

    @strawberry.field(description="The legal name with all but its first character hidden.")
    async def masked_name(self, info: Info) -> str:
        await shown(info.context, self.row.youth_id, "maskedName", domain.DESK_LOOK)
        youth = await info.context.loader(youth_rows).load(self.row.youth_id)
        name = None if youth is None else youth.legal_name(info.context.ports.sealer)
        return "" if name is None else mask_name(name)

    @strawberry.field(description="The place in line, from 1; null for who does not wait.")
    async def waitlist_position(self, info: Info) -> int | None:
        return await info.context.loader(positions).load(self.row.id)


def show(context: Context, row: Signup) -> Attendee:
    return Attendee(
        id=encode(Tag.Attendee, row.id),
        row=row,
        gender=row.gender,
        status=row.status_at(context.now),
        checked_in_at=row.checked_in_at,
    )


@loads(Tag.Attendee)
async def load_attendees(context: Context, ids: list[UUID]) -> dict[UUID, Attendee]:
    async with context.read() as db:
        found = await domain.attendees(db, context.actor, ids)
    return {key: show(context, row) for key, row in found.items()}

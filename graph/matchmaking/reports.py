"""Reports of guests, as case workers read them."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.matchmaking import reporting as domain
from domain.matchmaking.reporting import REPORT_READ
from graph.accounts.access_log import shown
from graph.accounts.youths import YouthCard, youth_card
from graph.core.context import Context, Info
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads
from graph.matchmaking.events import MatchmakingEvent, known_event


@strawberry.type(description="A guest's report of another; for case workers of the event's unit.")
class ParticipantReport(Node):
    row: strawberry.Private[domain.Report]
    created_at: datetime = strawberry.field(description="When it was made.")

    @strawberry.field(description="What was said.")
    async def reason(self, info: Info) -> str:
        await shown(info.context, self.row.reporter_id, "participantReport", REPORT_READ)
        return self.row.reason(info.context.ports.sealer)

    @strawberry.field(description="Where it happened.")
    async def event(self, info: Info) -> MatchmakingEvent:
        return await known_event(info.context, self.row.event_id)

    @strawberry.field(description="Who is reported.")
    async def reported(self, info: Info) -> YouthCard:
        await shown(info.context, self.row.reported_id, "participantReport", REPORT_READ)
        return await youth_card(info.context, self.row.reported_id)


@loads(Tag.ParticipantReport)
async def load_reports(context: Context, ids: list[UUID]) -> dict[UUID, ParticipantReport]:
    async with context.read() as db:
        found = await domain.reports(db, context.actor, ids)
    return {
        key: ParticipantReport(id=encode(Tag.ParticipantReport, key), row=row, created_at=row.created_at)
        for key, row in found.items()
    }

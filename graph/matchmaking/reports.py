"""Reports of guests, as case workers read them: from the report to its case, and from the case to its reports."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.matchmaking import reporting as domain
from domain.matchmaking.reporting import REPORT_READ
from graph.accounts.access_log import shown
from graph.accounts.youths import YouthCard, youth_card
from graph.cases.cases import Case
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.extending import extends
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads, node_by_id
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

    @strawberry.field(description="The case that it opened; null for a report from before there were cases.")
    async def case(self, info: Info) -> Case | None:
        if self.row.case_id is None:
            return None
        found: Case | None = await node_by_id(info.context, encode(Tag.Case, self.row.case_id))
        return found

    @strawberry.field(description="Who is reported.")
    async def reported(self, info: Info) -> YouthCard:
        await shown(info.context, self.row.reported_id, "participantReport", REPORT_READ)
        return await youth_card(info.context, self.row.reported_id)


def show(row: domain.Report) -> ParticipantReport:
    return ParticipantReport(id=encode(Tag.ParticipantReport, row.id), row=row, created_at=row.created_at)


@loads(Tag.ParticipantReport)
async def load_reports(context: Context, ids: list[UUID]) -> dict[UUID, ParticipantReport]:
    async with context.read() as db:
        found = await domain.reports(db, context.actor, ids)
    return {key: show(row) for key, row in found.items()}


def _by_case(context: Context) -> Loader[UUID, list[domain.Report] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[domain.Report]]:
        async with context.read() as db:
            return await domain.reports_of_cases(db, context.actor, ids)

    return keyed_loader(fetch)


@extends(Case)
class CaseReports:
    @strawberry.field(
        description="What guests of matchmaking events reported in it, the oldest first; null but for case workers."
    )
    async def participant_reports(self: Case, info: Info) -> list[ParticipantReport] | None:
        if not domain.reads(info.context.actor):
            return None
        found = await info.context.loader(_by_case).load(self.row.id) or []
        return [show(row) for row in found]

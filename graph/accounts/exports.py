"""A youth's copy of everything held about them."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.accounts import exports as domain
from domain.accounts.exports import DataExportStatus, ask_for_export
from domain.core.db import Write
from domain.core.rights import require_youth
from graph.accounts.youths import Youth
from graph.core.context import Context, Info
from graph.core.enums import served
from graph.core.errors import UserError
from graph.core.extending import extends
from graph.core.mutating import errors_of, mutate

served(DataExportStatus, "Whether the copy can be downloaded.")


@strawberry.type(description="A copy of everything held about the youth, as one JSON file.")
class DataExport:
    status: DataExportStatus = strawberry.field(description="EXPIRED also when it could not be prepared.")
    download_url: str | None = strawberry.field(
        description="While READY. Whoever has this link can download the copy."
    )
    expires_at: datetime | None = strawberry.field(description="Until when it can be downloaded; 24 hours.")


@strawberry.input(description="Ask for a copy of everything held about the signed-in youth.")
class ExportMyDataInput:
    idempotency_key: str


@strawberry.type(description="Prepared in the background: read `Youth.dataExport`.")
class ExportMyDataPayload:
    data_export: DataExport | None = strawberry.field(description="Null when it was refused.")
    user_errors: list[UserError]


def show(context: Context, row: domain.DataExport) -> DataExport:
    status, link = row.status_on(context.now), None
    if status is DataExportStatus.READY and row.expires_at is not None:
        link = context.origin + context.ports.links.to_export(row.id, row.expires_at)
    return DataExport(status=status, download_url=link, expires_at=row.expires_at)


async def _latest(context: Context, youth_id: UUID) -> DataExport | None:
    async with context.read() as db:
        row = await domain.latest_export(db, youth_id)
    return None if row is None else show(context, row)


@extends(Youth)
class YouthDataExport:
    @strawberry.field(description="The latest copy that the youth asked for; null when none was.")
    async def data_export(self: Youth, info: Info) -> DataExport | None:
        return await _latest(info.context, self.key)


@strawberry.type
class ExportMutations:
    @strawberry.mutation(
        description="Ask for a copy of everything held about the signed-in youth. It is ready within a minute, the youth is"
        " told, and it can be downloaded for 24 hours. One a day."
    )
    async def export_my_data(self, info: Info, input: ExportMyDataInput) -> ExportMyDataPayload:
        async def act(tx: Write) -> UUID:
            youth = require_youth(tx.actor).id
            await ask_for_export(tx, youth)
            return youth

        outcome = await mutate(info, input, act)
        copy = None if outcome.record_id is None else await _latest(info.context, outcome.record_id)
        return ExportMyDataPayload(data_export=copy, user_errors=errors_of(info, outcome))

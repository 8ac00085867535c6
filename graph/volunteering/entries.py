"""The ledger as clients see it."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.volunteering import entries as domain
from domain.volunteering.records import ServiceRecord
from domain.volunteering.records import records as service_records
from graph.accounts.youths import YouthCard, youth_card
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads
from graph.partners.organizations import Organization, organization
from graph.volunteering.enums import LedgerKind, LedgerStatus


def _record(context: Context) -> Loader[UUID, ServiceRecord | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, ServiceRecord]:
        async with context.read() as db:
            return await service_records(db, ids)

    return keyed_loader(fetch)


@strawberry.type(
    description="Append-only; each entry carries the hash of the one before, so that no hour can be slipped in by the back door."
)
class LedgerEntry(Node):
    row: strawberry.Private[domain.Entry]
    kind: LedgerKind = strawberry.field(description="What it is.")
    status: LedgerStatus = strawberry.field(description="Is it in the chain?")
    minutes: int = strawberry.field(description="Minutes of service that it changes.")
    points: int = strawberry.field(description="Points that it changes; one is earned by each full hour.")
    balance_after: int | None = strawberry.field(
        description="Null while PENDING or REJECTED: such a record is outside the chain, the decision appends the entry."
    )
    at: datetime = strawberry.field(description="When it was entered; of a record that waits, when it came.")
    expires_at: datetime | None = strawberry.field(description="When what is left of its points lapses.")
    hash: str | None = strawberry.field(description="SHA-256 of everything in it, in hexadecimal.")
    previous_hash: str | None = strawberry.field(description="The hash of the entry before.")

    @strawberry.field(
        description="What staff said of the record when they last decided about it or corrected it."
    )
    async def memo(self, info: Info) -> str | None:
        record = await self._of_record(info)
        return None if record is None else record.note

    @strawberry.field(
        description="Whose it is; null while nobody has signed up with the number of the record."
    )
    async def volunteer(self, info: Info) -> YouthCard | None:
        key = self.row.volunteer_id
        return None if key is None else await youth_card(info.context, key)

    @strawberry.field(description="Who recorded the service, or gives the perk.")
    async def organization(self, info: Info) -> Organization | None:
        key = self.row.organization_id
        return None if key is None else await organization(info.context, key)

    @strawberry.field(description="What was done, as the record says now.")
    async def activity(self, info: Info) -> str | None:
        record = await self._of_record(info)
        return None if record is None else record.activity

    @strawberry.field(description="When the service began.")
    async def started_at(self, info: Info) -> datetime | None:
        record = await self._of_record(info)
        return None if record is None else record.started_at

    @strawberry.field(description="When the service ended.")
    async def ended_at(self, info: Info) -> datetime | None:
        record = await self._of_record(info)
        return None if record is None else record.ended_at

    @strawberry.field(description="The organization's own key of the record.")
    async def external_ref(self, info: Info) -> str | None:
        record = await self._of_record(info)
        return None if record is None else record.external_ref

    async def _of_record(self, info: Info) -> ServiceRecord | None:
        key = self.row.record_id
        return None if key is None else await info.context.loader(_record).load(key)


def show(row: domain.Entry) -> LedgerEntry:
    return LedgerEntry(
        id=encode(Tag.LedgerEntry, row.id),
        row=row,
        kind=row.kind,
        status=row.status,
        minutes=row.minutes,
        points=row.points,
        balance_after=row.balance_after,
        at=row.at,
        expires_at=row.expires_at,
        hash=None if row.hash is None else row.hash.hex(),
        previous_hash=None if row.previous_hash is None else row.previous_hash.hex(),
    )


@loads(Tag.LedgerEntry)
async def load_entries(context: Context, ids: list[UUID]) -> dict[UUID, LedgerEntry]:
    async with context.read() as db:
        found = await domain.entries(db, context.actor, ids)
    return {key: show(row) for key, row in found.items()}

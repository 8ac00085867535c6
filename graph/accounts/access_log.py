"""Looks at youths' data: written before anything is shown, read by the youth and by auditors."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Select

from domain.accounts import access_log as domain
from domain.accounts.access_log import Look, Looker, Purpose
from graph.core.connection import Connection, Edge, Paging, list_page
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.edges import looked_through
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads


@strawberry.type(description="A look at a youth's data by somebody else.")
class AccessLogEntry(Node):
    looker: strawberry.Private[tuple[Looker, UUID]]
    fields: list[str] = strawberry.field(description="What was seen, by the names of the fields.")
    reason: str = strawberry.field(description="Why, as the looker wrote it or as the occasion says.")
    at: datetime = strawberry.field(description="When.")

    @strawberry.field(description="Who: an organization, or a unit and its member of staff.")
    async def actor(self, info: Info) -> str:
        return await info.context.loader(_names).load(self.looker) or ""


@strawberry.type(description="A look in a list.")
class AccessLogEdge(Edge[AccessLogEntry]):
    pass


@strawberry.type(description="A page of looks.")
class AccessLogConnection(Connection[AccessLogEntry]):
    @strawberry.field(description="The looks of this page with their cursors.")
    @looked_through
    def edges(self) -> list[AccessLogEdge]:
        pairs = zip(self.listed.cursors(), self.nodes, strict=True)
        return [AccessLogEdge(cursor=cursor, node=node) for cursor, node in pairs]


def _names(context: Context) -> Loader[tuple[Looker, UUID], str | None]:
    async def fetch(lookers: list[tuple[Looker, UUID]]) -> dict[tuple[Looker, UUID], str]:
        async with context.read() as db:
            found = await domain.names_of(db, lookers)
        return {looker: found[looker[1]] for looker in lookers if looker[1] in found}

    return keyed_loader(fetch)


def show(context: Context, row: domain.AccessLogEntry) -> AccessLogEntry:
    return AccessLogEntry(
        id=encode(Tag.AccessLogEntry, row.id),
        looker=(row.actor_kind, row.actor_id),
        fields=list(row.fields),
        reason=row.why(context.language),
        at=row.at,
    )


@loads(Tag.AccessLogEntry)
async def load_entries(context: Context, ids: list[UUID]) -> dict[UUID, AccessLogEntry]:
    async with context.read() as db:
        rows = await domain.entries(db, context.actor, ids)
    return {row.id: show(context, row) for row in rows}


async def looks_page(context: Context, statement: Select[Any], paging: Paging) -> AccessLogConnection:
    listed = await list_page(context, statement, domain.AccessLogEntry, domain.NEWEST, paging)
    return AccessLogConnection(nodes=[show(context, row) for row in listed.page.rows], listed=listed)


Seen = tuple[UUID, str, Purpose]


def _looks(seen: Iterable[Seen]) -> list[Look]:
    """One look for all that is seen of a youth at a time."""
    fields: dict[tuple[UUID, Purpose], set[str]] = {}
    for youth, field, purpose in seen:
        fields.setdefault((youth, purpose), set()).add(field)
    return [Look(youth, tuple(sorted(names)), purpose) for (youth, purpose), names in fields.items()]


def _recorder(context: Context) -> Loader[Seen, None]:
    async def record(seen: list[Seen]) -> dict[Seen, None]:
        async with context.write() as tx:
            await domain.record_looks(tx, _looks(seen))
        return {}

    return keyed_loader(record)


async def shown(context: Context, youth: UUID, field: str, purpose: Purpose) -> None:
    """Note that a field of a youth is about to be shown; gathered with all others that the request shows at this time."""
    await context.loader(_recorder).load((youth, field, purpose))

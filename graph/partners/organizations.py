"""Organizations as clients see them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import strawberry

from domain.core.actors import PartnerActor
from domain.core.divisions import asked_for
from domain.core.rights import Action
from domain.core.states import histories
from domain.partners import organizations as domain
from domain.partners import tokens
from domain.partners.models import OrganizationKind
from graph.accounts.divisions import Division, division_edge
from graph.accounts.notifications import Notification, inbox_page
from graph.accounts.units import Unit, unit
from graph.accounts.viewer import Viewer
from graph.core.connection import After, Before, Connection, First, Last, Paging, connect
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.edges import edge
from graph.core.enums import served
from graph.core.extending import extends
from graph.core.history import StateEvent, show_move
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads

served(OrganizationKind, "What kind of organization.")
_PEOPLE_A_POST = 10


@strawberry.type(description="An API token, without its secret.")
class ApiToken(Node):
    name: str = strawberry.field(description="What the organization calls it.")
    prefix: str = strawberry.field(description="The first characters of the secret, to recognise it by.")
    scopes: list[str] = strawberry.field(description="What it may do.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When it ends.")
    last_used_at: datetime | None = strawberry.field(description="When it was last used, to the minute.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked; dead from then on.")


@strawberry.type(
    description="A partner: it posts internships, rents out flats, gives perks or runs services."
)
class Organization(Node):
    key: strawberry.Private[UUID]
    division_code: strawberry.Private[str]
    unit_id: strawberry.Private[UUID]
    version: int = strawberry.field(description="Rises with each change; see `expectedVersion`.")
    name: str = strawberry.field(description="Its registered name.")
    kind: OrganizationKind = strawberry.field(description="What kind of organization.")
    verified: bool = strawberry.field(description="Did staff verify that it is who it says?")
    employee_count: int | None = strawberry.field(
        description="People employed; the regulation asks for internship posts of a tenth of it."
    )
    industry_code: str | None = strawberry.field(
        description="GB/T 4754 code, for the list of places where no youth is sent."
    )

    division: Division | None = strawberry.field(
        resolver=division_edge(lambda self: self.division_code), description="Where it is."
    )

    @strawberry.field(description="ceil(employeeCount / 10), null when the count is unknown.")
    def recommended_posts(self) -> int | None:
        return None if self.employee_count is None else -(-self.employee_count // _PEOPLE_A_POST)

    @strawberry.field(description="The unit that looks after it.")
    async def unit(self, info: Info) -> Unit | None:
        return await unit(info.context, self.unit_id)

    @strawberry.field(description="The organization and staff in reach; null for others.")
    async def api_tokens(self, info: Info) -> list[ApiToken] | None:
        return await info.context.loader(_tokens_by_organization).load(self.key)

    @strawberry.field(description="The organization and staff in reach; null for others.")
    async def history(self, info: Info) -> list[StateEvent] | None:
        return await info.context.loader(_history_by_organization).load(self.key)

    @strawberry.field(description="What the organization was told, the newest first; null for others.")
    async def notifications(
        self,
        info: Info,
        unread_only: bool | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Notification] | None:
        actor = info.context.actor
        if not isinstance(actor, PartnerActor) or actor.organization_id != self.key:
            return None
        return await inbox_page(info.context, self.key, unread_only, Paging(first, after, last, before))


def show(row: domain.Organization) -> Organization:
    return Organization(
        id=encode(Tag.Organization, row.id),
        key=row.id,
        division_code=row.division_code,
        unit_id=row.unit_id,
        version=row.version,
        name=row.name,
        kind=row.kind,
        verified=row.verified,
        employee_count=row.employee_count,
        industry_code=row.industry_code,
    )


def _shown(*columns: Any) -> Organization:
    return show(domain.Organization(*columns))


def show_token(row: tokens.ApiToken) -> ApiToken:
    return ApiToken(
        id=encode(Tag.ApiToken, row.id),
        name=row.name,
        prefix=row.prefix,
        scopes=[scope.value for scope in row.scopes],
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


@cache
def _seen_by(action: Action) -> Callable[[Context], Loader[UUID, bool | None]]:
    def loader(context: Context) -> Loader[UUID, bool | None]:
        async def fetch(ids: list[UUID]) -> dict[UUID, bool]:
            async with context.read() as db:
                return dict.fromkeys(await domain.visible_records(db, context.actor, action, ids), True)

        return keyed_loader(fetch)

    return loader


async def sees_records(context: Context, action: Action, organization_id: UUID) -> bool:
    """May the actor see what belongs to the organization (by `action`)? Gathered with others that are asked for."""
    return bool(await context.loader(_seen_by(action)).load(organization_id))


@loads(Tag.Organization)
async def load_organizations(context: Context, ids: list[UUID]) -> dict[UUID, Organization]:
    async with context.read() as db:
        return await domain.ORGANIZATIONS.shown(db, ids, _shown)


@loads(Tag.ApiToken)
async def load_tokens(context: Context, ids: list[UUID]) -> dict[UUID, ApiToken]:
    async with context.read() as db:
        rows = await tokens.TOKENS.by_ids(db, ids)
        seen = await domain.visible_records(
            db, context.actor, Action.SEE_ORGANIZATION_RECORDS, {row.organization_id for row in rows}
        )
    return {row.id: show_token(row) for row in rows if row.organization_id in seen}


def organizations_by_id(context: Context) -> Loader[UUID, Organization | None]:
    return keyed_loader(lambda ids: load_organizations(context, ids))


def organization_edge(key: Callable[[Any], UUID]) -> Callable[..., Awaitable[Any]]:
    """A resolver for the organization that a row's foreign key names."""
    return edge(organizations_by_id, key)


async def organization(context: Context, key: UUID) -> Organization:
    """The organization that a foreign key names."""
    found = await context.loader(organizations_by_id).load(key)
    assert found is not None  # the database's foreign key says so
    return found


def _tokens_by_organization(context: Context) -> Loader[UUID, list[ApiToken] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[ApiToken]]:
        async with context.read() as db:
            seen = await domain.visible_records(db, context.actor, Action.SEE_ORGANIZATION_RECORDS, ids)
            rows = await tokens.tokens_of(db, seen)
        found: dict[UUID, list[ApiToken]] = {key: [] for key in seen}
        for row in rows:
            found[row.organization_id].append(show_token(row))
        return found

    return keyed_loader(fetch)


def _history_by_organization(context: Context) -> Loader[UUID, list[StateEvent] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[StateEvent]]:
        async with context.read() as db:
            seen = await domain.visible_records(db, context.actor, Action.SEE_ORGANIZATION_RECORDS, ids)
            found = await histories(db, seen)
        return {key: [show_move(move) for move in moves] for key, moves in found.items()}

    return keyed_loader(fetch)


@strawberry.input(description="Every part given must fit.")
class OrganizationFilter:
    text: str | None = strawberry.field(description="Words of the name, all of them.", default=None)
    kinds: list[OrganizationKind] | None = strawberry.field(description="Any of these kinds.", default=None)
    division_codes: list[str] | None = strawberry.field(
        description="Any of these divisions; a city code takes in its counties.", default=None
    )
    verified: bool | None = strawberry.field(description="Verified ones alone, or the others.", default=None)


@extends(Viewer)
class ViewerOrganization:
    @strawberry.field(description="Set when a partner's API token is used.")
    async def organization(self: Viewer, info: Info) -> Organization | None:
        actor = info.context.actor
        return (
            await organization(info.context, actor.organization_id)
            if isinstance(actor, PartnerActor)
            else None
        )


@strawberry.type
class OrganizationQueries:
    @strawberry.field(description="Organizations, the newest first.")
    async def organizations(
        self,
        info: Info,
        filter: OrganizationFilter | None = None,  # the contract's name
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Organization]:
        asked = filter or OrganizationFilter()
        statement = domain.matching(
            text=asked.text,
            kinds=asked.kinds,
            division_codes=asked_for(asked.division_codes),
            verified=asked.verified,
        )
        paging = Paging(first, after, last, before)
        return await connect(info.context, statement, domain.Organization, domain.NEWEST, paging, show)

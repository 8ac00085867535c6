"""Units of the league and their members of staff."""

from typing import Annotated
from uuid import UUID

import strawberry
from sqlmodel import col

from domain.accounts import staff as staff_domain
from domain.accounts import units as units_domain
from domain.accounts.models import StaffRow
from domain.accounts.reach import reached_units
from domain.core.actors import StaffActor
from domain.core.rights import Action, may
from graph.accounts.divisions import Division, division
from graph.accounts.enums import StaffRole, UnitLevel
from graph.core.connection import After, Before, Connection, First, Last, NestedList, Paging, connection_of
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.ids import Tag, decode_if, encode
from graph.core.node import Node, loads


@strawberry.type(description="A unit of the league: it looks after a division, a system or a school.")
class Unit(Node):
    key: strawberry.Private[UUID]
    parent_id: strawberry.Private[UUID | None]
    division_code: strawberry.Private[str | None]
    name: str = strawberry.field(description="Its official name.")
    level: UnitLevel = strawberry.field(description="What kind of unit.")

    @strawberry.field(description="The unit right above it.")
    async def parent(self, info: Info) -> "Unit | None":
        return await unit(info.context, self.parent_id)

    @strawberry.field(description="The division that it looks after.")
    async def division(self, info: Info) -> Division | None:
        return await division(info.context, self.division_code)

    @strawberry.field(description="The units right below it.")
    async def children(self, info: Info) -> "list[Unit]":
        return await info.context.loader(_children).load(self.key) or []

    @strawberry.field(description="Its members; null for anyone but staff in reach.")
    async def staff(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        active: Annotated[
            bool,
            strawberry.argument(
                description="False: those who no longer are, for admins in reach; else null."
            ),
        ] = True,
    ) -> "Connection[StaffMember] | None":
        actor = info.context.actor
        action = Action.SEE_STAFF if active else Action.MANAGE_STAFF
        if not isinstance(actor, StaffActor) or not may(actor, action):
            return None
        if not await info.context.loader(_reached).load(self.key):
            return None
        paging = Paging(first, after, last, before)
        return connection_of(await _STAFF.page(info.context, self.key, paging, active), show_member)


def _reached(context: Context) -> Loader[UUID, bool | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, bool]:
        if not isinstance(context.actor, StaffActor):
            return {}
        async with context.read() as db:
            return dict.fromkeys(await reached_units(db, context.actor, ids), True)

    return keyed_loader(fetch)


_STAFF = NestedList(staff_domain.still, col(StaffRow.unit_id), staff_domain.StaffMember, staff_domain.BY_ID)


@strawberry.type(description="A member of staff.")
class StaffMember(Node):
    key: strawberry.Private[UUID]
    row: strawberry.Private[staff_domain.StaffMember]
    name: str = strawberry.field(description="The member's name.")
    roles: list[StaffRole] = strawberry.field(description="What the member may do within the unit and below.")
    active: bool = strawberry.field(description="May the member sign in and act?")

    @strawberry.field(description="The unit in which and below which the member acts.")
    async def unit(self, info: Info) -> Unit:
        return await known_unit(info.context, self.row.unit_id)

    @strawberry.field(description="The number with its middle hidden; null for anyone but admins in reach.")
    async def phone_masked(self, info: Info) -> str | None:
        context = info.context
        if not await context.loader(_managed).load(self.row.unit_id):
            return None
        return self.row.phone_masked(context.ports.sealer)


def show(row: units_domain.Unit) -> Unit:
    return Unit(
        id=encode(Tag.Unit, row.id),
        key=row.id,
        name=row.name,
        level=row.level,
        parent_id=row.parent_id,
        division_code=row.division_code,
    )


def show_member(row: staff_domain.StaffMember) -> StaffMember:
    return StaffMember(
        id=encode(Tag.StaffMember, row.id),
        key=row.id,
        row=row,
        name=row.name,
        roles=list(row.roles),
        active=row.active,
    )


@loads(Tag.Unit)
async def load_units(context: Context, ids: list[UUID]) -> dict[UUID, Unit]:
    async with context.read() as db:
        found = await units_domain.units(db, ids)
    return {key: show(row) for key, row in found.items()}


@loads(Tag.StaffMember)
async def load_members(context: Context, ids: list[UUID]) -> dict[UUID, StaffMember]:
    async with context.read() as db:
        found = await staff_domain.members(db, context.actor, ids)
    return {key: show_member(row) for key, row in found.items()}


def _unit_by_id(context: Context) -> Loader[UUID, Unit | None]:
    return keyed_loader(lambda ids: load_units(context, ids))


def _children(context: Context) -> Loader[UUID, list[Unit] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID | None, list[Unit]]:
        async with context.read() as db:
            found = await units_domain.children(db, ids)
        return {parent: [show(row) for row in rows] for parent, rows in found.items()}

    return keyed_loader(fetch)


def _managed(context: Context) -> Loader[UUID, bool | None]:
    """Is the unit one whose members whoever asks manages?"""

    async def fetch(ids: list[UUID]) -> dict[UUID, bool]:
        actor = context.actor
        if not isinstance(actor, StaffActor) or not may(actor, Action.MANAGE_STAFF):
            return {}
        async with context.read() as db:
            return dict.fromkeys(await reached_units(db, actor, ids), True)

    return keyed_loader(fetch)


async def unit(context: Context, key: UUID | None) -> Unit | None:
    return None if key is None else await context.loader(_unit_by_id).load(key)


async def known_unit(context: Context, key: UUID) -> Unit:
    """The unit that a foreign key names."""
    found = await unit(context, key)
    assert found is not None  # the database's foreign key says so
    return found


@strawberry.type
class UnitQueries:
    @strawberry.field(description="The units right below one; the roots of the tree when no parent is named.")
    async def units(self, info: Info, parent_id: strawberry.ID | None = None) -> list[Unit]:
        parent = decode_if(Tag.Unit, parent_id, "parentId")
        if parent is not None:
            return await info.context.loader(_children).load(parent) or []
        async with info.context.read() as db:
            return [show(row) for row in await units_domain.roots(db)]

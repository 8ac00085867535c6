"""Admins create, rename and move units."""

from uuid import UUID

import strawberry

from domain.accounts.unit_tree import UnitFields, create_unit, update_unit
from domain.core.db import Write
from graph.accounts.enums import UnitLevel
from graph.accounts.units import Unit
from graph.core.context import Info
from graph.core.errors import UserError
from graph.core.given import given_fields
from graph.core.ids import Tag, decode_if
from graph.core.mutating import errors_of, mutate, record_of


@strawberry.input(description="A unit of the league; an id updates, none creates.")
class UpsertUnitInput:
    name: str = strawberry.field(description="Its official name, 1 to 100 characters.")
    level: UnitLevel = strawberry.field(
        description="What kind of unit: a CITY stands below a PROVINCE, a COUNTY below a CITY, a TOWNSHIP below a CITY or"
        " COUNTY, a SYSTEM below any but a SCHOOL, a SCHOOL below any."
    )
    id: strawberry.ID | None = None
    parent_id: strawberry.ID | None = strawberry.field(
        description="The unit right above it, in the admin's reach. Another one moves the unit with all below it.",
        default=None,
    )
    division_code: str | None = strawberry.field(
        description="The division that it looks after (GB/T 2260); provinces, cities and counties have one each.",
        default=None,
    )
    idempotency_key: str | None = None


@strawberry.type(description="The unit as it is now.")
class UnitPayload:
    unit: Unit | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type
class UnitMutations:
    @strawberry.mutation(
        description="Create a unit, rename or move one (admins of the unit above, or of the unit itself)."
    )
    async def upsert_unit(self, info: Info, input: UpsertUnitInput) -> UnitPayload:
        given = given_fields(info)

        async def act(tx: Write) -> UUID:
            key = decode_if(Tag.Unit, input.id, "id")
            fields = UnitFields(
                name=input.name,
                level=input.level,
                parent_id=decode_if(Tag.Unit, input.parent_id, "parent_id"),
                division_code=input.division_code,
            )
            return await create_unit(tx, fields) if key is None else await update_unit(tx, key, fields, given)

        outcome = await mutate(info, input, act)
        return UnitPayload(
            unit=await record_of(info, Tag.Unit, outcome), user_errors=errors_of(info, outcome)
        )

"""Admins enter members of staff and change them."""

from uuid import UUID

import strawberry

from domain.accounts.staffing import MemberFields, Written, appoint, change
from domain.core.db import Write
from graph.accounts.enums import StaffRole
from graph.accounts.units import StaffMember
from graph.core.context import Info
from graph.core.errors import UserError
from graph.core.given import given_fields
from graph.core.ids import Tag, decode, decode_if
from graph.core.mutating import errors_of, mutate, record_of
from graph.core.scalars import PhoneNumber


@strawberry.input(description="A member of staff; an id updates, none creates.")
class UpsertStaffMemberInput:
    unit_id: strawberry.ID = strawberry.field(
        description="The unit in which and below which the member acts."
    )
    name: str = strawberry.field(description="The member's name, 1 to 100 characters.")
    phone: PhoneNumber = strawberry.field(
        description="The number to sign in with; of one member of staff alone. Another number signs the member out."
    )
    roles: list[StaffRole] = strawberry.field(description="All that hold from now on.")
    id: strawberry.ID | None = None
    active: bool = strawberry.field(
        description="False: the member is signed out and acts no more. Absent with an id: as it was.",
        default=True,
    )
    reset_totp: bool = strawberry.field(
        description="True makes a new secret and new recovery codes for who lost the device, and signs the member out.",
        default=False,
    )


@strawberry.type(
    description="The member as they are now. The first time, and after a reset, what the member needs to set up TOTP;"
    " shown once."
)
class StaffMemberPayload:
    staff: StaffMember | None = strawberry.field(description="Null when refused.")
    totp_uri: str | None = strawberry.field(
        description="`otpauth://totp/…` for the member's device (SHA-1, 6 digits, 30 s), when it was made just now."
    )
    recovery_codes: list[str] | None = strawberry.field(
        description="Ten codes, each good for one sign-in without the device, when they were made just now."
    )
    user_errors: list[UserError]


@strawberry.type
class StaffMutations:
    @strawberry.mutation(
        description="Enter a member of staff or change one (admins of the unit or above it). Nobody changes their own rights."
    )
    async def upsert_staff_member(self, info: Info, input: UpsertStaffMemberInput) -> StaffMemberPayload:
        sealer, given, written = info.context.ports.sealer, given_fields(info), list[Written]()

        async def act(tx: Write) -> UUID:
            key = decode_if(Tag.StaffMember, input.id, "id")
            unit = decode(Tag.Unit, input.unit_id, "unit_id")
            if key is None:
                done = await appoint(
                    tx,
                    sealer,
                    unit_id=unit,
                    name=input.name,
                    phone=input.phone,
                    roles=input.roles,
                    active=input.active,
                )
            else:
                active = input.active if "active" in given else None
                wished = MemberFields(unit, input.name, input.phone, tuple(input.roles), active)
                done = await change(tx, sealer, key, wished, reset_totp=input.reset_totp)
            written.append(done)
            return done.id

        outcome = await mutate(info, input, act)
        factor = written[0].factor if written and not outcome.refusals else None
        return StaffMemberPayload(
            staff=await record_of(info, Tag.StaffMember, outcome),
            totp_uri=None if factor is None else factor.totp_uri,
            recovery_codes=None if factor is None else list(factor.recovery_codes),
            user_errors=errors_of(info, outcome),
        )

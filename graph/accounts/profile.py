"""What a youth says of themselves, and the number that they are reached at."""

from datetime import date
from uuid import UUID

import strawberry

from domain.accounts.phone_change import change_phone
from domain.accounts.profile import update_profile
from domain.core.db import Write
from domain.core.idempotency import Outcome
from domain.core.rights import require_youth
from graph.accounts.enums import EducationLevel, Gender
from graph.accounts.youths import Youth
from graph.core.context import Info
from graph.core.errors import UserError
from graph.core.given import given_fields
from graph.core.ids import Tag
from graph.core.mutating import errors_of, mutate, record_of
from graph.core.scalars import PhoneNumber


@strawberry.input(description="What to change: a field that is absent stays, null clears it.")
class UpdateProfileInput:
    display_name: str | None = strawberry.field(
        description="The name to go by, 1 to 20 characters.", default=None
    )
    gender: Gender | None = strawberry.field(description="Not once the real name is verified.", default=None)
    birth_date: date | None = strawberry.field(
        description="Of somebody 14 to 45 years old; not once the real name is verified.", default=None
    )
    education: EducationLevel | None = strawberry.field(
        description="Highest education, finished or under way.", default=None
    )
    school: str | None = strawberry.field(
        description="School or university, up to 60 characters.", default=None
    )
    major: str | None = strawberry.field(description="Subject of study, up to 60 characters.", default=None)
    graduation_year: int | None = strawberry.field(description="1950 to 2100.", default=None)
    division_code: str | None = strawberry.field(
        description="Where the youth lives or studies (GB/T 2260).", default=None
    )


@strawberry.input(description="A number and the code that was sent there.")
class ChangePhoneInput:
    phone: PhoneNumber = strawberry.field(description="The new number.")
    code: str = strawberry.field(description="Six digits, sent to the new number for CHANGE_PHONE.")


@strawberry.type(description="The youth as they are now.")
class UpdateProfilePayload:
    youth: Youth | None = strawberry.field(description="Null when it was refused.")
    user_errors: list[UserError]


async def _answer(info: Info, outcome: Outcome) -> UpdateProfilePayload:
    return UpdateProfilePayload(
        youth=await record_of(info, Tag.Youth, outcome), user_errors=errors_of(info, outcome)
    )


@strawberry.type
class ProfileMutations:
    @strawberry.mutation(description="Change what the signed-in youth says of themselves.")
    async def update_profile(self, info: Info, input: UpdateProfileInput) -> UpdateProfilePayload:
        changes = {name: getattr(input, name) for name in given_fields(info)}

        async def act(tx: Write) -> UUID:
            return await update_profile(tx, require_youth(tx.actor).id, changes)

        return await _answer(info, await mutate(info, input, act))

    @strawberry.mutation(description="Binds or changes the number of the signed-in youth.")
    async def change_phone(self, info: Info, input: ChangePhoneInput) -> UpdateProfilePayload:
        ports = info.context.ports

        async def act(tx: Write) -> UUID:
            youth = require_youth(tx.actor).id
            return await change_phone(tx, ports.sealer, ports.codes, youth, input.phone, input.code)

        return await _answer(info, await mutate(info, input, act))

"""Consents, given and withdrawn."""

from uuid import UUID

import strawberry

from domain.accounts.consenting import ConsentGiven, give_consent, withdraw_consent
from domain.core.db import Write
from domain.core.rights import require_youth
from graph.accounts.enums import ConsentPurpose
from graph.accounts.youths import Youth
from graph.core.context import Info
from graph.core.errors import UserError
from graph.core.ids import Tag
from graph.core.mutating import errors_of, mutate, record_of
from graph.core.scalars import PhoneNumber


@strawberry.input(description="What is agreed to, or no longer.")
class GiveConsentInput:
    purpose: ConsentPurpose = strawberry.field(description="What it is for.")
    version: str = strawberry.field(
        description="The version of the text that was agreed to, 1 to 20 characters."
    )
    withdraw: bool = strawberry.field(
        description="True takes it back; TERMS and REAL_NAME are not taken back here.", default=False
    )
    guardian_phone: PhoneNumber | None = strawberry.field(
        description="For GUARDIAN: the guardian's number, another than the youth's.", default=None
    )
    guardian_code: str | None = strawberry.field(
        description="For GUARDIAN: the code sent there for GUARDIAN_CONSENT.", default=None
    )


@strawberry.type(description="The youth with every consent.")
class GiveConsentPayload:
    youth: Youth | None = strawberry.field(description="Null when it was refused.")
    user_errors: list[UserError]


@strawberry.type
class ConsentMutations:
    @strawberry.mutation(
        description="Give a consent or withdraw it. Giving another version closes the one before."
    )
    async def give_consent(self, info: Info, input: GiveConsentInput) -> GiveConsentPayload:
        ports, version = info.context.ports, input.version.strip()

        async def act(tx: Write) -> UUID:
            youth = require_youth(tx.actor).id
            if input.withdraw:
                return await withdraw_consent(tx, youth, input.purpose, version)
            given = ConsentGiven(input.purpose, version, input.guardian_phone, input.guardian_code)
            return await give_consent(tx, ports.sealer, ports.codes, youth, given)

        outcome = await mutate(info, input, act)
        return GiveConsentPayload(
            youth=await record_of(info, Tag.Youth, outcome), user_errors=errors_of(info, outcome)
        )

"""Staff sign in with a phone's code and a second factor."""

from uuid import UUID

import strawberry

from domain.accounts.codes import PhoneCodePurpose
from domain.accounts.sessions import Bearer, Opened, open_session
from domain.accounts.staff_sign_in import member_who_signs_in
from domain.core.db import Write
from domain.core.refusals import Refusal
from graph.accounts.sessions import SignInPayload, refused, signed_in
from graph.core.context import Info
from graph.core.mutating import mutate
from graph.core.scalars import PhoneNumber


@strawberry.input(description="A member's number, the code that was sent there, and the second factor.")
class SignInStaffInput:
    phone: PhoneNumber = strawberry.field(description="The number that the code was sent to.")
    code: str = strawberry.field(description="Six digits, sent for STAFF_SIGN_IN.")
    totp: str = strawberry.field(
        description="The six digits that the device shows now, or a recovery code; each serves once."
    )


@strawberry.type
class StaffSignInMutations:
    @strawberry.mutation(
        description="Phone code and TOTP (or a recovery code). Ten tries an hour for each number; a refusal does not say"
        " whether the number is a member's."
    )
    async def sign_in_staff(self, info: Info, input: SignInStaffInput) -> SignInPayload:
        context, ports, opened = info.context, info.context.ports, list[Opened]()
        try:
            # Before the transaction: no connection waits for Valkey. The try is counted before it is looked at.
            await ports.codes.take(input.phone, PhoneCodePurpose.STAFF_SIGN_IN, input.code)
            await ports.factor_tries.count(input.phone)
        except Refusal as reason:
            return refused(info, reason)

        async def act(tx: Write) -> UUID:
            member = await member_who_signs_in(tx, ports.sealer, input.phone, input.totp)
            device = context.asker.device
            opened.append(await open_session(tx, ports.sealer, Bearer.STAFF, member, device))
            return member

        outcome = await mutate(info, input, act)
        return refused(info, *outcome.refusals) if outcome.refusals else await signed_in(info, opened[0])

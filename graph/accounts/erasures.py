"""A youth erases their account, and may take it back for seven days."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.accounts.codes import PhoneCodePurpose
from domain.accounts.erasures import (
    Erasure,
    PhoneNeeded,
    ask_for_erasure,
    code_of,
    standing,
    take_back,
)
from domain.accounts.youths import youths
from domain.core.db import Write
from domain.core.idempotency import Outcome
from domain.core.refusals import Invalid, Refusal, SignInNeeded
from domain.core.rights import require_youth
from graph.accounts.youths import Youth
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.errors import UserError
from graph.core.extending import extends
from graph.core.mutating import errors_of, mutate


@strawberry.input(description="Erase the account of the signed-in youth.")
class DeleteMyAccountInput:
    code: str = strawberry.field(
        description="The code that was sent to the youth's own number for DELETE_ACCOUNT."
    )


@strawberry.input(description="Keep the account after all.")
class CancelAccountDeletionInput:
    confirm: bool = strawberry.field(description="Must be true.", default=True)


@strawberry.type(description="When the account is erased.")
class DeleteMyAccountPayload:
    erases_at: datetime | None = strawberry.field(description="Null when no deletion is asked for.")
    receipt_code: str | None = strawberry.field(
        description="Reads the receipt at `/erasure-receipts/{receiptCode}`, also when the account is gone. Keep it: it"
        " cannot be had again afterwards."
    )
    user_errors: list[UserError]


def _standing(context: Context) -> Loader[UUID, Erasure | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, Erasure]:
        async with context.read() as db:
            return await standing(db, ids)

    return keyed_loader(fetch)


@extends(Youth)
class YouthErasure:
    @strawberry.field(description="When the account is erased, if its deletion was asked for.")
    async def erases_at(self: Youth, info: Info) -> datetime | None:
        found = await info.context.loader(_standing).load(self.key)
        return None if found is None else found.erases_at


async def _answer(info: Info, outcome: Outcome) -> DeleteMyAccountPayload:
    context, found = info.context, None
    if outcome.record_id is not None:
        found = await context.loader(_standing).load(outcome.record_id)
    return DeleteMyAccountPayload(
        erases_at=None if found is None else found.erases_at,
        receipt_code=None if found is None else code_of(found, context.ports.secret_keys),
        user_errors=errors_of(info, outcome),
    )


async def _asked_before(context: Context, youth_id: UUID) -> bool:
    async with context.read() as db:
        return bool(await standing(db, [youth_id]))


async def _prove(context: Context, youth_id: UUID, code: str) -> None:
    """The youth reads the messages of their own number; PhoneNeeded without one. Outside of any transaction."""
    async with context.read() as db:
        row = (await youths(db, [youth_id])).get(youth_id)
    if row is None:
        raise SignInNeeded
    phone = row.phone(context.ports.sealer)
    if phone is None:
        raise PhoneNeeded
    await context.ports.codes.take(phone, PhoneCodePurpose.DELETE_ACCOUNT, code)


async def _delete(info: Info, input: DeleteMyAccountInput) -> Outcome:
    """A request that stands is answered as it is: its code was used up by the call whose answer got lost."""
    context = info.context
    try:
        youth = require_youth(context.actor).id
        if await _asked_before(context, youth):
            return Outcome(record_id=youth)
        await _prove(context, youth, input.code)
    except Refusal as reason:
        return Outcome(refusals=(reason,))

    async def act(tx: Write) -> UUID:
        await ask_for_erasure(tx, context.ports.secret_keys, youth)
        return youth

    return await mutate(info, input, act)


@strawberry.type
class ErasureMutations:
    @strawberry.mutation(
        description="Erase the account and all data of the signed-in youth after seven days. Asked again, the answer is the"
        " same."
    )
    async def delete_my_account(self, info: Info, input: DeleteMyAccountInput) -> DeleteMyAccountPayload:
        return await _answer(info, await _delete(info, input))

    @strawberry.mutation(description="Take the deletion back; possible until it happens.")
    async def cancel_account_deletion(
        self, info: Info, input: CancelAccountDeletionInput
    ) -> DeleteMyAccountPayload:
        async def act(tx: Write) -> UUID:
            youth = require_youth(tx.actor).id
            if not input.confirm:
                raise Invalid("confirm", zh="须为 true。", en="Must be true.")
            await take_back(tx, youth)
            return youth

        return await _answer(info, await mutate(info, input, act))

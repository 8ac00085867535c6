"""The real name, checked by the registry."""

from dataclasses import replace
from uuid import UUID

import strawberry

from domain.accounts.models import RealNameStatus
from domain.accounts.verifying import IdentityMismatched, claim, count_claim, require_free, settle
from domain.core.db import Write
from domain.core.idempotency import Outcome
from domain.core.refusals import Refusal, Refused
from domain.core.rights import require_youth
from graph.accounts.youths import Youth
from graph.core.context import Info
from graph.core.errors import UserError
from graph.core.ids import Tag
from graph.core.mutating import errors_of, mutate, record_of


@strawberry.input(description="Who the youth is by their document.")
class VerifyRealNameInput:
    name: str = strawberry.field(description="The Chinese name on the document, 2 to 30 characters.")
    id_number: str = strawberry.field(
        description="Resident identity number or Hong Kong/Macao/Taiwan residence permit number; checked, encrypted,"
        " never returned."
    )


@strawberry.type(description="How far the real name is checked now: read `youth.realNameStatus`.")
class VerifyRealNamePayload:
    youth: Youth | None = strawberry.field(
        description="Null when it was refused before the registry was asked."
    )
    user_errors: list[UserError]


async def _verify(info: Info, input: VerifyRealNameInput) -> Outcome:
    """
    The registry is asked between two transactions: however slow it is, it holds neither. The first is committed even when
    what follows is refused, as every claim counts that is answered.
    """
    context, ports, statuses = info.context, info.context.ports, list[RealNameStatus]()
    try:
        youth = require_youth(context.actor).id
        async with context.read() as db:
            claimed = await claim(db, youth, input.name, input.id_number)
        async with context.write() as tx:
            await count_claim(tx, youth)
        async with context.read() as db:
            await require_free(db, ports.sealer, youth, claimed.number)
    except Refusal as reason:
        return Outcome(refusals=(reason,))
    except Refused as refused:
        return Outcome(refusals=refused.reasons)
    answer = await ports.registry.check(claimed.name, claimed.number)

    async def act(tx: Write) -> UUID:
        statuses.append(await settle(tx, ports.sealer, youth, claimed, answer))
        return youth

    outcome = await mutate(info, input, act)
    # What the registry denies is written down: the refusal is added after, and does not undo it.
    return (
        replace(outcome, refusals=(IdentityMismatched(),))
        if RealNameStatus.REJECTED in statuses and not outcome.refusals
        else outcome
    )


@strawberry.type
class RealNameMutations:
    @strawberry.mutation(
        description="Check the youth's name and identity number; this is the REAL_NAME consent too. PENDING when the"
        " registry gives no answer."
    )
    async def verify_real_name(self, info: Info, input: VerifyRealNameInput) -> VerifyRealNamePayload:
        outcome = await _verify(info, input)
        return VerifyRealNamePayload(
            youth=await record_of(info, Tag.Youth, outcome), user_errors=errors_of(info, outcome)
        )

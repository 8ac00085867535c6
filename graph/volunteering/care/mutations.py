"""What volunteers and staff do about the care fund. Each opens one transaction and calls one action."""

from enum import StrEnum
from uuid import UUID

import strawberry

from domain.core.db import Write
from domain.volunteering.care import claiming, deciding
from domain.volunteering.states import ClaimStatus
from graph.core.context import Info
from graph.core.enums import served
from graph.core.errors import UserError
from graph.core.ids import Tag, decode
from graph.core.mutating import Act, errors_of, mutate, record_of
from graph.volunteering.care.claims import CareFundClaim
from graph.volunteering.enums import CareFundReason


class ClaimDecision(StrEnum):
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    PAID = "PAID"


served(ClaimDecision, "What staff say about a claim.")


@strawberry.input(description="A claim on the care fund.")
class ClaimCareFundInput:
    reason: CareFundReason = strawberry.field(description="What for.")
    description: str = strawberry.field(description="What happened, 1 to 4,000 characters.")
    amount_fen: int = strawberry.field(description="What is asked for, in fen.")
    idempotency_key: str


@strawberry.input(description="What becomes of a claim.")
class DecideCareFundClaimInput:
    claim_id: strawberry.ID = strawberry.field(description="Which claim.")
    to: ClaimDecision = strawberry.field(
        description="APPROVED takes two members of staff above a limit; PAID follows APPROVED."
    )
    amount_fen: int | None = strawberry.field(
        description="What is approved, in fen; absent: what was approved before, or all.", default=None
    )
    note: str | None = strawberry.field(
        description="For the volunteer to read, up to 1,000 characters.", default=None
    )


@strawberry.type(description="The claim as it is now.")
class CareFundClaimPayload:
    claim: CareFundClaim | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type
class CareFundMutations:
    @strawberry.mutation(
        description="Claim on the care fund, for serious illness or accident; one of a kind waits at a time."
    )
    async def claim_care_fund(self, info: Info, input: ClaimCareFundInput) -> CareFundClaimPayload:
        async def act(tx: Write) -> UUID:
            sealer = info.context.ports.sealer
            return await claiming.claim(tx, sealer, input.reason, input.description, input.amount_fen)

        return await _claimed(info, input, act)

    @strawberry.mutation(
        description="Approve, reject or pay a claim (programme managers in reach); above a limit two must approve."
    )
    async def decide_care_fund_claim(
        self, info: Info, input: DecideCareFundClaimInput
    ) -> CareFundClaimPayload:
        async def act(tx: Write) -> UUID:
            key = decode(Tag.CareFundClaim, input.claim_id, "claim_id")
            to = ClaimStatus(input.to.value)
            return await deciding.decide(tx, info.context.ports.sealer, key, to, input.amount_fen, input.note)

        return await _claimed(info, input, act)


async def _claimed(info: Info, given: object, act: Act) -> CareFundClaimPayload:
    outcome = await mutate(info, given, act)
    found = await record_of(info, Tag.CareFundClaim, outcome)
    return CareFundClaimPayload(claim=found, user_errors=errors_of(info, outcome))

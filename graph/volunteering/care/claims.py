"""Claims on the care fund as clients see them, and where they hang."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.accounts.access_log import purpose
from domain.core.actors import YouthActor
from domain.core.states import histories
from domain.volunteering.care import claims as domain
from graph.accounts.access_log import shown
from graph.accounts.youths import OWN_EYES, Unmasked, Youth, YouthCard, youth_card
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.extending import extends
from graph.core.history import StateEvent, show_move
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads
from graph.volunteering.enums import CareFundReason, ClaimStatus

DECIDING = purpose("care-fund", zh="关爱基金申请审核", en="a claim on the care fund decided")


@strawberry.type(description="A volunteer's claim on the care fund.")
class CareFundClaim(Node):
    row: strawberry.Private[domain.Claim]
    reason: CareFundReason = strawberry.field(description="What for.")
    amount_fen: int = strawberry.field(description="What is asked for, in fen.")
    approved_fen: int | None = strawberry.field(description="What was approved, in fen.")
    approvals: int = strawberry.field(description="How many members of staff approved it.")
    status: ClaimStatus = strawberry.field(description="How far it has come.")
    decision_note: str | None = strawberry.field(description="What staff say about it.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @strawberry.field(description="Who claims; the name for those who decide, and each look is noted.")
    async def claimant(self, info: Info) -> YouthCard:
        own = isinstance(info.context.actor, YouthActor)
        unmasked = OWN_EYES if own else Unmasked(DECIDING, phone=False)
        return await youth_card(info.context, self.row.claimant_id, unmasked)

    @strawberry.field(description="What happened; each look of staff is noted.")
    async def description(self, info: Info) -> str:
        context = info.context
        if not isinstance(context.actor, YouthActor):
            await shown(context, self.row.claimant_id, "description", DECIDING)
        return self.row.description(context.ports.sealer)

    @strawberry.field(description="Every move, the oldest first.")
    async def history(self, info: Info) -> list[StateEvent]:
        return await info.context.loader(_history).load(self.row.id) or []


def show(context: Context, row: domain.Claim) -> CareFundClaim:
    return CareFundClaim(
        id=encode(Tag.CareFundClaim, row.id),
        row=row,
        reason=row.reason,
        amount_fen=row.amount_fen,
        approved_fen=row.approved_fen,
        approvals=len(row.approvers),
        status=row.status,
        decision_note=row.note(context.ports.sealer),
        created_at=row.created_at,
    )


def _history(context: Context) -> Loader[UUID, list[StateEvent] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[StateEvent]]:
        async with context.read() as db:
            found = await histories(db, ids)
        return {key: [show_move(move) for move in moves] for key, moves in found.items()}

    return keyed_loader(fetch)


@loads(Tag.CareFundClaim)
async def load_claims(context: Context, ids: list[UUID]) -> dict[UUID, CareFundClaim]:
    async with context.read() as db:
        found = await domain.claims(db, context.actor, ids)
    return {key: show(context, row) for key, row in found.items()}


@extends(Youth)
class YouthClaims:
    @strawberry.field(description="The youth's claims on the care fund, the latest first.")
    async def care_fund_claims(self: Youth, info: Info) -> list[CareFundClaim]:
        async with info.context.read() as db:
            found = await domain.claims_of(db, self.key)
        return [show(info.context, row) for row in found]

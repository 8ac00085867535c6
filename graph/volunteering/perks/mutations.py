"""What volunteers, merchants and staff do about perks. Redeeming is gathered, everything else is a transaction of its own."""

from uuid import UUID

import strawberry

from domain.core.db import Write
from domain.core.idempotency import Once, Outcome
from domain.volunteering.perks import ending, saving
from domain.volunteering.perks.redeeming import REDEEMING, asked
from domain.volunteering.perks.redemptions import REDEMPTIONS
from graph.core.context import Info
from graph.core.errors import UserError
from graph.core.given import given_fields
from graph.core.ids import Tag, decode, decode_if
from graph.core.mutating import errors_of, mutate, mutate_gathered, record_of
from graph.volunteering.perks.inputs import (
    CancelPerkRedemptionInput,
    ConsumePerkCodeInput,
    RedeemPerkInput,
    UpsertPerkInput,
)
from graph.volunteering.perks.perks import Perk, PerkRedemption, show_redemption


@strawberry.type(description="The perk as it is now.")
class PerkPayload:
    perk: Perk | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="The redemption as it is now.")
class PerkRedemptionPayload:
    redemption: PerkRedemption | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type
class PerkMutations:
    @strawberry.mutation(description="Enter a perk, or change one (programme managers in reach).")
    async def upsert_perk(self, info: Info, input: UpsertPerkInput) -> PerkPayload:
        given = given_fields(info)

        async def act(tx: Write) -> UUID:
            key = decode_if(Tag.Perk, input.id, "id")
            return await saving.save(tx, key, input.to_domain(), given, input.expected_version)

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.Perk, outcome)
        return PerkPayload(perk=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(description="Redeem a perk: gives a code that is used once.")
    async def redeem_perk(self, info: Info, input: RedeemPerkInput) -> PerkRedemptionPayload:
        ports = info.context.ports

        async def ask(key: Once | None) -> Outcome:
            assert key is not None  # the input has one
            perk_id = decode(Tag.Perk, input.perk_id, "perk_id")
            wish = asked(info.context.actor, key, perk_id, ports.sealer)
            return await ports.gatherings.ask(REDEEMING, wish)

        outcome = await mutate_gathered(info, input, ask)
        found = await record_of(info, Tag.PerkRedemption, outcome)
        return PerkRedemptionPayload(redemption=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(description="Give back a code that is not used; stock and points go back.")
    async def cancel_perk_redemption(
        self, info: Info, input: CancelPerkRedemptionInput
    ) -> PerkRedemptionPayload:
        async def act(tx: Write) -> UUID:
            return await ending.cancel(tx, decode(Tag.PerkRedemption, input.redemption_id, "redemption_id"))

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.PerkRedemption, outcome)
        return PerkRedemptionPayload(redemption=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(description="Use a code at the till of its merchant (`perks:verify`), once.")
    async def consume_perk_code(self, info: Info, input: ConsumePerkCodeInput) -> PerkRedemptionPayload:
        async def act(tx: Write) -> UUID:
            return await ending.consume(tx, info.context.ports.sealer, input.code)

        outcome = await mutate(info, input, act)
        found = None
        if outcome.record_id is not None:
            # By id nobody but its volunteer finds it; the till is shown what it has just used.
            async with info.context.read() as db:
                [row] = await REDEMPTIONS.by_ids(db, [outcome.record_id])
            found = show_redemption(info.context, row)
        return PerkRedemptionPayload(redemption=found, user_errors=errors_of(info, outcome))

"""What landlords and staff do about rentals. Each opens one transaction and calls one action."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import strawberry

from domain.core.db import Write
from domain.core.upserts import UpsertResult
from domain.hostels.rentals import posting, taking_down, withdrawing
from graph.core.context import Info
from graph.core.errors import UserError, user_errors
from graph.core.ids import Tag, decode
from graph.core.mutating import Act, errors_of, mutate, record_of
from graph.core.upserts import UpsertOutcome
from graph.hostels.rentals.inputs import (
    RestoreRentalInput,
    TakeDownRentalInput,
    UpsertRentalsInput,
    WithdrawRentalsInput,
)
from graph.hostels.rentals.rentals import Rental, load_rentals


@strawberry.type(description="What became of one flat.")
class UpsertRentalResult:
    external_ref: str = strawberry.field(description="The landlord's own key.")
    outcome: UpsertOutcome = strawberry.field(description="UNCHANGED touches nothing.")
    rental: Rental | None = strawberry.field(description="The flat as it is now; null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="One result for each flat, in order.")
class UpsertRentalsPayload:
    results: list[UpsertRentalResult] = strawberry.field(description="In the order of the call.")
    user_errors: list[UserError]


@strawberry.type(description="The flat as it is now.")
class RentalPayload:
    rental: Rental | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type
class RentalMutations:
    @strawberry.mutation(
        description="Post flats (`rentals:write`; verified organizations). What was withdrawn is listed again, what staff took"
        " down is not."
    )
    async def upsert_rentals(self, info: Info, input: UpsertRentalsInput) -> UpsertRentalsPayload:
        contents = [given.to_domain() for given in input.rentals]
        return await _each(info, input, lambda tx: posting.upsert(tx, contents))

    @strawberry.mutation(
        description="Take flats out of the lists (`rentals:write`): UPDATED is withdrawn now."
    )
    async def withdraw_rentals(self, info: Info, input: WithdrawRentalsInput) -> UpsertRentalsPayload:
        return await _each(info, input, lambda tx: withdrawing.withdraw(tx, input.external_refs))

    @strawberry.mutation(
        description="Take a flat out of the lists, whatever its landlord says (programme managers in reach)."
    )
    async def take_down_rental(self, info: Info, input: TakeDownRentalInput) -> RentalPayload:
        async def act(tx: Write) -> UUID:
            key = decode(Tag.Rental, input.rental_id, "rental_id")
            return await taking_down.take_down(tx, key, input.reason)

        return await _decided(info, input, act)

    @strawberry.mutation(
        description="Put back a flat that was taken down (programme managers in reach); listed unless withdrawn."
    )
    async def restore_rental(self, info: Info, input: RestoreRentalInput) -> RentalPayload:
        async def act(tx: Write) -> UUID:
            key = decode(Tag.Rental, input.rental_id, "rental_id")
            return await taking_down.restore(tx, key, input.note)

        return await _decided(info, input, act)


async def _each(
    info: Info, given: object, act_on_all: Callable[[Write], Awaitable[list[UpsertResult]]]
) -> UpsertRentalsPayload:
    """Run an action on many flats, and show each as it then is."""
    results: list[UpsertResult] = []

    async def act(tx: Write) -> None:
        results.extend(await act_on_all(tx))

    outcome = await mutate(info, given, act)
    ids = [result.record_id for result in results if result.record_id is not None]
    rentals = await load_rentals(info.context, ids)
    return UpsertRentalsPayload(
        results=[
            UpsertRentalResult(
                external_ref=result.external_ref,
                outcome=result.outcome,
                rental=None if result.record_id is None else rentals.get(result.record_id),
                user_errors=user_errors(result.reasons, info.context.language, "input"),
            )
            for result in results
        ],
        user_errors=errors_of(info, outcome),
    )


async def _decided(info: Info, given: object, act: Act) -> RentalPayload:
    """Run an action on a flat, and show it as it then is."""
    outcome = await mutate(info, given, act)
    found = await record_of(info, Tag.Rental, outcome)
    return RentalPayload(rental=found, user_errors=errors_of(info, outcome))

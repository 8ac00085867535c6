"""What service organizations and staff do to the ledger. Each opens one transaction and calls one action."""

from uuid import UUID

import strawberry

from domain.core.db import Write
from domain.volunteering import deciding, recording
from domain.volunteering.recording import RecordResult
from graph.core.context import Info
from graph.core.errors import UserError, user_errors
from graph.core.ids import Tag, decode
from graph.core.mutating import Act, errors_of, mutate, record_of
from graph.core.upserts import UpsertOutcome
from graph.volunteering.entries import LedgerEntry
from graph.volunteering.enums import LedgerStatus
from graph.volunteering.inputs import (
    CorrectServiceRecordInput,
    DecideServiceRecordInput,
    RecordServiceHoursInput,
)


@strawberry.type(description="A number nobody has signed up with answers as any other does.")
class ServiceRecordResult:
    external_ref: str = strawberry.field(description="The organization's own key.")
    outcome: UpsertOutcome = strawberry.field(description="UNCHANGED touches nothing.")
    status: LedgerStatus | None = strawberry.field(description="Null when refused.")
    minutes: int | None = strawberry.field(description="What it counts for; null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="One result for each record, in order.")
class RecordServiceHoursPayload:
    results: list[ServiceRecordResult] = strawberry.field(description="In the order of the call.")
    user_errors: list[UserError]


@strawberry.type(description="The record as it is now.")
class DecideServiceRecordPayload:
    entry: LedgerEntry | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type
class VolunteeringMutations:
    @strawberry.mutation(description="Record service (`service:write`; verified organizations).")
    async def record_service_hours(
        self, info: Info, input: RecordServiceHoursInput
    ) -> RecordServiceHoursPayload:
        contents = [given.to_domain() for given in input.records]
        results: list[RecordResult] = []

        async def act(tx: Write) -> None:
            results.extend(await recording.record(tx, info.context.ports.sealer, contents))

        outcome = await mutate(info, input, act)
        return RecordServiceHoursPayload(
            results=[_show(info, one) for one in results], user_errors=errors_of(info, outcome)
        )

    @strawberry.mutation(
        description="Post or reject a record that waits (programme managers in reach; beyond 12 hours a day, of the province)."
    )
    async def decide_service_record(
        self, info: Info, input: DecideServiceRecordInput
    ) -> DecideServiceRecordPayload:
        async def act(tx: Write) -> UUID:
            key = decode(Tag.LedgerEntry, input.entry_id, "entry_id")
            return await deciding.decide(tx, key, input.approve, input.note)

        return await _decided(info, input, act)

    @strawberry.mutation(
        description="Say what a posted record counts for after all (programme managers in reach): a CORRECTION is entered."
    )
    async def correct_service_record(
        self, info: Info, input: CorrectServiceRecordInput
    ) -> DecideServiceRecordPayload:
        async def act(tx: Write) -> UUID:
            key = decode(Tag.LedgerEntry, input.entry_id, "entry_id")
            return await deciding.correct(tx, key, input.minutes, input.reason)

        return await _decided(info, input, act)


def _show(info: Info, one: RecordResult) -> ServiceRecordResult:
    return ServiceRecordResult(
        external_ref=one.result.external_ref,
        outcome=one.result.outcome,
        status=one.status,
        minutes=one.minutes,
        user_errors=user_errors(one.result.reasons, info.context.language, "input"),
    )


async def _decided(info: Info, given: object, act: Act) -> DecideServiceRecordPayload:
    outcome = await mutate(info, given, act)
    found = await record_of(info, Tag.LedgerEntry, outcome)
    return DecideServiceRecordPayload(entry=found, user_errors=errors_of(info, outcome))

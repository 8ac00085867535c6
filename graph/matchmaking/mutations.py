"""What youths and hosts do about matchmaking. Each opens one transaction and calls one action; sign-ups are gathered."""

from uuid import UUID

import strawberry

from domain.accounts.models import Gender
from domain.core.db import Write
from domain.core.idempotency import Once, Outcome
from domain.matchmaking import cancelling, checking_in, choosing, lottery, reporting, saving
from domain.matchmaking.signing_up import SIGNING_UP, Wish, prepared
from graph.core.context import Info
from graph.core.errors import user_errors
from graph.core.given import given_fields
from graph.core.ids import Tag, decode, decode_all, decode_if
from graph.core.mutating import errors_of, mutate, mutate_gathered, record_of
from graph.matchmaking.inputs import (
    CancelMatchmakingSignupInput,
    CheckInMatchmakingGuestInput,
    ChooseMatchesInput,
    DrawMatchmakingLotteryInput,
    ReportParticipantInput,
    SignUpForMatchmakingInput,
    SyncMatchmakingCheckInsInput,
    UpsertMatchmakingEventInput,
)
from graph.matchmaking.payloads import (
    AttendeePayload,
    ChooseMatchesPayload,
    DrawMatchmakingLotteryPayload,
    MatchmakingEventPayload,
    MatchmakingSignupPayload,
    ReportParticipantPayload,
    SyncMatchmakingCheckInsPayload,
)
from graph.matchmaking.signups import show


@strawberry.type
class MatchmakingMutations:
    @strawberry.mutation(description="Enter an event, change it or call it off (event hosts in reach).")
    async def upsert_matchmaking_event(
        self, info: Info, input: UpsertMatchmakingEventInput
    ) -> MatchmakingEventPayload:
        given = given_fields(info)

        async def act(tx: Write) -> UUID:
            return await saving.save(
                tx,
                info.context.ports.sealer,
                decode_if(Tag.MatchmakingEvent, input.id, "id"),
                saving.EventFields(
                    title=input.title,
                    unit_id=decode(Tag.Unit, input.unit_id, "unit_id"),
                    division_code=input.division_code,
                    venue=input.venue,
                    description=input.description,
                    starts_at=input.starts_at,
                    ends_at=input.ends_at,
                    signup_opens_at=input.signup_opens_at,
                    signup_closes_at=input.signup_closes_at,
                    admission=input.admission,
                    min_age=input.min_age,
                    max_age=input.max_age,
                    max_choices=input.max_choices,
                    choices_close_at=input.choices_close_at,
                ),
                {Gender.MALE: input.male_seats, Gender.FEMALE: input.female_seats},
                given,
                cancelled=input.cancelled,
                expected_version=input.expected_version,
            )

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.MatchmakingEvent, outcome)
        return MatchmakingEventPayload(event=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(description="Sign up: for a seat while they last, for the line, or for the draw.")
    async def sign_up_for_matchmaking(
        self, info: Info, input: SignUpForMatchmakingInput
    ) -> MatchmakingSignupPayload:
        ports, actor = info.context.ports, info.context.actor

        async def ask(key: Once | None) -> Outcome:
            wish = Wish(
                event_id=decode(Tag.MatchmakingEvent, input.event_id, "event_id"),
                nickname=input.nickname,
                introduction=input.introduction,
                contact=input.contact_for_matches,
                declares_single=input.declares_single,
            )
            return await ports.gatherings.ask(SIGNING_UP, prepared(ports.sealer, actor, wish, key))

        outcome = await mutate_gathered(info, input, ask)
        # One made just now is at hand; one of an answer given again is read as it is by now.
        at_hand = outcome.record and show(info.context, outcome.record)
        found = at_hand or await record_of(info, Tag.MatchmakingSignup, outcome)
        return MatchmakingSignupPayload(signup=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(
        description="Cancel, until 24 hours before the start; the seat goes to the first in line."
    )
    async def cancel_matchmaking_signup(
        self, info: Info, input: CancelMatchmakingSignupInput
    ) -> MatchmakingSignupPayload:
        async def act(tx: Write) -> UUID:
            return await cancelling.cancel(tx, decode(Tag.MatchmakingSignup, input.signup_id, "signup_id"))

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.MatchmakingSignup, outcome)
        return MatchmakingSignupPayload(signup=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(description="Check a guest in by code (event hosts in reach).")
    async def check_in_matchmaking_guest(
        self, info: Info, input: CheckInMatchmakingGuestInput
    ) -> AttendeePayload:
        async def act(tx: Write) -> UUID:
            event_id = decode(Tag.MatchmakingEvent, input.event_id, "event_id")
            return await checking_in.check_in(tx, info.context.ports.sealer, event_id, input.check_in_code)

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.Attendee, outcome)
        return AttendeePayload(attendee=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(description="What a desk without a network recorded; each counts once.")
    async def sync_matchmaking_check_ins(
        self, info: Info, input: SyncMatchmakingCheckInsInput
    ) -> SyncMatchmakingCheckInsPayload:
        synced = checking_in.Synced(0, (), ())

        async def act(tx: Write) -> None:
            nonlocal synced
            event_id = decode(Tag.MatchmakingEvent, input.event_id, "event_id")
            arrivals = [checking_in.Arrival(one.code_hash, one.at) for one in input.check_ins]
            synced = await checking_in.sync(tx, info.context.ports.sealer, event_id, arrivals)

        outcome = await mutate(info, input, act)
        errors = user_errors(synced.faults, info.context.language, "input")
        return SyncMatchmakingCheckInsPayload(
            accepted=synced.accepted,
            unknown=list(synced.unknown),
            user_errors=[*errors_of(info, outcome), *errors],
        )

    @strawberry.mutation(
        description="Choose others at the event, or change the choice, until choosing closes."
    )
    async def choose_matches(self, info: Info, input: ChooseMatchesInput) -> ChooseMatchesPayload:
        async def act(tx: Write) -> UUID:
            event_id = decode(Tag.MatchmakingEvent, input.event_id, "event_id")
            wanted = decode_all(Tag.Participant, input.participant_ids, "participant_ids")
            return await choosing.choose(tx, info.context.ports.sealer, event_id, wanted)

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.MatchmakingSignup, outcome)
        return ChooseMatchesPayload(signup=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(description="Report another guest to the case workers of the event's unit.")
    async def report_participant(self, info: Info, input: ReportParticipantInput) -> ReportParticipantPayload:
        async def act(tx: Write) -> UUID:
            return await reporting.report(
                tx,
                info.context.ports.sealer,
                decode(Tag.MatchmakingEvent, input.event_id, "event_id"),
                decode(Tag.Participant, input.participant_id, "participant_id"),
                input.reason,
                block=input.block,
            )

        return ReportParticipantPayload(user_errors=errors_of(info, await mutate(info, input, act)))

    @strawberry.mutation(
        description="Draw a lottery, once, after its sign-up has closed (event hosts in reach)."
    )
    async def draw_matchmaking_lottery(
        self, info: Info, input: DrawMatchmakingLotteryInput
    ) -> DrawMatchmakingLotteryPayload:
        async def close(tx: Write) -> UUID:
            event_id = decode(Tag.MatchmakingEvent, input.event_id, "event_id")
            await lottery.close_entries_as_host(tx, event_id)
            return event_id

        async def act(tx: Write) -> UUID:
            return await lottery.draw(tx, decode(Tag.MatchmakingEvent, input.event_id, "event_id"))

        # The hash commits before there is a seed.
        outcome = await mutate(info, input, close)
        if not outcome.refusals:
            outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.MatchmakingEvent, outcome)
        return DrawMatchmakingLotteryPayload(event=found, user_errors=errors_of(info, outcome))

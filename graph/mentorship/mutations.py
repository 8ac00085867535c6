"""What mentees, mentors and staff do about mentorship. Each opens one transaction and calls one action."""

from collections.abc import Sequence
from uuid import UUID

import strawberry

from domain.core.db import Write
from domain.core.idempotency import Outcome
from domain.mentorship import asking, danger, meeting, opening, responding, reviewing, saving
from graph.core.context import Info
from graph.core.given import given_fields
from graph.core.ids import Tag, decode, decode_all, decode_if, parse
from graph.core.mutating import Act, errors_of, mutate, record_of
from graph.core.node import load_record
from graph.mentorship.inputs import (
    AnswerMentorshipRequestInput,
    CancelMentorshipRequestInput,
    CloseMentorSlotsInput,
    CompleteMentorshipSessionInput,
    OpenMentorSlotsInput,
    ReportMentorshipNoShowInput,
    RequestMentorshipInput,
    RescheduleMentorshipInput,
    RespondToMentorshipRequestInput,
    ReviewMentorshipInput,
    UpsertMentorInput,
)
from graph.mentorship.payloads import MentorPayload, MentorshipRequestPayload, kept
from graph.mentorship.requests import MentorshipRequest
from graph.mentorship.telling import notice


def _request_id(text: str) -> UUID:
    return decode(Tag.MentorshipRequest, text, "request_id")


@strawberry.type
class MentorshipMutations:
    @strawberry.mutation(
        description="Make a youth or a member of staff a mentor, or change one (programme managers in reach)."
    )
    async def upsert_mentor(self, info: Info, input: UpsertMentorInput) -> MentorPayload:
        given = given_fields(info)

        async def act(tx: Write) -> UUID:
            return await saving.save(
                tx,
                decode_if(Tag.Mentor, input.id, "id"),
                input.to_domain(),
                given,
                expected_version=input.expected_version,
            )

        return await kept(info, input, act)

    @strawberry.mutation(description="Offer times (the mentor, or programme managers in reach).")
    async def open_mentor_slots(self, info: Info, input: OpenMentorSlotsInput) -> MentorPayload:
        async def act(tx: Write) -> UUID:
            mentor_id = decode(Tag.Mentor, input.mentor_id, "mentor_id")
            weekly = None if input.weekly is None else input.weekly.to_domain()
            return await opening.open_slots(tx, mentor_id, input.to_domain(), weekly)

        return await kept(info, input, act)

    @strawberry.mutation(
        description="Take times back that no mentee has (the mentor, or programme managers in reach)."
    )
    async def close_mentor_slots(self, info: Info, input: CloseMentorSlotsInput) -> MentorPayload:
        async def act(tx: Write) -> UUID:
            return await opening.close_slots(tx, decode_all(Tag.MentorSlot, input.slot_ids, "slot_ids"))

        return await kept(info, input, act)

    @strawberry.mutation(
        description="Ask a mentor. Words that tell of danger open a case at once, whatever becomes of the request."
    )
    async def request_mentorship(self, info: Info, input: RequestMentorshipInput) -> MentorshipRequestPayload:
        async def act(tx: Write) -> UUID:
            return await asking.ask(tx, info.context.ports.sealer, input.to_domain())

        return await _written(info, input, act, [input.topic, input.message], input.mentor_id)

    @strawberry.mutation(description="Take a request, turn it down, or ask for more (the mentor).")
    async def respond_to_mentorship_request(
        self, info: Info, input: RespondToMentorshipRequestInput
    ) -> MentorshipRequestPayload:
        async def act(tx: Write) -> UUID:
            return await responding.respond(
                tx,
                info.context.ports.sealer,
                _request_id(input.request_id),
                input.response,
                slot_id=decode_if(Tag.MentorSlot, input.slot_id, "slot_id"),
                note=input.note,
                meeting_url=input.meeting_url,
            )

        return await _moved(info, input, act)

    @strawberry.mutation(
        description="Say what the mentor asked for (the mentee). Words that tell of danger open a case at once."
    )
    async def answer_mentorship_request(
        self, info: Info, input: AnswerMentorshipRequestInput
    ) -> MentorshipRequestPayload:
        async def act(tx: Write) -> UUID:
            sealer, request_id = info.context.ports.sealer, _request_id(input.request_id)
            return await responding.answer(tx, sealer, request_id, input.message)

        return await _written(info, input, act, [input.message], input.request_id)

    @strawberry.mutation(description="Move a session to another time, twice at most (either side).")
    async def reschedule_mentorship(
        self, info: Info, input: RescheduleMentorshipInput
    ) -> MentorshipRequestPayload:
        async def act(tx: Write) -> UUID:
            slot_id = decode(Tag.MentorSlot, input.slot_id, "slot_id")
            return await meeting.reschedule(tx, _request_id(input.request_id), slot_id)

        return await _moved(info, input, act)

    @strawberry.mutation(
        description="Take a request back (the mentee), or call a session off until 12 hours before it (either side)."
    )
    async def cancel_mentorship_request(
        self, info: Info, input: CancelMentorshipRequestInput
    ) -> MentorshipRequestPayload:
        async def act(tx: Write) -> UUID:
            return await meeting.cancel(tx, _request_id(input.request_id))

        return await _moved(info, input, act)

    @strawberry.mutation(description="Say that a session was held (the mentor).")
    async def complete_mentorship_session(
        self, info: Info, input: CompleteMentorshipSessionInput
    ) -> MentorshipRequestPayload:
        async def act(tx: Write) -> UUID:
            sealer = info.context.ports.sealer
            return await meeting.complete(tx, sealer, _request_id(input.request_id), input.summary)

        return await _moved(info, input, act)

    @strawberry.mutation(description="Say how a session was, once (the mentee).")
    async def review_mentorship(self, info: Info, input: ReviewMentorshipInput) -> MentorshipRequestPayload:
        async def act(tx: Write) -> UUID:
            sealer, request_id = info.context.ports.sealer, _request_id(input.request_id)
            return await reviewing.review(tx, sealer, request_id, input.rating, input.comment)

        return await _moved(info, input, act)

    @strawberry.mutation(description="Say that the other side did not come (either side).")
    async def report_mentorship_no_show(
        self, info: Info, input: ReportMentorshipNoShowInput
    ) -> MentorshipRequestPayload:
        async def act(tx: Write) -> UUID:
            return await meeting.report_no_show(tx, _request_id(input.request_id))

        return await _moved(info, input, act)


async def _moved(info: Info, given: object, act: Act) -> MentorshipRequestPayload:
    """Run an action on a request and show it as it then is."""
    return await _shown(info, await mutate(info, given, act), ())


async def _written(
    info: Info, given: object, act: Act, texts: Sequence[str], about: str
) -> MentorshipRequestPayload:
    """As `_moved`, for what a youth writes: danger is looked for before anything else."""

    async def first(tx: Write) -> None:
        found = parse(about)
        origin = None if found is None else found[1]
        await danger.look_for_danger(tx, info.context.ports.sealer, texts, origin)

    return await _shown(info, await mutate(info, given, act, first), texts)


async def _shown(info: Info, outcome: Outcome, texts: Sequence[str]) -> MentorshipRequestPayload:
    request: MentorshipRequest | None = await record_of(info, Tag.MentorshipRequest, outcome)
    case_id = None
    if texts:
        async with info.context.read() as db:
            case_id = await danger.case_of(db, info.context.actor, texts)
    return MentorshipRequestPayload(
        request=request,
        user_errors=errors_of(info, outcome),
        opened_case=await load_record(info.context, Tag.Case, case_id),
        notice=await notice(info.context, request, in_danger=case_id is not None) if texts else None,
    )

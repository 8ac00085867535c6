"""What queries and mutations of mentorship take."""

from datetime import datetime

import strawberry

from domain.core.divisions import asked_for
from domain.core.refusals import NotFound
from domain.mentorship.entering import Wish
from domain.mentorship.finding import MentorFilter as Asked
from domain.mentorship.opening import Times
from domain.mentorship.saving import MentorFields
from graph.core.ids import Tag, decode, decode_if, parse
from graph.mentorship.enums import MentorField, MentorResponse
from graph.mentorship.weekly import WeeklySlotsInput


@strawberry.input(description="Every part given must fit.")
class MentorFilter:
    text: str | None = strawberry.field(
        description="Words of name, headline, biography and fields, Chinese first.", default=None
    )
    fields: list[MentorField] | None = strawberry.field(description="Any of these fields.", default=None)
    division_codes: list[str] | None = strawberry.field(
        description="A city code takes in its counties.", default=None
    )
    free_from: datetime | None = strawberry.field(
        description="With a free time that begins then or later.", default=None
    )
    free_to: datetime | None = strawberry.field(
        description="With a free time that ends then or earlier.", default=None
    )

    def to_domain(self) -> Asked:
        return Asked(
            text=self.text,
            fields=None if self.fields is None else tuple(self.fields),
            division_codes=asked_for(self.division_codes),
            free_from=self.free_from,
            free_to=self.free_to,
        )


@strawberry.input(description="A mentor; an id updates, none creates.")
class UpsertMentorInput:
    person_id: strawberry.ID = strawberry.field(description="The youth or staff member who mentors.")
    name: str = strawberry.field(description="The name to go by, 1 to 40 characters.")
    headline: str = strawberry.field(description="Who it is, in 1 to 80 characters.")
    biography: str = strawberry.field(description="Who it is, in 1 to 2,000 characters.")
    fields: list[MentorField] = strawberry.field(description="What the mentor knows about; at least one.")
    id: strawberry.ID | None = None
    expected_version: int | None = None
    idempotency_key: str | None = None
    division_code: str | None = strawberry.field(
        description="For which division first; absent: for the whole province.", default=None
    )
    languages: list[str] = strawberry.field(
        description="What the mentor speaks; 1 to 10.", default_factory=lambda: ["zh"]
    )
    capacity: int = strawberry.field(description="How many mentees at once, 1 to 100.", default=5)
    accepts_requests: bool | None = strawberry.field(description="False: a pause.", default=None)

    def to_domain(self) -> MentorFields:
        found = parse(self.person_id)
        if found is None or found[0] not in (Tag.Youth, Tag.StaffMember):
            raise NotFound("person_id")
        return MentorFields(
            person_id=found[1],
            is_staff=found[0] is Tag.StaffMember,
            name=self.name,
            headline=self.headline,
            biography=self.biography,
            fields=tuple(self.fields),
            division_code=self.division_code,
            languages=tuple(self.languages),
            capacity=self.capacity,
            accepts_requests=self.accepts_requests,
        )


@strawberry.input(description="From one instant to another.")
class SlotInput:
    starts_at: datetime = strawberry.field(description="When it begins, in the future.")
    ends_at: datetime = strawberry.field(description="When it ends: 10 minutes to 8 hours later.")


@strawberry.input(description="Times that a mentor offers.")
class OpenMentorSlotsInput:
    mentor_id: strawberry.ID = strawberry.field(description="Whose times.")
    slots: list[SlotInput] = strawberry.field(
        description="None may lie over another of the mentor's. 500 at most."
    )
    idempotency_key: str | None = None
    weekly: WeeklySlotsInput | None = strawberry.field(
        description="Times of every week besides; those that lie over another are left out.", default=None
    )

    def to_domain(self) -> list[Times]:
        return [Times(slot.starts_at, slot.ends_at) for slot in self.slots]


@strawberry.input(description="Which times to take back.")
class CloseMentorSlotsInput:
    slot_ids: list[strawberry.ID] = strawberry.field(description="Times of one mentor that nobody has.")


@strawberry.input(description="A question to a mentor.")
class RequestMentorshipInput:
    mentor_id: strawberry.ID = strawberry.field(description="Who is asked.")
    topic: str = strawberry.field(description="What it is about, 1 to 60 characters.")
    message: str = strawberry.field(description="What the mentee wants to say, 1 to 2,000 characters.")
    idempotency_key: str
    slot_id: strawberry.ID | None = strawberry.field(description="A free time of the mentor.", default=None)
    reroute_if_unanswered: bool = strawberry.field(
        description="May the request go on to the next best mentor when this one does not answer?",
        default=True,
    )

    def to_domain(self) -> Wish:
        return Wish(
            mentor_id=decode(Tag.Mentor, self.mentor_id, "mentor_id"),
            slot_id=decode_if(Tag.MentorSlot, self.slot_id, "slot_id"),
            topic=self.topic,
            message=self.message,
            reroute=self.reroute_if_unanswered,
        )


@strawberry.input(description="A mentor's answer.")
class RespondToMentorshipRequestInput:
    request_id: strawberry.ID = strawberry.field(description="Which request.")
    response: MentorResponse = strawberry.field(description="The answer.")
    slot_id: strawberry.ID | None = strawberry.field(
        description="When accepting: another time than the one wished for.", default=None
    )
    note: str | None = strawberry.field(
        description="What the mentor says, up to 1,000 characters; needed when asking for more.", default=None
    )
    meeting_url: str | None = strawberry.field(
        description="When accepting: where both meet online, an https:// address.", default=None
    )


@strawberry.input(description="What the mentor asked for.")
class AnswerMentorshipRequestInput:
    request_id: strawberry.ID = strawberry.field(description="Which request.")
    message: str = strawberry.field(description="1 to 2,000 characters.")


@strawberry.input(description="Another time for a session.")
class RescheduleMentorshipInput:
    request_id: strawberry.ID = strawberry.field(description="Which request.")
    slot_id: strawberry.ID = strawberry.field(description="A free time of the same mentor.")


@strawberry.input(description="Which request to take back, or session to call off.")
class CancelMentorshipRequestInput:
    request_id: strawberry.ID = strawberry.field(description="Which request.")


@strawberry.input(description="Which session was held.")
class CompleteMentorshipSessionInput:
    request_id: strawberry.ID = strawberry.field(description="Which request.")
    summary: str | None = strawberry.field(
        description="What came of it, for the mentee; up to 2,000 characters.", default=None
    )


@strawberry.input(description="How a session was.")
class ReviewMentorshipInput:
    request_id: strawberry.ID = strawberry.field(description="Which request.")
    rating: int = strawberry.field(description="1 to 5.")
    comment: str | None = strawberry.field(description="Up to 1,000 characters.", default=None)


@strawberry.input(description="Where the other side did not come.")
class ReportMentorshipNoShowInput:
    request_id: strawberry.ID = strawberry.field(description="Which request.")

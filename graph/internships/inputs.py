"""What mutations of internships take."""

from datetime import date, datetime

import strawberry

from domain.accounts.models import EducationLevel as Education
from domain.accounts.models import Track as TrackValue
from domain.internships.rules import ListingContent
from domain.internships.rules import Stipend as StipendValue
from graph.accounts.enums import EducationLevel, Track
from graph.internships.enums import ApplicationAdvance, InternshipKind, StipendPeriod
from graph.internships.lists import InternshipFilter


@strawberry.input(description="Money in fen.")
class StipendInput:
    min_fen: int = strawberry.field(description="At least, in fen.")
    max_fen: int = strawberry.field(description="At most, in fen.")
    per: StipendPeriod = strawberry.field(description="For a day or for a month.")


@strawberry.input(description="A post as its organization describes it.")
class InternshipInput:
    external_ref: str = strawberry.field(description="The partner's own key, 1 to 100 characters.")
    title: str = strawberry.field(description="1 to 80 characters.")
    kind: InternshipKind = strawberry.field(description="For students or for graduates.")
    description: str = strawberry.field(description="1 to 4,000 characters.")
    division_code: str = strawberry.field(description="Where it is (GB/T 2260).")
    headcount: int = strawberry.field(description="How many are wanted, 1 to 500.")
    track: Track = strawberry.field(description="Only for youths of this track.", default=TrackValue.GENERAL)
    requirements: str | None = strawberry.field(
        description="What is expected, up to 4,000 characters.", default=None
    )
    address: str | None = strawberry.field(
        description="Where in the division, up to 200 characters.", default=None
    )
    stipend: StipendInput | None = strawberry.field(description="What is paid.", default=None)
    education: EducationLevel = strawberry.field(
        description="The least asked for.", default=Education.SECONDARY
    )
    majors: list[str] = strawberry.field(description="At most 20 of 40 characters.", default_factory=list)
    skills: list[str] = strawberry.field(description="At most 20 of 40 characters.", default_factory=list)
    days_per_week: int | None = strawberry.field(description="1 to 7.", default=None)
    duration_weeks: int | None = strawberry.field(
        description="1 to 260; an apprenticeship lasts 13 to 52.", default=None
    )
    housing_provided: bool = strawberry.field(description="Is a bed provided?", default=False)
    starts_on: date | None = strawberry.field(description="First day at work.", default=None)
    apply_by: date | None = strawberry.field(description="Last day to apply; not past.", default=None)

    def to_domain(self) -> ListingContent:
        """The post in the domain's terms: texts without spaces at their ends, lists without blanks and repeats."""

        def items(values: list[str]) -> tuple[str, ...]:
            return tuple(dict.fromkeys(stripped for value in values if (stripped := value.strip())))

        def text(value: str | None) -> str | None:
            return (value.strip() or None) if value is not None else None

        stipend = self.stipend
        return ListingContent(
            external_ref=self.external_ref.strip(),
            title=self.title.strip(),
            kind=self.kind,
            track=self.track,
            description=self.description.strip(),
            requirements=text(self.requirements),
            division_code=self.division_code.strip(),
            address=text(self.address),
            headcount=self.headcount,
            stipend=None if stipend is None else StipendValue(stipend.min_fen, stipend.max_fen, stipend.per),
            education=self.education,
            majors=items(self.majors),
            skills=items(self.skills),
            days_per_week=self.days_per_week,
            duration_weeks=self.duration_weeks,
            housing_provided=self.housing_provided,
            starts_on=self.starts_on,
            apply_by=self.apply_by,
        )


@strawberry.input(description="At most 500 at a time; each stands or falls alone.")
class UpsertInternshipsInput:
    internships: list[InternshipInput] = strawberry.field(description="The posts.")


@strawberry.input(description="Which listing to take out of the lists.")
class CloseInternshipInput:
    internship_id: strawberry.ID = strawberry.field(description="Which listing.")


@strawberry.input(description="May a listing be published?")
class ReviewInternshipInput:
    internship_id: strawberry.ID = strawberry.field(description="Which listing.")
    approve: bool = strawberry.field(description="True publishes, false refuses.")
    note: str | None = strawberry.field(description="Why; needed when refusing.", default=None)


@strawberry.input(description="Where to move an application.")
class AdvanceInternshipApplicationInput:
    application_id: strawberry.ID = strawberry.field(description="Which application.")
    to: ApplicationAdvance = strawberry.field(description="The next state.")
    note: str | None = strawberry.field(
        description="A word to the applicant, up to 1,000 characters.", default=None
    )
    interview_at: datetime | None = strawberry.field(description="With INTERVIEW: when.", default=None)


@strawberry.input(description="What to apply to, and with what.")
class ApplyToInternshipInput:
    internship_id: strawberry.ID = strawberry.field(description="Which listing.")
    idempotency_key: str
    cover_letter: str | None = strawberry.field(description="Up to 4,000 characters.", default=None)
    resume_url: str | None = strawberry.field(description="Where the résumé lies (https).", default=None)


@strawberry.input(description="Which application to take back.")
class WithdrawInternshipApplicationInput:
    application_id: strawberry.ID = strawberry.field(description="Which application.")


@strawberry.input(description="Take the offer or leave it.")
class RespondToInternshipOfferInput:
    application_id: strawberry.ID = strawberry.field(description="Which application.")
    accept: bool = strawberry.field(description="True takes the place.")


@strawberry.input(description="Keep a listing, or no longer.")
class BookmarkInternshipInput:
    internship_id: strawberry.ID = strawberry.field(description="Which listing.")
    bookmarked: bool = strawberry.field(description="False lets it go.", default=True)


@strawberry.input(description="What to watch for.")
class CreateInternshipSearchInput:
    name: str = strawberry.field(description="What to call it, 1 to 60 characters.")
    filter: InternshipFilter = strawberry.field(description="What must fit.")
    idempotency_key: str | None = None


@strawberry.input(description="Which alert to stop.")
class DeleteInternshipSearchInput:
    search_id: strawberry.ID = strawberry.field(description="Which alert.")


@strawberry.input(description="A job fair; an id updates, none creates.")
class UpsertJobFairInput:
    title: str = strawberry.field(description="1 to 100 characters.")
    unit_id: strawberry.ID = strawberry.field(description="The unit that holds it.")
    online: bool = strawberry.field(description="Is it held online?")
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    id: strawberry.ID | None = None
    expected_version: int | None = None
    idempotency_key: str | None = None
    division_code: str | None = strawberry.field(description="Where it is held.", default=None)
    venue: str | None = strawberry.field(description="Needed unless it is online.", default=None)
    livestream_url: str | None = strawberry.field(description="Where to watch it (https).", default=None)
    organization_ids: list[strawberry.ID] = strawberry.field(
        description="Who takes part.", default_factory=list
    )
    internship_ids: list[strawberry.ID] = strawberry.field(
        description="The posts shown.", default_factory=list
    )

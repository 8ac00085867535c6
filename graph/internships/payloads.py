"""What mutations of internships give back."""

import strawberry

from graph.core.errors import UserError
from graph.core.upserts import UpsertOutcome
from graph.internships.applications import InternshipApplication
from graph.internships.fairs import JobFair
from graph.internships.listings import Internship
from graph.internships.searches import InternshipSearch


@strawberry.type(description="What became of one listing.")
class UpsertInternshipResult:
    external_ref: str = strawberry.field(description="The partner's own key.")
    outcome: UpsertOutcome = strawberry.field(description="UNCHANGED touches nothing.")
    internship: Internship | None = strawberry.field(
        description="The listing as it is now; null when refused."
    )
    user_errors: list[UserError]


@strawberry.type(description="One result for each listing, in order.")
class UpsertInternshipsPayload:
    results: list[UpsertInternshipResult] = strawberry.field(description="In the order of the call.")
    user_errors: list[UserError]


@strawberry.type(description="The listing as it is now.")
class CloseInternshipPayload:
    internship: Internship | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="The listing as it is now.")
class ReviewInternshipPayload:
    internship: Internship | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="The listing as it is now.")
class BookmarkInternshipPayload:
    internship: Internship | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="The application as it is now.")
class InternshipApplicationPayload:
    application: InternshipApplication | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="The alert.")
class InternshipSearchPayload:
    search: InternshipSearch | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="The job fair as it is now.")
class JobFairPayload:
    job_fair: JobFair | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]

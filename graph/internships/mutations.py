"""What youths, organizations and staff do about internships. Each opens one transaction and calls one action."""

from uuid import UUID

import strawberry

from domain.core.db import Write
from domain.core.upserts import UpsertResult
from domain.internships import (
    alerts,
    answering,
    applying,
    bookmarks,
    posting,
    responding,
    reviewing,
    withdrawing,
)
from domain.internships import fairs as fairs_domain
from domain.internships.states import ApplicationStatus as Status
from graph.core.context import Info
from graph.core.errors import user_errors
from graph.core.given import given_fields
from graph.core.ids import Tag, decode, decode_all, decode_if
from graph.core.mutating import Act, errors_of, mutate, record_of
from graph.internships.inputs import (
    AdvanceInternshipApplicationInput,
    ApplyToInternshipInput,
    BookmarkInternshipInput,
    CloseInternshipInput,
    CreateInternshipSearchInput,
    DeleteInternshipSearchInput,
    RespondToInternshipOfferInput,
    ReviewInternshipInput,
    UpsertInternshipsInput,
    UpsertJobFairInput,
    WithdrawInternshipApplicationInput,
)
from graph.internships.listings import load_listings
from graph.internships.payloads import (
    BookmarkInternshipPayload,
    CloseInternshipPayload,
    InternshipApplicationPayload,
    InternshipSearchPayload,
    JobFairPayload,
    ReviewInternshipPayload,
    UpsertInternshipResult,
    UpsertInternshipsPayload,
)
from graph.internships.searches import show as show_search


@strawberry.type
class InternshipMutations:
    @strawberry.mutation(description="Post listings (`internships:write`).")
    async def upsert_internships(self, info: Info, input: UpsertInternshipsInput) -> UpsertInternshipsPayload:
        results: list[UpsertResult] = []

        async def act(tx: Write) -> None:
            results.extend(await posting.upsert(tx, [given.to_domain() for given in input.internships]))

        outcome = await mutate(info, input, act)
        ids = [result.record_id for result in results if result.record_id is not None]
        listings = await load_listings(info.context.reading_own_writes(), ids)
        return UpsertInternshipsPayload(
            results=[
                UpsertInternshipResult(
                    external_ref=result.external_ref,
                    outcome=result.outcome,
                    internship=None if result.record_id is None else listings.get(result.record_id),
                    user_errors=user_errors(result.reasons, info.context.language, "input"),
                )
                for result in results
            ],
            user_errors=errors_of(info, outcome),
        )

    @strawberry.mutation(description="Take a listing out of the lists (`internships:write`).")
    async def close_internship(self, info: Info, input: CloseInternshipInput) -> CloseInternshipPayload:
        async def act(tx: Write) -> UUID:
            return await reviewing.close(tx, decode(Tag.Internship, input.internship_id, "internship_id"))

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.Internship, outcome)
        return CloseInternshipPayload(internship=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(description="Publish or refuse a listing in review (programme managers in reach).")
    async def review_internship(self, info: Info, input: ReviewInternshipInput) -> ReviewInternshipPayload:
        async def act(tx: Write) -> UUID:
            key = decode(Tag.Internship, input.internship_id, "internship_id")
            return await reviewing.review(tx, key, input.approve, input.note)

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.Internship, outcome)
        return ReviewInternshipPayload(internship=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(description="Answer an application (`applications:write`).")
    async def advance_internship_application(
        self, info: Info, input: AdvanceInternshipApplicationInput
    ) -> InternshipApplicationPayload:
        async def act(tx: Write) -> UUID:
            key = decode(Tag.InternshipApplication, input.application_id, "application_id")
            to = Status(input.to.value)
            return await answering.advance(tx, key, to, note=input.note, interview_at=input.interview_at)

        return await _applied(info, input, act)

    @strawberry.mutation(description="Apply to a listing.")
    async def apply_to_internship(
        self, info: Info, input: ApplyToInternshipInput
    ) -> InternshipApplicationPayload:
        async def act(tx: Write) -> UUID:
            return await applying.apply(
                tx,
                info.context.ports.sealer,
                listing_id=decode(Tag.Internship, input.internship_id, "internship_id"),
                cover_letter=input.cover_letter,
                resume_url=input.resume_url,
            )

        return await _applied(info, input, act)

    @strawberry.mutation(description="Take an application back, up to and from ACCEPTED.")
    async def withdraw_internship_application(
        self, info: Info, input: WithdrawInternshipApplicationInput
    ) -> InternshipApplicationPayload:
        async def act(tx: Write) -> UUID:
            key = decode(Tag.InternshipApplication, input.application_id, "application_id")
            return await withdrawing.withdraw(tx, key)

        return await _applied(info, input, act)

    @strawberry.mutation(description="Take an offer or leave it; taking it takes one of the headcount.")
    async def respond_to_internship_offer(
        self, info: Info, input: RespondToInternshipOfferInput
    ) -> InternshipApplicationPayload:
        async def act(tx: Write) -> UUID:
            key = decode(Tag.InternshipApplication, input.application_id, "application_id")
            return await responding.respond(tx, key, input.accept)

        return await _applied(info, input, act)

    @strawberry.mutation(description="Keep a listing, or no longer.")
    async def bookmark_internship(
        self, info: Info, input: BookmarkInternshipInput
    ) -> BookmarkInternshipPayload:
        async def act(tx: Write) -> UUID:
            key = decode(Tag.Internship, input.internship_id, "internship_id")
            return await bookmarks.bookmark(tx, key, input.bookmarked)

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.Internship, outcome)
        return BookmarkInternshipPayload(internship=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(description="Watch for new listings; each match is told once, in a daily digest.")
    async def create_internship_search(
        self, info: Info, input: CreateInternshipSearchInput
    ) -> InternshipSearchPayload:
        async def act(tx: Write) -> UUID:
            return await alerts.create(tx, input.name, input.filter.to_domain("filter"))

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.InternshipSearch, outcome)
        return InternshipSearchPayload(search=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(description="Stop an alert; it comes back once more as it was.")
    async def delete_internship_search(
        self, info: Info, input: DeleteInternshipSearchInput
    ) -> InternshipSearchPayload:
        deleted: list[alerts.SavedSearch] = []

        async def act(tx: Write) -> None:
            deleted.append(
                await alerts.delete(tx, decode(Tag.InternshipSearch, input.search_id, "search_id"))
            )

        outcome = await mutate(info, input, act)
        return InternshipSearchPayload(
            search=show_search(deleted[0]) if deleted else None, user_errors=errors_of(info, outcome)
        )

    @strawberry.mutation(description="Enter a job fair or change one (programme managers in reach).")
    async def upsert_job_fair(self, info: Info, input: UpsertJobFairInput) -> JobFairPayload:
        given = given_fields(info)

        async def act(tx: Write) -> UUID:
            return await fairs_domain.save(
                tx,
                decode_if(Tag.JobFair, input.id, "id"),
                fairs_domain.JobFairFields(
                    title=input.title,
                    unit_id=decode(Tag.Unit, input.unit_id, "unit_id"),
                    division_code=input.division_code,
                    venue=input.venue,
                    online=input.online,
                    starts_at=input.starts_at,
                    ends_at=input.ends_at,
                    livestream_url=input.livestream_url,
                ),
                given,
                organization_ids=decode_all(Tag.Organization, input.organization_ids, "organization_ids"),
                internship_ids=decode_all(Tag.Internship, input.internship_ids, "internship_ids"),
                expected_version=input.expected_version,
            )

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.JobFair, outcome)
        return JobFairPayload(job_fair=found, user_errors=errors_of(info, outcome))


async def _applied(info: Info, given: object, act: Act) -> InternshipApplicationPayload:
    """Run an action on an application and show it as it then is."""
    outcome = await mutate(info, given, act)
    found = await record_of(info, Tag.InternshipApplication, outcome)
    return InternshipApplicationPayload(application=found, user_errors=errors_of(info, outcome))

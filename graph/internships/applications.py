"""Applications as clients see them, and where they hang."""

from datetime import datetime
from uuid import UUID

import strawberry
from sqlmodel import col

from domain.core.actors import PartnerActor, YouthActor
from domain.core.rights import Action
from domain.core.sealing import place
from domain.core.states import histories
from domain.internships import application as domain
from domain.internships.application import APPLICATION_READ
from domain.internships.listing import visible_listing_records
from domain.internships.models import ApplicationRow
from graph.accounts.access_log import shown
from graph.accounts.youths import OWN_EYES, Unmasked, Youth, YouthCard, youth_card
from graph.core.connection import (
    After,
    Before,
    Connection,
    First,
    Last,
    NestedList,
    Paging,
    connect,
    connection_of,
)
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.extending import extends
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads
from graph.internships.enums import ApplicationStatus
from graph.internships.listings import Internship, listing_applied_to
from graph.partners.organizations import Organization, sees_records


@strawberry.type(description="A move of an application.")
class ApplicationEvent:
    status: ApplicationStatus = strawberry.field(description="The state moved to.")
    at: datetime = strawberry.field(description="When.")
    note: str | None = strawberry.field(description="What was said about it.")


@strawberry.type(description="A youth's application to a listing.")
class InternshipApplication(Node):
    row: strawberry.Private[domain.Application]
    status: ApplicationStatus = strawberry.field(description="How far it has come.")
    interview_at: datetime | None = strawberry.field(description="When the interview is.")
    submitted_at: datetime = strawberry.field(description="When it was sent.")
    updated_at: datetime = strawberry.field(description="When it last moved.")

    @strawberry.field(description="What is applied to.")
    async def internship(self, info: Info) -> Internship:
        return await listing_applied_to(info.context, self.row.internship_id)

    @strawberry.field(description="Who applies; name and number for the organization once ACCEPTED.")
    async def applicant(self, info: Info) -> YouthCard:
        actor, unmasked = info.context.actor, None
        if isinstance(actor, YouthActor):
            unmasked = OWN_EYES
        else:
            await shown(info.context, self.row.youth_id, "applicant", APPLICATION_READ)
        if isinstance(actor, PartnerActor) and self.row.placed:
            unmasked = Unmasked(APPLICATION_READ)
        return await youth_card(info.context, self.row.youth_id, unmasked)

    @strawberry.field(description="What the youth wrote; gone from the organization's view once withdrawn.")
    async def cover_letter(self, info: Info) -> str | None:
        return await self._opened(info, "coverLetter", self.row.cover_letter_sealed, domain.COVER_LETTER)

    @strawberry.field(
        description="Where the résumé lies (https); gone from the organization's view once withdrawn."
    )
    async def resume_url(self, info: Info) -> str | None:
        return await self._opened(info, "resumeUrl", self.row.resume_url_sealed, domain.RESUME_URL)

    @strawberry.field(description="Every move, the oldest first.")
    async def history(self, info: Info) -> list[ApplicationEvent]:
        return await info.context.loader(_history).load(self.row.id) or []

    async def _opened(
        self, info: Info, field: str, sealed: bytes | None, where: tuple[str, str]
    ) -> str | None:
        own = isinstance(info.context.actor, YouthActor)
        if sealed is None or (self.row.status is ApplicationStatus.WITHDRAWN and not own):
            return None
        if not own:
            await shown(info.context, self.row.youth_id, field, APPLICATION_READ)
        return info.context.ports.sealer.open(sealed, place(*where, self.row.id))


def show(row: domain.Application) -> InternshipApplication:
    return InternshipApplication(
        id=encode(Tag.InternshipApplication, row.id),
        row=row,
        status=row.status,
        interview_at=row.interview_at,
        submitted_at=row.submitted_at,
        updated_at=row.updated_at,
    )


@loads(Tag.InternshipApplication)
async def load_applications(context: Context, ids: list[UUID]) -> dict[UUID, InternshipApplication]:
    async with context.read() as db:
        found = await domain.applications(db, context.actor, ids)
    return {key: show(row) for key, row in found.items()}


def _history(context: Context) -> Loader[UUID, list[ApplicationEvent] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[ApplicationEvent]]:
        async with context.read() as db:
            found = await histories(db, ids)
        return {
            key: [
                ApplicationEvent(status=ApplicationStatus(move.status), at=move.at, note=move.note)
                for move in moves
            ]
            for key, moves in found.items()
        }

    return keyed_loader(fetch)


def _of_viewer(context: Context) -> Loader[UUID, InternshipApplication | None]:
    async def fetch(listing_ids: list[UUID]) -> dict[UUID, InternshipApplication]:
        if not isinstance(context.actor, YouthActor):
            return {}
        async with context.read() as db:
            found = await domain.latest_of_youth(db, context.actor.id, listing_ids)
        return {key: show(row) for key, row in found.items()}

    return keyed_loader(fetch)


def _listing_seen(context: Context) -> Loader[UUID, bool | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, bool]:
        async with context.read() as db:
            return dict.fromkeys(
                await visible_listing_records(db, context.actor, Action.SEE_APPLICATIONS, ids), True
            )

    return keyed_loader(fetch)


_OF_LISTINGS = NestedList(
    domain.selected, col(ApplicationRow.internship_id), domain.Application, domain.NEWEST
)
_OF_ORGANIZATIONS = NestedList(
    domain.selected, col(ApplicationRow.organization_id), domain.Application, domain.NEWEST
)


@extends(Internship)
class InternshipApplications:
    @strawberry.field(description="The signed-in youth's latest application to it.")
    async def viewer_application(self: Internship, info: Info) -> InternshipApplication | None:
        return await info.context.loader(_of_viewer).load(self.row.id)

    @strawberry.field(description="For the posting organization and staff in reach; null for others.")
    async def applications(
        self: Internship,
        info: Info,
        statuses: list[ApplicationStatus] | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InternshipApplication] | None:
        if not await info.context.loader(_listing_seen).load(self.row.id):
            return None
        asked = None if statuses is None else tuple(statuses)
        paging = Paging(first, after, last, before)
        return connection_of(await _OF_LISTINGS.page(info.context, self.row.id, paging, asked), show)


@extends(Organization)
class OrganizationApplications:
    @strawberry.field(description="The organization and staff in reach; null for others.")
    async def applications(
        self: Organization,
        info: Info,
        statuses: list[ApplicationStatus] | None = None,
        updated_since: datetime | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InternshipApplication] | None:
        if not await sees_records(info.context, Action.SEE_APPLICATIONS, self.key):
            return None
        asked = None if statuses is None else tuple(statuses)
        paging = Paging(first, after, last, before)
        listed = await _OF_ORGANIZATIONS.page(info.context, self.key, paging, asked, updated_since)
        return connection_of(listed, show)


@extends(Youth)
class YouthApplications:
    @strawberry.field(description="The youth's applications, the latest first.")
    async def internship_applications(
        self: Youth,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InternshipApplication]:
        return await connect(
            info.context,
            domain.OF_YOUTH,
            domain.Application,
            domain.NEWEST,
            Paging(first, after, last, before),
            show,
            given={"youth": self.key},
        )

"""What waits for a member of staff to decide."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.accounts import reviews as domain
from domain.core.actors import StaffActor
from graph.accounts.enums import ReviewKind
from graph.accounts.units import StaffMember, Unit, known_unit
from graph.core.connection import After, Before, Connection, First, Last, Paging, connect, empty
from graph.core.context import Context, Info
from graph.core.extending import extends
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads, node_by_id

SUBJECT_TAGS = {
    domain.ReviewKind.ORGANIZATION: Tag.Organization,
    domain.ReviewKind.INTERNSHIP: Tag.Internship,
    domain.ReviewKind.PARTICIPANT_REPORT: Tag.ParticipantReport,
    domain.ReviewKind.SERVICE_RECORD: Tag.LedgerEntry,
    domain.ReviewKind.CARE_FUND_CLAIM: Tag.CareFundClaim,
}


@strawberry.type(description="One thing that waits for a decision.")
class ReviewItem(Node):
    subject_id: strawberry.Private[UUID]
    unit_id: strawberry.Private[UUID]
    kind: ReviewKind = strawberry.field(description="What kind of decision.")
    waiting_since: datetime = strawberry.field(description="Since when it waits.")
    due_at: datetime | None = strawberry.field(
        description="By when it should be decided, where a time is set."
    )

    @strawberry.field(description="What is to be decided.")
    async def subject(self, info: Info) -> Node:
        return await node_by_id(info.context, encode(SUBJECT_TAGS[self.kind], self.subject_id))  # type: ignore[no-any-return]  # a node of any type; each of the schema's is one

    @strawberry.field(description="The unit that decides.")
    async def unit(self, info: Info) -> Unit:
        return await known_unit(info.context, self.unit_id)

    @strawberry.field(description="Is its time over?")
    def overdue(self, info: Info) -> bool:
        return self.due_at is not None and self.due_at < info.context.now


def show(row: domain.Review) -> ReviewItem:
    return ReviewItem(
        id=encode(Tag.ReviewItem, row.subject_id),
        subject_id=row.subject_id,
        unit_id=row.unit_id,
        kind=row.kind,
        waiting_since=row.waiting_since,
        due_at=row.due_at,
    )


@loads(Tag.ReviewItem)
async def load_review_items(context: Context, ids: list[UUID]) -> dict[UUID, ReviewItem]:
    """What waits within the member's reach; decided things wait no more."""
    if not isinstance(context.actor, StaffActor):
        return {}
    statement, _ = domain.waiting(context.actor, None)
    async with context.read() as db:
        rows = await db.rows(statement.where(statement.selected_columns[0].in_(ids)))
    return {row.subject_id: show(domain.review(*row)) for row in rows}


@extends(StaffMember)
class StaffReviews:
    @strawberry.field(
        description="Everything in the member's unit and below that waits for a decision, oldest first; empty but for the"
        " member."
    )
    async def review_queue(
        self: StaffMember,
        info: Info,
        kinds: list[ReviewKind] | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ReviewItem]:
        actor = info.context.actor
        own = actor if isinstance(actor, StaffActor) and actor.id == self.key else None
        statement, order = domain.waiting(own, kinds)
        paging = Paging(first, after, last, before)
        if own is None:
            return empty(info.context, order, paging)
        return await connect(info.context, statement, domain.review, order, paging, show)

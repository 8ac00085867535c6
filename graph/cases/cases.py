"""Cases as clients see them: the youth, and staff in reach; what was said, case workers alone."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.accounts.access_log import purpose
from domain.accounts.reviews import ReviewKind
from domain.cases import case as domain
from domain.cases.states import CaseCategory, CaseStatus, CaseUrgency
from domain.core.actors import YouthActor
from domain.core.refusals import NotAllowed
from domain.core.rights import Action, may
from graph.accounts.access_log import shown
from graph.accounts.reviews import SUBJECT_TAGS
from graph.accounts.units import StaffMember, Unit, load_members, unit
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.enums import served
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads

served(CaseCategory, "What a case is about.")
served(CaseUrgency, "How soon a case is due.", CRISIS="Life or safety is in danger: within the hour.")
served(CaseStatus, "How far a case has come.")
SUBJECT_TAGS[ReviewKind.CASE] = Tag.Case
WORKED_ON = purpose("case-work", zh="12355 个案办理", en="worked on a case of 12355")


@strawberry.type(description="What was said in a case.")
class CaseMessage:
    from_staff: bool = strawberry.field(description="By staff, or by the youth?")
    body: str = strawberry.field(description="The words.")
    at: datetime = strawberry.field(description="When.")


@strawberry.type(
    description="A request for help to 12355: somebody takes it, can handle it, and sees it done."
)
class Case(Node):
    row: strawberry.Private[domain.Case]
    number: str = strawberry.field(description="By which people speak of it.")
    category: CaseCategory = strawberry.field(description="What it is about.")
    urgency: CaseUrgency = strawberry.field(description="How soon it is due.")
    status: CaseStatus = strawberry.field(description="How far it has come.")
    anonymous: bool = strawberry.field(description="Does the youth wish not to be named?")
    satisfaction: int | None = strawberry.field(description="How content the youth was, 1 to 5.")
    due_at: datetime = strawberry.field(description="By when it must be dealt with.")
    created_at: datetime = strawberry.field(description="When it was opened.")

    @strawberry.field(description="Who has taken it; for colleagues in reach.")
    async def assignee(self, info: Info) -> StaffMember | None:
        if self.row.assignee_id is None:
            return None
        return (await load_members(info.context, [self.row.assignee_id])).get(self.row.assignee_id)

    @strawberry.field(description="The unit that looks after it.")
    async def unit(self, info: Info) -> Unit | None:
        return await unit(info.context, self.row.unit_id)

    @strawberry.field(description="Is its time over?")
    def overdue(self, info: Info) -> bool:
        return self.row.overdue(info.context.now)

    @strawberry.field(description="What was said, the oldest first: for the youth and for case workers.")
    async def messages(self, info: Info) -> list[CaseMessage]:
        context = info.context
        if not may(context.actor, Action.READ_CASES):
            raise NotAllowed
        await self._noted(context, "messages")
        found = await context.loader(_messages).load(self.row.id) or []
        sealer = context.ports.sealer
        return [CaseMessage(from_staff=one.from_staff, body=one.body(sealer), at=one.at) for one in found]

    @strawberry.field(description="What came of it: for the youth and for case workers; else null.")
    async def outcome(self, info: Info) -> str | None:
        context = info.context
        if not may(context.actor, Action.READ_CASES):
            return None
        outcome = self.row.outcome(context.ports.sealer)
        if outcome is not None:
            await self._noted(context, "outcome")
        return outcome

    async def _noted(self, context: Context, field: str) -> None:
        """A look by staff is written down before it is given; one's own is no business of the log."""
        if not isinstance(context.actor, YouthActor):
            await shown(context, self.row.youth_id, field, WORKED_ON)


def show(row: domain.Case) -> Case:
    return Case(
        id=encode(Tag.Case, row.id),
        row=row,
        number=row.number,
        category=row.category,
        urgency=row.urgency,
        status=row.status,
        anonymous=row.anonymous,
        satisfaction=row.satisfaction,
        due_at=row.due_at,
        created_at=row.created_at,
    )


@loads(Tag.Case)
async def load_cases(context: Context, ids: list[UUID]) -> dict[UUID, Case]:
    async with context.read() as db:
        found = await domain.cases(db, context.actor, ids)
    return {key: show(row) for key, row in found.items()}


def _messages(context: Context) -> Loader[UUID, list[domain.CaseMessage] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[domain.CaseMessage]]:
        async with context.read() as db:
            return await domain.messages(db, ids)

    return keyed_loader(fetch)

"""Secret links to calendars of sessions, and how one is taken back."""

from uuid import UUID

import strawberry

from domain.core.db import Write
from domain.mentorship import calendar_links
from graph.core.context import Context, Info
from graph.core.errors import UserError
from graph.core.mutating import errors_of, mutate
from graph.mentorship.enums import Side


async def calendar_url(context: Context, side: Side, owner_id: UUID) -> str:
    """The address that opens the calendar now."""
    async with context.read() as db:
        number = (await calendar_links.numbers(db, side, [owner_id]))[owner_id]
    return context.origin + context.ports.links.to_calendar(side.value.lower(), owner_id, number)


@strawberry.input(description="Whose calendar gets another address.")
class RenewMentorshipCalendarInput:
    side: Side = strawberry.field(description="The calendar of one's sessions as a mentor, or as a mentee.")
    idempotency_key: str


@strawberry.type(description="The address of a calendar.")
class MentorshipCalendarPayload:
    calendar_url: str | None = strawberry.field(
        description="The secret address that opens it now; null when refused."
    )
    user_errors: list[UserError]


@strawberry.type
class CalendarMutations:
    @strawberry.mutation(
        description="End the secret address of one's own calendar at once, and get another (either side)."
    )
    async def renew_mentorship_calendar(
        self, info: Info, input: RenewMentorshipCalendarInput
    ) -> MentorshipCalendarPayload:
        async def act(tx: Write) -> UUID:
            return await calendar_links.renew(tx, input.side)

        outcome = await mutate(info, input, act)
        owner_id = outcome.record_id
        context = info.context.reading_own_writes()
        return MentorshipCalendarPayload(
            calendar_url=None if owner_id is None else await calendar_url(context, input.side, owner_id),
            user_errors=errors_of(info, outcome),
        )

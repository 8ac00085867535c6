"""What mutations of mentorship give back."""

import strawberry

from graph.cases.cases import Case
from graph.core.context import Info
from graph.core.errors import UserError
from graph.core.ids import Tag
from graph.core.mutating import Act, errors_of, mutate, record_of
from graph.mentorship.mentors import Mentor
from graph.mentorship.requests import MentorshipRequest


@strawberry.type(description="The mentor as it is now.")
class MentorPayload:
    mentor: Mentor | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="The request as it is now.")
class MentorshipRequestPayload:
    request: MentorshipRequest | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]
    opened_case: Case | None = strawberry.field(
        description="Set when crisis words opened one, whatever became of the request.", default=None
    )
    notice: str | None = strawberry.field(
        description="Words for the person, the hotline for one.", default=None
    )


async def kept(info: Info, given: object, act: Act) -> MentorPayload:
    """Run an action on a mentor and show them as they then are."""
    outcome = await mutate(info, given, act)
    found = await record_of(info, Tag.Mentor, outcome)
    return MentorPayload(mentor=found, user_errors=errors_of(info, outcome))

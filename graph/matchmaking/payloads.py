"""What mutations of matchmaking give back."""

import strawberry

from graph.core.errors import UserError
from graph.matchmaking.attendees import Attendee
from graph.matchmaking.desk import EventDesk
from graph.matchmaking.events import MatchmakingEvent
from graph.matchmaking.signups import MatchmakingSignup


@strawberry.type(description="The event as it is now.")
class MatchmakingEventPayload:
    event: MatchmakingEvent | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="The sign-up as it is now.")
class MatchmakingSignupPayload:
    signup: MatchmakingSignup | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="The guest as the desk sees them.")
class AttendeePayload:
    attendee: Attendee | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="What became of an offline desk's records.")
class SyncMatchmakingCheckInsPayload:
    accepted: int = strawberry.field(
        description="Guests who are checked in now; again the same for the same records."
    )
    unknown: list[str] = strawberry.field(description="Hashes that no guest of the event has.")
    user_errors: list[UserError]


@strawberry.type(description="The guest's sign-up as it is now.")
class ChooseMatchesPayload:
    signup: MatchmakingSignup | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="Whether the report was taken.")
class ReportParticipantPayload:
    user_errors: list[UserError]


@strawberry.type(description="The event as it is now.")
class DrawMatchmakingLotteryPayload:
    event: MatchmakingEvent | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


__all__ = ["EventDesk"]

"""What mutations of matchmaking take."""

from datetime import datetime

import strawberry

from graph.matchmaking.enums import Admission


@strawberry.input(
    description="An event as it shall be. Absent with an id: ages, choices and their deadline stay as they are."
)
class UpsertMatchmakingEventInput:
    id: strawberry.ID | None = strawberry.field(
        description="The event to change; absent: a new one.", default=None
    )
    expected_version: int | None = None
    idempotency_key: str | None = None
    title: str = strawberry.field(description="1 to 80 characters.")
    unit_id: strawberry.ID = strawberry.field(description="The unit that holds it, in the member's reach.")
    division_code: str = strawberry.field(description="Where it is held.")
    venue: str = strawberry.field(description="The place, 1 to 200 characters.")
    description: str = strawberry.field(description="1 to 4,000 characters.")
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    signup_opens_at: datetime = strawberry.field(description="From when on sign-ups are taken.")
    signup_closes_at: datetime = strawberry.field(description="Until when; not after the start.")
    admission: Admission = strawberry.field(description="Stays once somebody has signed up.")
    min_age: int = strawberry.field(description="18 to 45, on the day of the event.", default=18)
    max_age: int = strawberry.field(description="18 to 45, on the day of the event.", default=45)
    male_seats: int = strawberry.field(description="Not fewer than are taken.")
    female_seats: int = strawberry.field(description="Not fewer than are taken.")
    max_choices: int = strawberry.field(description="1 to 10.", default=3)
    choices_close_at: datetime | None = strawberry.field(
        description="From the end to 30 days after it; 24 hours after the end when absent.", default=None
    )
    cancelled: bool | None = strawberry.field(description="True calls it off, for good.", default=None)


@strawberry.input(
    description="A sign-up. Nickname and introduction say nothing by which a stranger could be reached."
)
class SignUpForMatchmakingInput:
    event_id: strawberry.ID = strawberry.field(description="For which event.")
    nickname: str = strawberry.field(description="1 to 20 characters.")
    introduction: str | None = strawberry.field(description="Up to 500 characters.", default=None)
    contact_for_matches: str = strawberry.field(
        description="1 to 100 characters; shown to those alone whom the guest chose and who chose the guest."
    )
    declares_single: bool = strawberry.field(description="True: the guest declares to be single.")
    idempotency_key: str


@strawberry.input(description="Which sign-up to cancel.")
class CancelMatchmakingSignupInput:
    signup_id: strawberry.ID = strawberry.field(description="The youth's own.")


@strawberry.input(description="Whom to check in.")
class CheckInMatchmakingGuestInput:
    event_id: strawberry.ID = strawberry.field(description="At which event.")
    check_in_code: str = strawberry.field(description="As the guest shows it.")


@strawberry.input(description="A check-in at a desk without a network.")
class OfflineCheckIn:
    code_hash: str = strawberry.field(description="As in `offlineDesk`.")
    at: datetime = strawberry.field(description="When the guest came.")


@strawberry.input(description="What a desk without a network recorded.")
class SyncMatchmakingCheckInsInput:
    event_id: strawberry.ID = strawberry.field(description="At which event.")
    check_ins: list[OfflineCheckIn] = strawberry.field(description="1,000 at most.")


@strawberry.input(description="Whom the guest chooses; it takes the place of earlier choices.")
class ChooseMatchesInput:
    event_id: strawberry.ID = strawberry.field(description="At which event.")
    participant_ids: list[strawberry.ID] = strawberry.field(
        description="Up to `maxChoices`; nobody when empty."
    )


@strawberry.input(description="A report of another guest.")
class ReportParticipantInput:
    event_id: strawberry.ID = strawberry.field(description="At which event.")
    participant_id: strawberry.ID = strawberry.field(description="Who is reported.")
    reason: str = strawberry.field(description="What happened, 1 to 1,000 characters; case workers read it.")
    block: bool = strawberry.field(description="The two never meet in an event's list again.", default=True)
    idempotency_key: str | None = None


@strawberry.input(description="Which lottery to draw.")
class DrawMatchmakingLotteryInput:
    event_id: strawberry.ID = strawberry.field(description="After its sign-up has closed.")

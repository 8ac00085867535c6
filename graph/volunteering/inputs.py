"""What mutations of the ledger take."""

from datetime import datetime

import strawberry

from domain.volunteering.rules import ServiceContent
from graph.core.scalars import PhoneNumber


@strawberry.input(description="One person's service.")
class ServiceRecordInput:
    external_ref: str = strawberry.field(description="The organization's own key, 1 to 100 characters.")
    volunteer_phone: PhoneNumber = strawberry.field(description="The volunteer's number, E.164.")
    activity: str = strawberry.field(description="What was done, 1 to 200 characters.")
    started_at: datetime = strawberry.field(description="When it began.")
    ended_at: datetime = strawberry.field(description="When it ended, at most 24 hours later.")

    def to_domain(self) -> ServiceContent:
        """Texts without spaces at their ends."""
        return ServiceContent(
            external_ref=self.external_ref.strip(),
            phone=self.volunteer_phone,
            activity=self.activity.strip(),
            started_at=self.started_at,
            ended_at=self.ended_at,
        )


@strawberry.input(
    description="Hours come from service organizations by API token (scope `service:write`); the same externalRef counts once."
)
class RecordServiceHoursInput:
    records: list[ServiceRecordInput] = strawberry.field(
        description="At most 500 at a time; each stands or falls alone. Other content under a known key corrects it."
    )


@strawberry.input(description="What becomes of a record that waits.")
class DecideServiceRecordInput:
    entry_id: strawberry.ID = strawberry.field(description="Which record.")
    approve: bool = strawberry.field(description="Do the hours count?")
    note: str | None = strawberry.field(
        description="For its organization to read, up to 1,000 characters.", default=None
    )


@strawberry.input(description="What a record counts for after all.")
class CorrectServiceRecordInput:
    entry_id: strawberry.ID = strawberry.field(description="The SERVICE entry of the record.")
    minutes: int = strawberry.field(description="0 to 1,440; 0: it never was.")
    reason: str = strawberry.field(description="Why, 1 to 1,000 characters.")

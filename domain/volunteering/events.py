"""What happens to hours, perks and claims, said to whoever must act on it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RecordDecided:
    """Staff decided about a service record that waited. `youth_id` is None while nobody has signed up with its number."""

    topic: ClassVar[str] = "volunteering.record_decided"
    record_id: UUID
    organization_id: UUID
    youth_id: UUID | None
    external_ref: str
    posted: bool
    minutes: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class PointsLapsed:
    topic: ClassVar[str] = "volunteering.points_lapsed"
    youth_id: UUID
    points: int


@dataclass(frozen=True, slots=True)
class HoursCredited:
    """Service that was kept for a number is now its owner's."""

    topic: ClassVar[str] = "volunteering.hours_credited"
    youth_id: UUID
    minutes: int


@dataclass(frozen=True, slots=True)
class RedemptionMoved:
    """A perk was redeemed, used, given back or ran out."""

    topic: ClassVar[str] = "volunteering.redemption_moved"
    redemption_id: UUID
    perk_id: UUID
    youth_id: UUID
    status: str


@dataclass(frozen=True, slots=True)
class ClaimMoved:
    """A claim on the care fund came to be, or was decided."""

    topic: ClassVar[str] = "volunteering.claim_moved"
    claim_id: UUID
    youth_id: UUID
    status: str

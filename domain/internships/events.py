"""What happens to listings and applications, said to whoever must act on it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ApplicationMoved:
    """
    An application came to be or moved. `by_youth` tells whose move it was; the other side is told.

    An invitation to an interview says when (an ISO instant) and in which division it is.
    """

    topic: ClassVar[str] = "internships.application_moved"
    application_id: UUID
    internship_id: UUID
    organization_id: UUID
    youth_id: UUID
    status: str
    by_youth: bool
    note: str = ""
    interview_at: str = ""
    division_code: str = ""


@dataclass(frozen=True, slots=True)
class ListingReviewed:
    topic: ClassVar[str] = "internships.listing_reviewed"
    internship_id: UUID
    organization_id: UUID
    approved: bool
    note: str


@dataclass(frozen=True, slots=True)
class AnswerOverdue:
    """An application has waited too long for an answer."""

    topic: ClassVar[str] = "internships.answer_overdue"
    application_id: UUID
    internship_id: UUID
    organization_id: UUID
    days: int


@dataclass(frozen=True, slots=True)
class DigestsDue:
    """It is time to tell of what these saved searches found."""

    topic: ClassVar[str] = "internships.digests_due"
    search_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class MatchesFound:
    """A saved search has new listings to tell of, all of one digest."""

    topic: ClassVar[str] = "internships.matches_found"
    search_id: UUID
    youth_id: UUID
    name: str
    count: int

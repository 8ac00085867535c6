"""What happens to requests, said to whoever must act on it. No words of anybody: those are sealed in their rows."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MentorshipMoved:
    """A request came to be or moved, `again` back to REQUESTED. `by` is the side whose move it was, or empty for the rules."""

    topic: ClassVar[str] = "mentorship.moved"
    request_id: UUID
    mentor_id: UUID
    youth_id: UUID
    status: str
    by: str
    again: bool = True


@dataclass(frozen=True, slots=True)
class SessionMoved:
    """A session has another time. `by` is the side that moved it."""

    topic: ClassVar[str] = "mentorship.session_moved"
    request_id: UUID
    mentor_id: UUID
    youth_id: UUID
    starts_at: str
    by: str


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """Somebody has waited for an answer for long. `waits` is the side that waits."""

    topic: ClassVar[str] = "mentorship.answer_due"
    request_id: UUID
    mentor_id: UUID
    youth_id: UUID
    waits: str
    respond_by: str


@dataclass(frozen=True, slots=True)
class SessionNear:
    """A session begins soon: both sides are reminded."""

    topic: ClassVar[str] = "mentorship.session_near"
    request_id: UUID
    mentor_id: UUID
    youth_id: UUID
    starts_at: str


@dataclass(frozen=True, slots=True)
class Rerouted:
    """A request that lapsed went on to the next best mentor."""

    topic: ClassVar[str] = "mentorship.rerouted"
    request_id: UUID
    mentor_id: UUID
    youth_id: UUID


@dataclass(frozen=True, slots=True)
class TimesSkipped:
    """On these days (ISO) something else is in the way of a weekly rule's times."""

    topic: ClassVar[str] = "mentorship.times_skipped"
    rule_id: UUID
    mentor_id: UUID
    days: list[str]


@dataclass(frozen=True, slots=True)
class MentorshipPaired:
    """A unit gave a youth a cadre as mentor."""

    topic: ClassVar[str] = "mentorship.paired"
    pairing_id: UUID
    mentor_id: UUID
    youth_id: UUID

"""What happens to people's accounts, said to whoever must act on it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TracksConfirmed:
    """Staff saw the proof of a youth's special tracks, or took them back. `tracks` by their names, separated by commas."""

    topic: ClassVar[str] = "accounts.tracks_confirmed"
    youth_id: UUID
    tracks: str
    note: str


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """A youth took a consent back: whoever works by it stops, and erases what it has no other ground for."""

    topic: ClassVar[str] = "accounts.consent_withdrawn"
    youth_id: UUID
    purpose: str

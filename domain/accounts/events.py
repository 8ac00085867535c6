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

"""What happens at matchmaking, said to whoever must act on it. Nothing is ever said of choices."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

BEFORE_ALL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class SeatGiven:
    """The first in line has the seat that came free."""

    topic: ClassVar[str] = "matchmaking.seat_given"
    signup_id: UUID
    event_id: UUID
    youth_id: UUID


@dataclass(frozen=True, slots=True)
class GuestsTold:
    """
    All guests of an event are to be told a thing, so many at a time: `kind` names it, those with ids up to `after` were
    told already.
    """

    topic: ClassVar[str] = "matchmaking.guests_told"
    event_id: UUID
    kind: str
    after: UUID = BEFORE_ALL

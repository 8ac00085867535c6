"""What happens to rentals, said to whoever must act on it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RentalDecided:
    """Staff took a flat down, or put it back."""

    topic: ClassVar[str] = "hostels.rental_decided"
    rental_id: UUID
    organization_id: UUID
    taken_down: bool
    note: str

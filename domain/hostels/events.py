"""What happens to stays and beds, said to whoever must act on it. Days are ISO texts."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class BookingMoved:
    """A stay or a place in the line came to be or moved. `by_guest` tells whose move it was."""

    topic: ClassVar[str] = "hostels.booking_moved"
    booking_id: UUID
    hostel_id: UUID
    guest_id: UUID
    status: str
    check_in: str
    check_out: str
    by_guest: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class HoldOffered:
    """A bed is held for somebody in the waiting list until an instant (ISO)."""

    topic: ClassVar[str] = "hostels.hold_offered"
    booking_id: UUID
    hostel_id: UUID
    guest_id: UUID
    check_in: str
    check_out: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class BedFreed:
    """Bed-nights of a hostel came free, from one day to another (exclusive)."""

    topic: ClassVar[str] = "hostels.bed_freed"
    hostel_id: UUID
    from_on: str
    to_on: str


@dataclass(frozen=True, slots=True)
class GuestMoved:
    """A guest sleeps in another bed than before."""

    topic: ClassVar[str] = "hostels.guest_moved"
    booking_id: UUID
    hostel_id: UUID
    guest_id: UUID
    note: str

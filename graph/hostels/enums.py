"""Enums of hostels."""

from domain.hostels.states import BookingStatus
from graph.core.enums import served

served(
    BookingStatus,
    "How far a stay has come.",
    name="HostelBookingStatus",
    HELD="A bed that came free is held for this entry of the waiting list.",
)

__all__ = ["BookingStatus"]

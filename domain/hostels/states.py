"""The drawn edges of a stay (programmes.md, 2)."""

from enum import StrEnum

from domain.core.states import States


class BookingStatus(StrEnum):
    WAITLISTED = "WAITLISTED"
    HELD = "HELD"
    CONFIRMED = "CONFIRMED"
    CHECKED_IN = "CHECKED_IN"
    CHECKED_OUT = "CHECKED_OUT"
    CANCELLED = "CANCELLED"
    NO_SHOW = "NO_SHOW"


_B = BookingStatus

BOOKING_STATES = States(
    {
        # To CONFIRMED without a hold: somebody who waits finds a bed and books those nights.
        _B.WAITLISTED: frozenset({_B.HELD, _B.CONFIRMED, _B.CANCELLED}),
        # Back to WAITLISTED when the room of the held bed is closed: the place in the line is kept.
        _B.HELD: frozenset({_B.CONFIRMED, _B.CANCELLED, _B.WAITLISTED}),
        _B.CONFIRMED: frozenset({_B.CHECKED_IN, _B.CANCELLED, _B.NO_SHOW}),
        _B.CHECKED_IN: frozenset({_B.CHECKED_OUT}),
    }
)

STAYING = (_B.CONFIRMED, _B.CHECKED_IN)
"""Stays to come or under way."""

WITH_BEDS = (_B.HELD, *STAYING)
"""States in which the nights to come have beds."""

"""The drawn edges of sign-ups, and the states of an event, which are a function of time and seats (programmes.md, 3)."""

from enum import StrEnum

from domain.core.states import States


class Admission(StrEnum):
    FIRST_COME = "FIRST_COME"
    LOTTERY = "LOTTERY"


class EventStatus(StrEnum):
    SCHEDULED = "SCHEDULED"
    OPEN = "OPEN"
    FULL = "FULL"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"
    FINISHED = "FINISHED"


class SignupStatus(StrEnum):
    ENTERED = "ENTERED"
    CONFIRMED = "CONFIRMED"
    WAITLISTED = "WAITLISTED"
    CHECKED_IN = "CHECKED_IN"
    CANCELLED = "CANCELLED"
    NO_SHOW = "NO_SHOW"


_S = SignupStatus

SIGNUP_STATES = States(
    {
        _S.ENTERED: frozenset({_S.CONFIRMED, _S.WAITLISTED, _S.CANCELLED}),
        _S.WAITLISTED: frozenset({_S.CONFIRMED, _S.CANCELLED}),
        _S.CONFIRMED: frozenset({_S.CHECKED_IN, _S.NO_SHOW, _S.CANCELLED}),
        # A desk without a network says afterwards who was there.
        _S.NO_SHOW: frozenset({_S.CHECKED_IN}),
    }
)

OPEN = (_S.ENTERED, _S.CONFIRMED, _S.WAITLISTED, _S.CHECKED_IN)
"""Sign-ups that count, until the event is over, as one of the few that a person may have."""

SEATED = (_S.CONFIRMED, _S.CHECKED_IN, _S.NO_SHOW)
"""Sign-ups that hold a seat."""

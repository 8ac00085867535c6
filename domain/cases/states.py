"""The drawn edges of a case (programmes.md, 6)."""

from enum import StrEnum

from domain.core.states import States


class CaseCategory(StrEnum):
    PSYCHOLOGY = "PSYCHOLOGY"
    LEGAL = "LEGAL"
    EMPLOYMENT = "EMPLOYMENT"
    EDUCATION = "EDUCATION"
    HEALTH = "HEALTH"
    SAFETY = "SAFETY"
    FAMILY = "FAMILY"
    OTHER = "OTHER"


class CaseUrgency(StrEnum):
    """In rising order."""

    NORMAL = "NORMAL"
    URGENT = "URGENT"
    CRISIS = "CRISIS"


class CaseStatus(StrEnum):
    OPEN = "OPEN"
    TAKEN = "TAKEN"
    WAITING = "WAITING"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"


_C = CaseStatus

CASE_STATES = States(
    {
        _C.OPEN: frozenset({_C.TAKEN}),
        _C.TAKEN: frozenset({_C.WAITING, _C.RESOLVED}),
        _C.WAITING: frozenset({_C.TAKEN, _C.RESOLVED}),
        _C.RESOLVED: frozenset({_C.OPEN, _C.CLOSED}),
    }
)

UNDER_WAY = (_C.OPEN, _C.TAKEN, _C.WAITING)
"""States in which a case still waits for its outcome."""

"""The drawn edges of listings and applications (programmes.md, 1)."""

from enum import StrEnum

from domain.core.states import States


class ListingStatus(StrEnum):
    DRAFT = "DRAFT"
    IN_REVIEW = "IN_REVIEW"
    PUBLISHED = "PUBLISHED"
    CLOSED = "CLOSED"
    REJECTED = "REJECTED"


class ClosedBecause(StrEnum):
    """Why a listing is CLOSED: one closed by time or for want of places opens again when these come back."""

    BY_ORGANIZATION = "BY_ORGANIZATION"
    APPLY_BY_PAST = "APPLY_BY_PAST"
    NO_HEADCOUNT_LEFT = "NO_HEADCOUNT_LEFT"


class ApplicationStatus(StrEnum):
    SUBMITTED = "SUBMITTED"
    SHORTLISTED = "SHORTLISTED"
    INTERVIEW = "INTERVIEW"
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    ONBOARDED = "ONBOARDED"
    COMPLETED = "COMPLETED"
    REJECTED = "REJECTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


_L = ListingStatus

LISTING_STATES = States(
    {
        _L.DRAFT: frozenset({_L.IN_REVIEW, _L.PUBLISHED}),
        # The organization may close what it no longer wants reviewed.
        _L.IN_REVIEW: frozenset({_L.PUBLISHED, _L.REJECTED, _L.CLOSED}),
        # A change by an organization whose posts are reviewed goes through review again.
        _L.PUBLISHED: frozenset({_L.CLOSED, _L.IN_REVIEW}),
        _L.REJECTED: frozenset({_L.IN_REVIEW}),
        # "A new headcount or applyBy by upsert publishes it again", through the gate.
        _L.CLOSED: frozenset({_L.PUBLISHED, _L.IN_REVIEW}),
    }
)

_A = ApplicationStatus

APPLICATION_STATES = States(
    {
        _A.SUBMITTED: frozenset({_A.SHORTLISTED, _A.REJECTED, _A.WITHDRAWN}),
        _A.SHORTLISTED: frozenset({_A.INTERVIEW, _A.REJECTED, _A.WITHDRAWN}),
        _A.INTERVIEW: frozenset({_A.OFFERED, _A.REJECTED, _A.WITHDRAWN}),
        _A.OFFERED: frozenset({_A.ACCEPTED, _A.DECLINED, _A.REJECTED, _A.WITHDRAWN}),
        _A.ACCEPTED: frozenset({_A.ONBOARDED, _A.WITHDRAWN}),
        _A.ONBOARDED: frozenset({_A.COMPLETED}),
    }
)

OPEN = (_A.SUBMITTED, _A.SHORTLISTED, _A.INTERVIEW, _A.OFFERED)
"""Applications still to be decided; a youth may have so many and no more."""

PLACED = (_A.ACCEPTED, _A.ONBOARDED, _A.COMPLETED)
"""Applications that hold one of the headcount, and of whose applicants the organization may know name and number."""

"""Enums of internships."""

from enum import StrEnum

from domain.internships.finding import ListingOrder
from domain.internships.models import InternshipKind, StipendPeriod
from domain.internships.states import ApplicationStatus, ListingStatus
from graph.core.enums import served


class ApplicationAdvance(StrEnum):
    """Where an organization may move an application; the other states are the youth's to say."""

    SHORTLISTED = ApplicationStatus.SHORTLISTED.value
    INTERVIEW = ApplicationStatus.INTERVIEW.value
    OFFERED = ApplicationStatus.OFFERED.value
    REJECTED = ApplicationStatus.REJECTED.value
    ONBOARDED = ApplicationStatus.ONBOARDED.value
    COMPLETED = ApplicationStatus.COMPLETED.value


served(InternshipKind, "INTERNSHIP 实习 for students; APPRENTICESHIP 见习 for graduates.")
served(ListingStatus, "Lists show PUBLISHED; CLOSED is still read by id.", name="InternshipStatus")
served(StipendPeriod, "What the money is for.")
served(ApplicationStatus, "How far an application has come.")
served(ListingOrder, "RELEVANCE when there is text, otherwise NEWEST.", name="InternshipOrder")
served(ApplicationAdvance, "Where an organization may move an application.")

__all__ = [
    "ApplicationAdvance",
    "ApplicationStatus",
    "InternshipKind",
    "ListingOrder",
    "ListingStatus",
    "StipendPeriod",
]

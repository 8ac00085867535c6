"""Enums of mentorship."""

from domain.mentorship.responding import MentorResponse
from domain.mentorship.states import MentorField, MentorshipStatus, Side
from graph.core.enums import served

served(MentorField, "What a mentor knows about.")
served(
    MentorshipStatus,
    "How far a request for mentorship has come.",
    NEEDS_INFORMATION="The mentor asked for more; the answer brings it back to REQUESTED.",
    EXPIRED="Nobody answered in time.",
    NO_SHOW="One side did not come.",
)
served(Side, "Which side of sessions somebody is.", name="MentorshipSide")
served(MentorResponse, "How a mentor answers a request.")

__all__ = ["MentorField", "MentorResponse", "MentorshipStatus", "Side"]

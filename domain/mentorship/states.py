"""The drawn edges of a request for mentorship (programmes.md, 5), and what mentors know about."""

from enum import StrEnum

from domain.core.states import States


class MentorField(StrEnum):
    CAREER = "CAREER"
    ENTREPRENEURSHIP = "ENTREPRENEURSHIP"
    LEGAL = "LEGAL"
    PSYCHOLOGY = "PSYCHOLOGY"
    ACADEMIC = "ACADEMIC"
    SKILLS = "SKILLS"
    RURAL = "RURAL"
    LIFE = "LIFE"


class MentorshipStatus(StrEnum):
    REQUESTED = "REQUESTED"
    NEEDS_INFORMATION = "NEEDS_INFORMATION"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    COMPLETED = "COMPLETED"
    NO_SHOW = "NO_SHOW"


class Side(StrEnum):
    """Of a session."""

    MENTOR = "MENTOR"
    MENTEE = "MENTEE"


_M = MentorshipStatus

MENTORSHIP_STATES = States(
    {
        _M.REQUESTED: frozenset({_M.ACCEPTED, _M.DECLINED, _M.NEEDS_INFORMATION, _M.EXPIRED, _M.CANCELLED}),
        # A mentee who does not answer lets it lapse as a mentor does.
        _M.NEEDS_INFORMATION: frozenset({_M.REQUESTED, _M.EXPIRED, _M.CANCELLED}),
        _M.ACCEPTED: frozenset({_M.COMPLETED, _M.NO_SHOW, _M.CANCELLED}),
    }
)

OPEN = (_M.REQUESTED, _M.NEEDS_INFORMATION)
"""States in which a request waits for an answer: a youth may have so many of them."""

WITH_SLOT = (_M.ACCEPTED, _M.COMPLETED, _M.NO_SHOW)
"""States in which a slot is given to a request and to no other."""

ENDED = (_M.DECLINED, _M.EXPIRED, _M.CANCELLED, _M.COMPLETED, _M.NO_SHOW)

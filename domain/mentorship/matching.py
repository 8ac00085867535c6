"""
Which mentor suits whom: a whole number from named parts, each of which can be said in words.

The number depends on the mentor's row, the viewer and an instant, never on chance, so that lists sorted by it have cursors.
A mentor whom the viewer has met comes first. The load of the last thirty days weighs so much that it evens out what the other
parts tell apart: nobody is asked again and again while others wait.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from domain.core.divisions import chain_of
from domain.core.refusals import Language
from domain.mentorship.mentor import Mentor
from domain.mentorship.models import MentorRow, RequestRow, SlotRow
from domain.mentorship.slots import is_free
from domain.mentorship.states import MentorField, MentorshipStatus

SOON = timedelta(days=7)
LOAD_OF = timedelta(days=30)
MET, FIELD, DIVISION, LANGUAGE, FREE, ANSWERS = 1_000, 40, 20, 10, 15, 15
"""What each part counts at most."""
LOAD = 15
"""What one request of the last thirty days counts against."""
TAKES_NONE = 5_000
NOT_BUSY = 3
"""So many requests of late are said to be few."""
_PLACES = (DIVISION, DIVISION * 3 // 5, DIVISION // 4)
"""For the viewer's own county, city, province."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom mentors are sought: nobody in particular without an id."""

    youth_id: UUID | None = None
    division_code: str | None = None
    language: str | None = None
    fields: tuple[MentorField, ...] = ()


class Parts(NamedTuple):
    """Of one mentor for one viewer. `load` counts requests, `answers` is 0 to ANSWERS."""

    met: bool
    fields: int
    division: int
    language: bool
    free: bool
    answers: int
    load: int


def _met(viewer: Viewer) -> Any:
    if viewer.youth_id is None:
        return sa.false()
    together = (MentorshipStatus.COMPLETED, MentorshipStatus.ACCEPTED)
    return (
        sa.select(sa.literal(1))
        .select_from(RequestRow)
        .where(
            col(RequestRow.mentor_id) == col(MentorRow.id),
            col(RequestRow.youth_id) == viewer.youth_id,
            col(RequestRow.status).in_(together),
        )
        .correlate(MentorRow)
        .exists()
    )


def _fields(viewer: Viewer) -> Any:
    """How many of the wished fields the mentor knows about."""
    known: Any = col(MentorRow.fields)
    counted = [sa.case((known.contains([field]), 1), else_=0) for field in viewer.fields]
    return sum(counted[1:], counted[0]) if counted else sa.literal(0)


def _division(viewer: Viewer) -> Any:
    """Nearness: for the same county, city, province; a mentor of no division in particular is for the province."""
    chain = chain_of(viewer.division_code)
    if not chain:
        return sa.literal(0)
    worth = dict(zip(chain, _PLACES[-len(chain) :], strict=True))
    near = [(col(MentorRow.division_code) == code, points) for code, points in worth.items()]
    return sa.case(*near, (col(MentorRow.division_code).is_(None), _PLACES[-1]), else_=0)


def _free(now: datetime) -> Any:
    return (
        sa.select(sa.literal(1))
        .select_from(SlotRow)
        .where(
            col(SlotRow.mentor_id) == col(MentorRow.id), is_free(now), col(SlotRow.starts_at) <= now + SOON
        )
        .correlate(MentorRow)
        .exists()
    )


def _load(now: datetime) -> Any:
    return (
        sa.select(sa.func.count())
        .select_from(RequestRow)
        .where(col(RequestRow.mentor_id) == col(MentorRow.id), col(RequestRow.created_at) > now - LOAD_OF)
        .correlate(MentorRow)
        .scalar_subquery()
    )


def parts(viewer: Viewer, now: datetime) -> Parts:
    """The parts as expressions over the mentors' table, in the order of `Parts`."""
    answered, lapsed = col(MentorRow.answered), col(MentorRow.lapsed)
    language = (
        sa.false()
        if viewer.language is None
        else col(MentorRow.languages).contains(sa.literal([viewer.language], ARRAY(sa.Text)))
    )
    return Parts(
        met=_met(viewer),
        fields=_fields(viewer),
        division=_division(viewer),
        language=language,  # type: ignore[arg-type]  # expressions stand where their values will
        free=_free(now),
        # One answer more and two asked more than there were: nobody is judged by a single request.
        answers=ANSWERS * (answered + 1) / (answered + lapsed + 2),  # type: ignore[arg-type]  # as above
        load=_load(now),
    )


def score(found: Parts, wished: Sequence[MentorField]) -> sa.ColumnElement[int]:
    """The parts together; who takes no requests now comes last."""
    each = FIELD // max(len(wished), 1)

    def points(holds: Any, worth: int) -> Any:
        return sa.case((holds, worth), else_=0)

    takes = sa.and_(col(MentorRow.accepts_requests), col(MentorRow.mentees) < col(MentorRow.capacity))
    total: Any = (
        points(found.met, MET)
        + found.fields * each
        + found.division
        + points(found.language, LANGUAGE)
        + points(found.free, FREE)
        + found.answers
        - found.load * LOAD
        - points(~takes, TAKES_NONE)
    )
    return sa.cast(total, sa.Integer)


_FIELD_NAMES = {
    MentorField.CAREER: ("职业发展", "careers"),
    MentorField.ENTREPRENEURSHIP: ("创业", "start-ups"),
    MentorField.LEGAL: ("法律", "law"),
    MentorField.PSYCHOLOGY: ("心理", "psychology"),
    MentorField.ACADEMIC: ("学业", "studies"),
    MentorField.SKILLS: ("技能", "skills"),
    MentorField.RURAL: ("返乡创业就业", "life and work in the country"),
    MentorField.LIFE: ("生活", "everyday life"),
}
_LANGUAGE_NAMES = {"zh": ("讲中文", "Speaks Chinese"), "en": ("讲英语", "Speaks English")}
_ANSWERS_WELL = ANSWERS * 2 // 3


def _knows(mentor: Mentor, viewer: Viewer, *, english: bool) -> str:
    shared = [field for field in viewer.fields if field in mentor.fields]
    names = [_FIELD_NAMES[field][english] for field in shared]
    return f"Knows about {', '.join(names)}" if english else f"擅长{'、'.join(names)}"


def reasons(mentor: Mentor, found: Parts, viewer: Viewer, language: Language) -> list[str]:
    """Each part that speaks for the mentor, in the viewer's language, the weightiest first."""
    english = language is Language.EN
    near = {_PLACES[0]: ("同在您的区县", "In your county"), _PLACES[1]: ("同在您的城市", "In your city")}
    said: tuple[tuple[bool, Callable[[], str]], ...] = (
        (found.met, lambda: ("曾经辅导过您", "Has mentored you before")[english]),
        (found.fields > 0, lambda: _knows(mentor, viewer, english=english)),
        (found.division in near, lambda: near[found.division][english]),
        (found.language, lambda: _LANGUAGE_NAMES[viewer.language or "zh"][english]),
        (found.free, lambda: ("近 7 天有空", "Free within 7 days")[english]),
        (found.answers >= _ANSWERS_WELL, lambda: ("答复及时", "Answers in time")[english]),
        (found.load <= NOT_BUSY, lambda: ("近期申请不多", "Not much asked of late")[english]),
    )
    return [words() for holds, words in said if holds]


def spoken(language: Language) -> str:
    """The language of a reader as mentors name theirs."""
    return "en" if language is Language.EN else "zh"

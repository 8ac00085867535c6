"""What of a mentor is searched for, and how all mentors' words are made anew."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.core.search import document
from domain.core.search.rewriting import Rewriting
from domain.mentorship.models import SEARCH, MentorRow
from domain.mentorship.states import MentorField

FIELD_WORDS: Mapping[MentorField, str] = {
    MentorField.CAREER: "职业 就业 求职 career",
    MentorField.ENTREPRENEURSHIP: "创业 entrepreneurship",
    MentorField.LEGAL: "法律 legal",
    MentorField.PSYCHOLOGY: "心理 psychology",
    MentorField.ACADEMIC: "学业 升学 academic",
    MentorField.SKILLS: "技能 skills",
    MentorField.RURAL: "乡村 返乡 rural",
    MentorField.LIFE: "生活 life",
}
"""By which words a field is found."""


def mentor_document(
    name: str, headline: str, fields: Iterable[MentorField], biography: str
) -> dict[str, str]:
    return document(
        title=f"{name} {headline}", tags=[FIELD_WORDS[field] for field in fields], description=biography
    )


def _document(row: Any) -> dict[str, str]:
    return mentor_document(row.name, row.headline, row.fields, row.biography)


_SAID: list[Any] = [
    col(MentorRow.id),
    col(MentorRow.name),
    col(MentorRow.headline),
    col(MentorRow.fields),
    col(MentorRow.biography),
]

REWRITING = Rewriting(
    SEARCH,
    col(MentorRow.id),
    sa.select(*_SAID).where(col(MentorRow.retired_at).is_(None)),
    MentorRow,
    _document,
)

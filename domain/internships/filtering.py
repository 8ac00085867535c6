"""
A filter of listings: as a WHERE, and as formulas for the index of words, so that a search looks at no rows but those that fit.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from domain.accounts.models import EducationLevel, Track
from domain.core.divisions import within
from domain.core.search.declared import during
from domain.core.search.formula import Formula, Lexeme, some
from domain.core.search.ladder import KIND, division_lexeme
from domain.internships.fairs import shown_at
from domain.internships.models import (
    DAYS,
    EDUCATION,
    HOUSING,
    OWNER,
    STIPEND,
    STIPEND_LEAST_FEN,
    TRACK,
    WEEKS,
    WEEKS_STEP,
    WEEKS_STEPS,
    InternshipKind,
    ListingRow,
    StipendPeriod,
)
from domain.internships.rules import STIPEND_MOST_FEN
from domain.partners.models import OrganizationKind, OrganizationRow

_EDUCATION_RANK = {level: rank for rank, level in enumerate(EducationLevel)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingFilter:
    """Every part given must fit; what a listing does not state does not fit. Stipend in fen a month."""

    text: str | None = None
    division_codes: tuple[str, ...] | None = None
    kinds: tuple[InternshipKind, ...] | None = None
    tracks: tuple[Track, ...] | None = None
    organization_kinds: tuple[OrganizationKind, ...] | None = None
    organization_id: UUID | None = None
    education: EducationLevel | None = None
    major: str | None = None
    min_stipend_fen_per_month: int | None = None
    max_days_per_week: int | None = None
    max_duration_weeks: int | None = None
    housing_provided: bool | None = None
    job_fair_id: UUID | None = None
    published_since: datetime | None = None


def _of_kinds(kinds: tuple[OrganizationKind, ...]) -> ColumnElement[bool]:
    of_kind = sa.select(col(OrganizationRow.id)).where(col(OrganizationRow.kind).in_(kinds))
    return col(ListingRow.organization_id).in_(of_kind)


_CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "division_codes": lambda codes: within(col(ListingRow.division_code), codes),
    "kinds": lambda kinds: col(ListingRow.kind).in_(kinds),
    "tracks": lambda tracks: col(ListingRow.track).in_(tracks),
    "organization_kinds": _of_kinds,
    "organization_id": lambda key: col(ListingRow.organization_id) == key,
    "education": lambda level: col(ListingRow.education_rank) <= _EDUCATION_RANK[level],
    "major": lambda major: sa.or_(col(ListingRow.majors) == [], col(ListingRow.majors).contains([major])),
    "min_stipend_fen_per_month": lambda fen: col(ListingRow.stipend_month_fen) >= fen,
    "max_days_per_week": lambda days: col(ListingRow.days_per_week) <= days,
    "max_duration_weeks": lambda weeks: col(ListingRow.duration_weeks) <= weeks,
    "housing_provided": lambda provided: col(ListingRow.housing_provided).is_(provided),
    "job_fair_id": shown_at,
    "published_since": lambda instant: col(ListingRow.published_at) >= instant,
}


def conditions(asked: ListingFilter) -> list[ColumnElement[bool]]:
    """The filter but for its text."""
    return [
        condition(value)
        for name, condition in _CONDITIONS.items()
        if (value := getattr(asked, name)) is not None
    ]


Told = tuple[Formula | None, bool]
"""What a row that fits holds, if the index knows something of it; and whether whatever holds that fits."""


def _any_of(mark: str, values: Iterable[object]) -> Formula | None:
    named = [Lexeme(f"{mark}{value}") for value in values]
    return some(named) if named else None


def _places(codes: tuple[str, ...]) -> Told:
    places = [division_lexeme(code) for code in codes]
    named = [place for place in places if place is not None]
    known = bool(named) and len(named) == len(places)
    return (some(named), True) if known else (None, False)


def _step(fen: int) -> int:
    return (fen // STIPEND_LEAST_FEN).bit_length()


def _pays(fen: int) -> Told:
    last = _step(STIPEND_MOST_FEN[StipendPeriod.MONTH])
    first = min(_step(max(fen, 0)), last)
    return _any_of(STIPEND, range(first, last + 1)), fen <= 0


def _lasts(weeks: int) -> Told:
    return _any_of(WEEKS, range(min(weeks // WEEKS_STEP, WEEKS_STEPS) + 1)), False


def _exactly(mark: str, values: Iterable[object]) -> Told:
    formula = _any_of(mark, values)
    return formula, formula is not None


_TOLD: dict[str, Callable[[Any], Told]] = {
    "division_codes": _places,
    "kinds": lambda kinds: _exactly(KIND, (kind.value for kind in kinds)),
    "tracks": lambda tracks: _exactly(TRACK, (track.value for track in tracks)),
    "organization_id": lambda key: _exactly(OWNER, (key,)),
    "education": lambda level: _exactly(EDUCATION, range(_EDUCATION_RANK[level] + 1)),
    "min_stipend_fen_per_month": _pays,
    "max_days_per_week": lambda days: _exactly(DAYS, range(1, min(days, 7) + 1)),
    "max_duration_weeks": _lasts,
    "housing_provided": lambda provided: _exactly(HOUSING, (str(provided).lower(),)),
}


def narrowed(asked: ListingFilter, now: datetime) -> tuple[tuple[Formula, ...], ListingFilter]:
    """What the index knows of the filter, beside its words; and the rest of the filter, which each row is still held against."""
    formulas: list[Formula] = []
    for name, tell in _TOLD.items():
        value = getattr(asked, name)
        formula, whole = (None, False) if value is None else tell(value)
        if formula is not None:
            formulas.append(formula)
        if whole:
            asked = replace(asked, **{name: None})
    if (since := asked.published_since) is not None and since < now:
        formulas.append(some(during(since, now).lexemes))
    return tuple(formulas), asked

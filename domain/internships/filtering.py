"""
A filter of listings: as a WHERE, and as formulas for the index of words, so that a search looks at no rows but those that fit.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from domain.accounts.models import EducationLevel, Track
from domain.core.divisions import within
from domain.core.search.declared import TIMES_AS_LONG, during
from domain.core.search.formula import Formula, Lexeme, some
from domain.core.search.ladder import KIND, division_lexeme
from domain.core.search.query import NOTHING
from domain.internships.fairs import shown_at
from domain.internships.models import (
    DAYS,
    EDUCATION,
    FAIR,
    HOUSING,
    MAJOR,
    OWNER,
    OWNER_KIND,
    PAY,
    TRACK,
    WEEKS,
    InternshipKind,
    ListingRow,
    StipendPeriod,
)
from domain.internships.rules import LIST_ITEM_MOST, STIPEND_MOST_FEN, WEEKS_MOST
from domain.partners.models import OrganizationKind, OrganizationRow

_PAID_MOST = STIPEND_MOST_FEN[StipendPeriod.MONTH] | 0xFFFFFF
"""With the rest of the last range that the index tells."""

COMMON, COMMON_OF_FEW = 0.4, 0.1
"""Of all rows: to go through a longer list of the index takes longer than to look at the rows that do not fit."""

SINCE_MOST = timedelta(days=2_000)
"""Longer ago is not told to the index: hardly a listing is older, and it would take many lexemes."""

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


EVERYTHING = ListingFilter()


def _of_kinds(kinds: tuple[OrganizationKind, ...]) -> ColumnElement[bool]:
    known = col(ListingRow.organization_kind)
    of_kind = sa.select(col(OrganizationRow.id)).where(col(OrganizationRow.kind).in_(kinds))
    return sa.or_(known.in_(kinds), sa.and_(known.is_(None), col(ListingRow.organization_id).in_(of_kind)))


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


def _pays(fen: int) -> Told:
    if fen <= 0:
        return None, True
    return (PAY.covering(fen, _PAID_MOST) if fen <= _PAID_MOST else NOTHING), True


def _lasts(weeks: int) -> Told:
    return (WEEKS.covering(0, min(weeks, WEEKS_MOST)) if weeks >= 0 else NOTHING), True


def _owned(kinds: tuple[OrganizationKind, ...]) -> Told:
    """Not whole: of some rows the kind is not known."""
    return (some([Lexeme(OWNER_KIND), *(Lexeme(OWNER_KIND + kind.value) for kind in kinds)]), False)


def _asks_for(major: str) -> Told:
    # Of what is longer there is none, and no lexeme.
    asked = [Lexeme(MAJOR + major)] if len(major) <= LIST_ITEM_MOST else []
    return some([Lexeme(MAJOR), *asked]), True


def _exactly(mark: str, values: Iterable[object]) -> Told:
    formula = _any_of(mark, values)
    return formula, formula is not None


_TOLD: dict[str, Callable[[Any], Told]] = {
    "division_codes": _places,
    "kinds": lambda kinds: _exactly(KIND, (kind.value for kind in kinds)),
    "tracks": lambda tracks: _exactly(TRACK, (track.value for track in tracks)),
    "organization_kinds": _owned,
    "organization_id": lambda key: _exactly(OWNER, (key,)),
    "education": lambda level: _exactly(EDUCATION, range(_EDUCATION_RANK[level] + 1)),
    "major": _asks_for,
    "min_stipend_fen_per_month": _pays,
    "max_days_per_week": lambda days: _exactly(DAYS, range(1, min(days, 7) + 1)),
    "max_duration_weeks": _lasts,
    "housing_provided": lambda provided: _exactly(HOUSING, (str(provided).lower(),)),
    "job_fair_id": lambda key: _exactly(FAIR, (key,)),
}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """
    What the index knows of a filter beside its words, and the rest of the filter, which each row is still held against. `passing` is which
    part of the rows that the index finds it surely lets pass; 0 where that is not known.
    """

    formulas: tuple[Formula, ...]
    rest: ListingFilter
    passing: float


def narrowed(
    asked: ListingFilter, now: datetime, shares: Mapping[str, float], *, few: bool = False
) -> Narrowed:
    """
    Of a filter without text. What most of all rows hold is not asked of the index, nor what many hold where there are but `few` rows to hold
    against the filter.
    """
    if asked == EVERYTHING:
        return Narrowed((), asked, 1.0)
    formulas: list[Formula] = []
    passing, rest, unsure = 1.0, asked, asked
    for name, tell in _TOLD.items():
        value = getattr(asked, name)
        formula, whole = (None, False) if value is None else tell(value)
        share = formula.share(shares) if formula is not None else 1.0
        common = share > (COMMON_OF_FEW if few else COMMON)
        if formula is not None and not common:
            formulas.append(formula)
        if whole and (formula is None or not common):
            rest = replace(rest, **{name: None})
        if whole or (name == "organization_kinds" and OWNER_KIND not in shares):
            unsure = replace(unsure, **{name: None})
            passing *= share if common else 1.0
    if (since := asked.published_since) is not None and now - since < SINCE_MOST:
        formulas.append(some(during(since, max(since, now)).lexemes))
        unsure = replace(unsure, published_since=None)
        passing /= TIMES_AS_LONG
    return Narrowed(tuple(formulas), rest, passing if unsure == EVERYTHING else 0.0)

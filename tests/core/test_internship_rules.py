"""The pure rules of internships: states, overlap of dates, money, the publish gate, ages and names."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.models import EducationLevel, Track
from domain.accounts.youths import age_on, mask_name
from domain.core.refusals import ErrorCode
from domain.internships import policies
from domain.internships.answering import ADVANCES
from domain.internships.models import InternshipKind, StipendPeriod
from domain.internships.rules import (
    ListingContent,
    Stipend,
    content_faults,
    industry_fault,
    overlap,
    share_fault,
    wage_fault,
)
from domain.internships.states import (
    APPLICATION_STATES,
    LISTING_STATES,
    OPEN,
    PLACED,
    ApplicationStatus,
    ListingStatus,
)

TODAY = date(2026, 5, 4)
GOOD = ListingContent(
    external_ref="r",
    title="前端",
    kind=InternshipKind.INTERNSHIP,
    track=Track.GENERAL,
    description="参与",
    requirements=None,
    division_code="440106",
    address=None,
    headcount=1,
    stipend=None,
    education=EducationLevel.SECONDARY,
    majors=(),
    skills=(),
    days_per_week=None,
    duration_weeks=None,
    housing_provided=False,
    starts_on=None,
    apply_by=None,
)
APPRENTICE = replace(
    GOOD,
    kind=InternshipKind.APPRENTICESHIP,
    duration_weeks=13,
    stipend=Stipend(137_600, 200_000, StipendPeriod.MONTH),
)

# ── states ───────────────────────────────────────────────────────────────────

A = ApplicationStatus


def test_an_application_moves_along_its_edges_alone() -> None:
    drawn = {
        (A.SUBMITTED, A.SHORTLISTED),
        (A.SHORTLISTED, A.INTERVIEW),
        (A.INTERVIEW, A.OFFERED),
        (A.OFFERED, A.ACCEPTED),
        (A.OFFERED, A.DECLINED),
        (A.ACCEPTED, A.ONBOARDED),
        (A.ONBOARDED, A.COMPLETED),
        *((before, A.REJECTED) for before in OPEN),
        *((before, A.WITHDRAWN) for before in (*OPEN, A.ACCEPTED)),
    }
    assert {(a, b) for a in A for b in A if APPLICATION_STATES.may(a, b)} == drawn
    assert APPLICATION_STATES.sources(A.WITHDRAWN) == {*OPEN, A.ACCEPTED}


def test_ends_are_ends() -> None:
    for end in (A.REJECTED, A.DECLINED, A.WITHDRAWN, A.COMPLETED):
        assert not any(APPLICATION_STATES.may(end, after) for after in A)
    assert not set(OPEN) & set(PLACED)
    assert not {A.ACCEPTED, A.DECLINED, A.WITHDRAWN} & set(ADVANCES)


def test_a_listing_moves_along_its_edges_alone() -> None:
    L = ListingStatus  # noqa: N806  # a table reads better so
    assert {(a, b) for a in L for b in L if LISTING_STATES.may(a, b)} == {
        (L.DRAFT, L.IN_REVIEW),
        (L.DRAFT, L.PUBLISHED),
        (L.IN_REVIEW, L.PUBLISHED),
        (L.IN_REVIEW, L.REJECTED),
        (L.IN_REVIEW, L.CLOSED),
        (L.PUBLISHED, L.CLOSED),
        (L.PUBLISHED, L.IN_REVIEW),
        (L.REJECTED, L.IN_REVIEW),
        (L.CLOSED, L.PUBLISHED),
        (L.CLOSED, L.IN_REVIEW),
    }


# ── dates ────────────────────────────────────────────────────────────────────

starts = st.none() | st.dates(date(2020, 1, 1), date(2040, 1, 1))
spans = st.tuples(starts, st.none() | st.integers(1, 260))


@given(spans, spans)
def test_overlap_is_mutual_and_what_is_unknown_overlaps(
    first: tuple[date | None, int | None], second: tuple[date | None, int | None]
) -> None:
    assert overlap(first, second) == overlap(second, first)
    assert overlap(first, first)
    assert overlap(first, (None, 4))


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 260), st.integers(0, 4_000))
def test_overlap_is_a_shared_day(start: date, weeks: int, after: int) -> None:
    other = start + timedelta(days=after)
    assert overlap((start, weeks), (other, 1)) == (after < weeks * 7)
    assert overlap((start, None), (other, 1))


def test_a_length_without_a_start_overlaps() -> None:
    assert overlap((None, 4), (date(2026, 5, 4), 1))
    assert overlap((date(2200, 12, 31), None), (date(2020, 1, 1), None))


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2008-05-04", "2026-05-04", 18),
        ("2008-05-05", "2026-05-04", 17),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-29", 20),
    ],
)
def test_age(born: str, day: str, age: int) -> None:
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


@given(st.dates(date(1980, 1, 1), date(2010, 1, 1)), st.integers(0, 15_000))
def test_age_rises_by_one_a_year(born: date, days: int) -> None:
    day = born + timedelta(days=days)
    assert 0 <= age_on(born, day + timedelta(days=1)) - age_on(born, day) <= 1


@given(st.text(min_size=1, max_size=12))
def test_a_masked_name_shows_its_first_character(name: str) -> None:
    assert mask_name(name) == name[0] + "*" * (len(name) - 1)


# ── money ────────────────────────────────────────────────────────────────────


@given(st.integers(0, 100_000_000))
def test_a_months_pay_is_21_and_three_quarter_days(fen: int) -> None:
    month = Stipend(fen, fen, StipendPeriod.DAY).month_fen
    assert 0 <= month - Decimal(fen) * Decimal("21.75") < 1
    assert Stipend(fen, fen, StipendPeriod.MONTH).month_fen == fen


@pytest.mark.parametrize(
    ("stipend", "paid"),
    [
        (Stipend(137_600, 137_600, StipendPeriod.MONTH), True),
        (Stipend(137_599, 900_000, StipendPeriod.MONTH), False),
        (Stipend(6_327, 6_327, StipendPeriod.DAY), True),
        (Stipend(6_326, 6_326, StipendPeriod.DAY), False),
        (None, False),
    ],
)
def test_an_apprentice_is_paid_four_fifths_of_the_minimum_wage(stipend: Stipend | None, paid: bool) -> None:
    assert (wage_fault(InternshipKind.APPRENTICESHIP, stipend, 172_000, 0.8) is None) == paid
    assert wage_fault(InternshipKind.INTERNSHIP, stipend, 172_000, 0.8) is None


@given(st.integers(1, 100_000), st.integers(0, 1_000), st.integers(1, 500))
def test_published_headcount_is_at_most_three_tenths(employees: int, published: int, headcount: int) -> None:
    fault = share_fault(headcount, published, employees, 0.30)
    assert (fault is None) == (10 * (published + headcount) <= 3 * employees)


@pytest.mark.parametrize(
    ("code", "banned"),
    [
        ("9011", True),
        ("90110", True),
        ("901", False),
        ("9012", False),
        (None, False),
        ("6233", True),
        ("623", False),
    ],
)
def test_banned_industries(code: str | None, banned: bool) -> None:
    assert (industry_fault(code, policies.BANNED_INDUSTRIES.default) is not None) == banned


# ── what a listing must be like ──────────────────────────────────────────────


def test_a_good_listing_has_no_fault() -> None:
    assert list(content_faults(GOOD, TODAY)) == []
    assert list(content_faults(APPRENTICE, TODAY)) == []
    assert list(content_faults(replace(GOOD, apply_by=TODAY, title="岗" * 80, headcount=500), TODAY)) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"external_ref": ""}, ("external_ref",)),
        ({"external_ref": "r" * 101}, ("external_ref",)),
        ({"title": ""}, ("title",)),
        ({"title": "岗" * 81}, ("title",)),
        ({"description": ""}, ("description",)),
        ({"description": "述" * 4_001}, ("description",)),
        ({"requirements": "求" * 4_001}, ("requirements",)),
        ({"address": "址" * 201}, ("address",)),
        ({"headcount": 0}, ("headcount",)),
        ({"headcount": 501}, ("headcount",)),
        ({"headcount": -1}, ("headcount",)),
        ({"days_per_week": 0}, ("days_per_week",)),
        ({"days_per_week": 8}, ("days_per_week",)),
        ({"duration_weeks": 0}, ("duration_weeks",)),
        ({"duration_weeks": 261}, ("duration_weeks",)),
        ({"skills": tuple(map(str, range(21)))}, ("skills",)),
        ({"skills": ("s" * 41,)}, ("skills",)),
        ({"majors": ("m" * 41,)}, ("majors",)),
        ({"stipend": Stipend(-1, 1, StipendPeriod.DAY)}, ("stipend", "min_fen")),
        ({"stipend": Stipend(2, 1, StipendPeriod.DAY)}, ("stipend", "max_fen")),
        ({"stipend": Stipend(0, 2**31 - 1, StipendPeriod.MONTH)}, ("stipend", "max_fen")),
        ({"apply_by": TODAY - timedelta(days=1)}, ("apply_by",)),
        ({"kind": InternshipKind.APPRENTICESHIP, "duration_weeks": 12}, ("duration_weeks",)),
        ({"kind": InternshipKind.APPRENTICESHIP, "duration_weeks": 53}, ("duration_weeks",)),
        ({"kind": InternshipKind.APPRENTICESHIP}, ("duration_weeks",)),
    ],
)
def test_each_fault_names_its_field(changes: dict[str, object], field: tuple[str, ...]) -> None:
    (fault,) = content_faults(replace(GOOD, **changes), TODAY)  # type: ignore[arg-type]  # changes by name
    assert fault.field == field
    assert fault.code is ErrorCode.INVALID_INPUT


def test_every_fault_is_named() -> None:
    worst = replace(GOOD, title="", description="", headcount=0, days_per_week=9)
    assert len(list(content_faults(worst, TODAY))) == 4


def test_policies_have_names_of_their_programme() -> None:
    found = [policy for policy in vars(policies).values() if isinstance(policy, policies.Policy)]
    assert len({policy.name for policy in found}) == len(found) >= 9
    assert all(policy.name.startswith("internships.") and policy.about.endswith(".") for policy in found)

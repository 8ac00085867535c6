"""Numbers by lexemes: what covers some holds just these, and ranges of all of them follow one another."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.search.formula import Lexeme, Some
from domain.core.search.scale import Scale

SCALE = Scale("@x", "number", bits=12)
NUMBERS = st.integers(0, 4095)
SHARES = {"@x2-0": 0.9, "@x2-15": 0.1, "@x1-3": 0.5, "@x1-4": 0.1, "@x0-50": 0.4, "@x0-52": 0.002}


def lexemes(number: int) -> frozenset[str]:
    """Of a row, as the index has them."""
    return frozenset(f"@x{level}-{number >> 4 * level}" for level in range(3))


def test_a_row_has_its_number_and_the_ranges_it_lies_in() -> None:
    assert SCALE.expressions == (
        "'@x0-' || ((number >> 0)::text)",
        "'@x1-' || ((number >> 4)::text)",
        "'@x2-' || ((number >> 8)::text)",
    )


@given(NUMBERS, NUMBERS, NUMBERS)
def test_what_covers_some_numbers_holds_just_these(one: int, other: int, number: int) -> None:
    first, last = sorted((one, other))

    formula = SCALE.covering(first, last)

    assert isinstance(formula, (Lexeme, Some))
    assert (not formula.lexemes().isdisjoint(lexemes(number))) is (first <= number <= last)
    assert len(formula.lexemes()) <= 2 * 15 * 2 + 16


@pytest.mark.parametrize("shares", [{}, SHARES])
@pytest.mark.parametrize("rising", [False, True])
@given(start=st.none() | NUMBERS, most=st.floats(0.001, 0.9))
def test_ranges_follow_one_another_to_the_end(
    shares: dict[str, float], rising: bool, start: int | None, most: float
) -> None:
    ranges = list(SCALE.ranges(shares, most, start, rising=rising))

    if not rising:
        ranges.reverse()
    assert all(one.last + 1 == other.first for one, other in itertools.pairwise(ranges))
    low, high = ranges[0], ranges[-1]
    assert low.first <= (start or 0) <= low.last if rising else low.first == 0
    assert high.last == 4095 if rising else high.first <= (4095 if start is None else start) <= high.last
    for each in ranges:
        assert each.lexeme.name in lexemes(each.first) & lexemes(each.last)


def test_what_many_rows_have_is_a_range_by_itself() -> None:
    ranges = {each.first: each for each in SCALE.ranges(SHARES, 0.01, None, rising=False)}

    assert (ranges[50].last, ranges[50].share) == (50, 0.4)
    assert ranges[52].share == 0.002
    # What is not known of, of a half of which 0.402 is.
    assert ranges[51].share == pytest.approx((0.5 - 0.402) / 14)
    # Known to be many in all, but of no number in it: no further.
    assert ranges[256].last == 511

"""Salaries in yuan by the hour, day, month or year, as the contract's stipend in fen by the day or month."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from infra.listings.figures import number
from infra.listings.inputs import Per, StipendInput

_HOURS_A_DAY = 8
_MONTHS_A_YEAR = 12

# The contract knows DAY and MONTH. An hourly wage becomes that of a day of eight hours, a yearly one a
# twelfth of it; a month is not turned into days, nor a day into months, since nobody said how many days.
_UNITS: Final[dict[str, tuple[Per, Fraction]]] = {
    "hour": ("DAY", Fraction(_HOURS_A_DAY)),
    "day": ("DAY", Fraction(1)),
    "month": ("MONTH", Fraction(1)),
    "year": ("MONTH", Fraction(1, _MONTHS_A_YEAR)),
}
_FEN_A_YUAN = 100


def stipend(row: Mapping[str, object]) -> StipendInput | None:
    """The stipend a row states; None without a number or without a unit that is known.

    A range the wrong way round is turned. "3千及以下" states no lower end: it is 0. "10万以上" states no upper
    end: the contract needs one, and the least that is promised is all that is promised.
    """
    unit = row.get("salary_unit")
    low, high = number(row.get("salary_min")), number(row.get("salary_max"))
    if not isinstance(unit, str) or unit not in _UNITS or (low is None and high is None):
        return None
    per, share = _UNITS[unit]
    ends = [
        round(end * share * _FEN_A_YUAN)
        for end in (low if low is not None else Fraction(0), high if high is not None else low)
        if end is not None
    ]
    return {"minFen": min(ends), "maxFen": max(ends), "per": per}

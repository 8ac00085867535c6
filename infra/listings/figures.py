"""Numbers as rows state them: as JSON numbers, or inside a text such as `招3人`."""

import math
import re
from fractions import Fraction
from typing import Final

_PLAIN = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,6})?")
_FIRST_WHOLE = re.compile(r"\d{1,18}")
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
_IN_WORDS = re.compile(r"([一二两三四五六七八九十])[个名人位]?人?")
_WORDS: Final = dict(zip("一二两三四五六七八九十", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True))

# 若干, 数名, 不限, or nothing at all: a listing is for one person at least, and no more was promised.
UNSTATED_HEADCOUNT: Final = 1


def number(value: object) -> Fraction | None:
    """An exact number, or None where the value is none (true and false are none either)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Fraction(value)
    if isinstance(value, float):
        return Fraction(value) if math.isfinite(value) else None
    if isinstance(value, str) and _PLAIN.fullmatch(plain := _THOUSANDS.sub("", value.strip())):
        return Fraction(plain)
    return None


def whole(value: object) -> int | None:
    """A whole number: the value itself, or the first one in a text (`5天/周`)."""
    exact = number(value)
    if exact is not None:
        return int(exact) if exact.denominator == 1 else None
    found = _FIRST_WHOLE.search(_THOUSANDS.sub("", value)) if isinstance(value, str) else None
    return int(found[0]) if found else None


def headcount(value: object) -> int:
    """`3`, `招3人` and `三人` are 3, of `3-5人` the lower number, 若干 and no word 1. `0` stays 0: the server judges it."""
    stated = whole(value)
    if stated is not None:
        return stated
    words = _IN_WORDS.fullmatch(value.strip()) if isinstance(value, str) else None
    return _WORDS[words[1]] if words else UNSTATED_HEADCOUNT


def weeks(months: object) -> int | None:
    """A length in months as whole weeks: 3 months are 13, 6 are 26, 12 are 52."""
    exact = number(months)
    return None if exact is None else round(exact * 52 / 12)

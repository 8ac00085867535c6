"""
Public holidays of the mainland: as the State Council announced them, year by year, and beyond what was announced those
that the calendar tells by itself.

What is announced for a year comes with the library at the end of the year before. Until then a day of a later year is
taken for a holiday when it is one in every year: New Year, Labour Day, National Day, and Qingming by the sun. Times of weekly
rules are looked at again each day, so that what is announced later is taken into account.
"""

from datetime import date

import chinese_calendar

_EVERY_YEAR = frozenset({(1, 1), (4, 5), (5, 1), (10, 1), (10, 2), (10, 3)})
# By National Day and not by any day: a year's first days off may have been announced with those of the year before. The library
# raises NotImplementedError for a year that it has no day of.
_ANNOUNCED = frozenset(day.year for day in chinese_calendar.holidays if (day.month, day.day) == (10, 1))


def is_public_holiday(day: date) -> bool:
    """A day off by a holiday's name, not a mere weekend."""
    if day.year not in _ANNOUNCED:
        return (day.month, day.day) in _EVERY_YEAR
    off, name = chinese_calendar.get_holiday_detail(day)
    return bool(off) and name is not None

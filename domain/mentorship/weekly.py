"""Times of every week, in the mentor's own time zone, turned into instants: what clocks show there, also in summer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.core.refusals import Invalid, Refusal, refuse_all
from domain.mentorship.holidays import is_public_holiday
from domain.mentorship.opening import Times

WEEKS_MOST = 26
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Weekly:
    """On these weekdays (1 to 7) from one time to another (HH:MM), from the first day to the last, both included."""

    weekdays: frozenset[int]
    starts: str
    ends: str
    first_on: date
    last_on: date
    time_zone: str
    except_on: frozenset[date] = frozenset()
    on_public_holidays: bool = False


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if _ZONE.fullmatch(name) else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _faults(weekly: Weekly) -> Iterable[Refusal]:
    if not weekly.weekdays or not weekly.weekdays <= frozenset(range(1, 8)):
        yield Invalid("weekdays", zh="须为 1（周一）至 7（周日）。", en="Days from 1 (Monday) to 7 (Sunday).")
    for field in ("starts", "ends"):
        if not _CLOCK.fullmatch(getattr(weekly, field)):
            yield Invalid(field, zh="须为 HH:MM。", en="A time is HH:MM.")
    if not timedelta(0) <= weekly.last_on - weekly.first_on <= timedelta(weeks=WEEKS_MOST):
        yield Invalid(
            "last_on",
            zh=f"不早于 firstOn，且不超过 {WEEKS_MOST} 周。",
            en=f"Not before `firstOn`, and {WEEKS_MOST} weeks after it at most.",
        )
    if _zone(weekly.time_zone) is None:
        yield Invalid("time_zone", zh="未知的时区。", en="There is no such time zone.")


def times_of(weekly: Weekly) -> list[Times]:
    """The instants of a rule; Refused (below `weekly`) for one that makes no sense."""
    refuse_all(fault.at("weekly") for fault in _faults(weekly))
    zone = _zone(weekly.time_zone)
    starts, ends = time.fromisoformat(weekly.starts), time.fromisoformat(weekly.ends)
    over_night = timedelta(days=ends <= starts)
    days = (
        weekly.first_on + timedelta(days=number)
        for number in range((weekly.last_on - weekly.first_on).days + 1)
    )
    return [
        Times(
            datetime.combine(day, starts, zone).astimezone(UTC),
            datetime.combine(day + over_night, ends, zone).astimezone(UTC),
            may_miss=True,
        )
        for day in days
        if day.isoweekday() in weekly.weekdays
        and day not in weekly.except_on
        and (weekly.on_public_holidays or not is_public_holiday(day))
    ]

"""
Times of every week by a mentor's own clocks, turned into instants.

A time begins at what the clocks of the zone show on its day, also in summer, and lasts as long as on any other day. Where clocks are
put forward over its beginning, so that none shows it, it begins by as much later; where they are put back and show it twice,
the first counts (RFC 5545, 3.3.5).
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.core.refusals import Invalid, Refusal
from domain.mentorship.holidays import is_public_holiday
from domain.mentorship.slots import AHEAD, LONGEST, SHORTEST

EXCEPTIONS_MOST = 366
_DAY = timedelta(days=1)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Weekly:
    """
    On these weekdays (1 to 7) from one time to another (HH:MM), from the first day to the last, both included; without a last
    day for ever. A time that ends before it begins ends on the next day.
    """

    weekdays: Collection[int]
    starts: str
    ends: str
    time_zone: str
    first_on: date
    last_on: date | None = None
    except_on: Collection[date] = ()
    on_public_holidays: bool = False


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if _ZONE.fullmatch(name) else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _lasts(weekly: Weekly) -> timedelta:
    starts, ends = (time.fromisoformat(clock) for clock in (weekly.starts, weekly.ends))
    minutes = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
    return timedelta(minutes=minutes) + (_DAY if minutes <= 0 else timedelta(0))


def faults_of(weekly: Weekly, today: date) -> Iterable[Refusal]:
    """What makes no sense in a rule."""
    if not weekly.weekdays or not set(weekly.weekdays) <= set(range(1, 8)):
        yield Invalid("weekdays", zh="须为 1（周一）至 7（周日）。", en="Days from 1 (Monday) to 7 (Sunday).")
    unclear = [field for field in ("starts", "ends") if not _CLOCK.fullmatch(getattr(weekly, field))]
    for field in unclear:
        yield Invalid(field, zh="须为 HH:MM。", en="A time is HH:MM.")
    if not unclear and not SHORTEST <= _lasts(weekly) <= LONGEST:
        yield Invalid("ends", zh="时段须为 10 分钟至 8 小时。", en="A time lasts 10 minutes to 8 hours.")
    if weekly.first_on > today + AHEAD:
        yield Invalid("first_on", zh="须在一年之内。", en="It must lie within a year from now.")
    if weekly.last_on is not None and weekly.last_on < max(weekly.first_on, today):
        yield Invalid(
            "last_on", zh="不早于 firstOn 和今天。", en="Neither before `firstOn` nor before today."
        )
    if len(weekly.except_on) > EXCEPTIONS_MOST:
        most = EXCEPTIONS_MOST
        yield Invalid("except_on", zh=f"最多 {most} 天。", en=f"{most} days at most.")
    if _zone(weekly.time_zone) is None:
        yield Invalid("time_zone", zh="未知的时区。", en="There is no such time zone.")


def occurrences(weekly: Weekly, after: datetime, until: datetime) -> dict[date, tuple[datetime, datetime]]:
    """The times of a rule that begin after one instant and by another, in UTC, by their days in its time zone."""
    zone = ZoneInfo(weekly.time_zone)
    starts, lasts = time.fromisoformat(weekly.starts), _lasts(weekly)
    first = max(weekly.first_on, after.astimezone(zone).date())
    last = until.astimezone(zone).date()
    if weekly.last_on is not None:
        last = min(last, weekly.last_on)
    found = {}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.isoweekday() not in weekly.weekdays or day in weekly.except_on:
            continue
        if is_public_holiday(day) and not weekly.on_public_holidays:
            continue
        # Without a fold: by the offset before the change, as the RFC wants it.
        begins = datetime.combine(day, starts, zone).astimezone(UTC)
        if after < begins <= until:
            found[day] = (begins, begins + lasts)
    return found

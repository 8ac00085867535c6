"""Which instants a weekly rule means: by the clocks of its zone, without holidays, named days and days that are over."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mentorship.holidays import is_public_holiday
from domain.mentorship.weekly import EXCEPTIONS_MOST, Weekly, faults_of, occurrences

TODAY = date(2026, 9, 28)
RULE = Weekly({4}, "19:00", "20:00", "Asia/Shanghai", date(2026, 9, 28), date(2026, 10, 18))


def at(day: date, clock: str = "00:00") -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), UTC)


def begins(rule: Weekly, after: datetime | None = None, weeks: int = 13) -> list[str]:
    start = after or at(rule.first_on) - timedelta(days=1)
    found = occurrences(rule, start, start + timedelta(weeks=weeks))
    return [f"{starts:%m-%d %H:%M}" for starts, _ in found.values()]


def test_public_holidays_and_named_days_are_left_out() -> None:
    assert begins(RULE) == ["10-08 11:00", "10-15 11:00"]  # National Day is a Thursday
    assert begins(replace(RULE, on_public_holidays=True)) == ["10-01 11:00", "10-08 11:00", "10-15 11:00"]
    assert begins(replace(RULE, except_on=[date(2026, 10, 8)])) == ["10-15 11:00"]


def test_what_has_begun_and_what_is_far_ahead_is_left_out() -> None:
    endless = replace(RULE, last_on=None)
    assert begins(endless, at(date(2026, 10, 15), "10:59"), weeks=1) == ["10-15 11:00"]
    assert begins(endless, at(date(2026, 10, 15), "11:00"), weeks=1) == ["10-22 11:00"]
    assert begins(replace(RULE, first_on=date(1, 1, 1), last_on=date.max), at(date(2030, 1, 1)), weeks=1)


@pytest.mark.parametrize(
    ("zone", "first", "last", "expected"),
    [
        ("Europe/London", date(2026, 10, 18), date(2026, 10, 25), ["10-18 18:00", "10-25 19:00"]),
        ("America/New_York", date(2027, 3, 7), date(2027, 3, 14), ["03-08 00:00", "03-14 23:00"]),
        ("Asia/Shanghai", date(2026, 10, 18), date(2026, 10, 25), ["10-18 11:00", "10-25 11:00"]),
    ],
)
def test_clocks_show_the_same_also_when_summer_begins_or_ends(
    zone: str, first: date, last: date, expected: list[str]
) -> None:
    rule = replace(RULE, weekdays={7}, time_zone=zone, first_on=first, last_on=last, on_public_holidays=True)
    assert begins(rule) == expected


@pytest.mark.parametrize(
    ("zone", "day", "starts", "begin"),
    [
        # No clock shows it: as much later as clocks are put forward.
        ("Europe/London", date(2027, 3, 28), "01:30", "03-28 01:30"),  # 02:30 of summer
        ("America/New_York", date(2027, 3, 14), "02:15", "03-14 07:15"),  # 03:15 of summer
        ("Asia/Beirut", date(2027, 3, 28), "00:00", "03-27 22:00"),  # 01:00 of summer
        # Clocks show it twice: the first.
        ("Europe/London", date(2026, 10, 25), "01:30", "10-25 00:30"),
        ("America/New_York", date(2026, 11, 1), "01:30", "11-01 05:30"),
        ("Australia/Lord_Howe", date(2027, 4, 4), "01:45", "04-03 14:45"),
    ],
)
def test_times_that_clocks_do_not_show_or_show_twice(zone: str, day: date, starts: str, begin: str) -> None:
    hour, minute = map(int, starts.split(":"))
    ends = f"{hour + 1:02}:{minute:02}"
    rule = Weekly({7}, starts, ends, zone, day, day, on_public_holidays=True)
    assert begins(rule) == [begin]
    [(start, end)] = occurrences(rule, at(day) - timedelta(days=2), at(day) + timedelta(days=2)).values()
    assert end - start == timedelta(hours=1)


ZONES = [
    "Asia/Shanghai",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Beirut",
    "Africa/Casablanca",
    "Pacific/Auckland",
]


@given(
    zone=st.sampled_from(ZONES),
    starts=st.times(),
    minutes=st.integers(10, 480),
    first=st.dates(date(2025, 1, 1), date(2030, 1, 1)),
)
def test_each_begins_by_the_clock_and_lasts_as_long(
    zone: str, starts: time, minutes: int, first: date
) -> None:
    starts = starts.replace(second=0, microsecond=0)
    ends = (datetime.combine(first, starts) + timedelta(minutes=minutes)).time()
    rule = Weekly(range(1, 8), f"{starts:%H:%M}", f"{ends:%H:%M}", zone, first, on_public_holidays=True)
    assert list(faults_of(rule, first)) == []
    found = occurrences(rule, at(first) - timedelta(days=2), at(first) + timedelta(days=30))

    assert len(found) >= 29
    for day, (begin, end) in found.items():
        wanted, local = datetime.combine(day, starts), begin.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert end - begin == timedelta(minutes=minutes)
        assert timedelta(0) <= local - wanted <= timedelta(hours=1)
        shown = wanted.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
        assert local == wanted or shown.replace(tzinfo=None) != wanted, "moved, though clocks show it"
    times = list(found.values())
    assert all(end <= begin for (_, end), (begin, _) in pairwise(times))


def test_beyond_the_announced_years_the_fixed_days_count() -> None:
    assert is_public_holiday(date(2026, 2, 17))  # Spring Festival, announced
    assert not is_public_holiday(date(2026, 5, 9))  # a Saturday, worked
    assert not is_public_holiday(date(2026, 11, 28))  # a mere weekend
    for year in (1999, 2031, 9999):
        assert is_public_holiday(date(year, 10, 1))
        assert not is_public_holiday(date(year, 10, 15))


def test_a_rule_that_makes_no_sense_says_all_of_it() -> None:
    many = [TODAY + timedelta(days=number) for number in range(EXCEPTIONS_MOST + 1)]
    rule = Weekly({0}, "25:00", "x", "../etc/passwd", date(2030, 10, 1), date(2026, 9, 1), many)
    assert [reason.field for reason in faults_of(rule, TODAY)] == [
        (name,) for name in ("weekdays", "starts", "ends", "first_on", "last_on", "except_on", "time_zone")
    ]


@pytest.mark.parametrize(("starts", "ends"), [("19:00", "19:05"), ("19:00", "19:00"), ("09:00", "17:01")])
def test_how_long_it_lasts(starts: str, ends: str) -> None:
    rule = replace(RULE, starts=starts, ends=ends)
    assert [reason.field for reason in faults_of(rule, TODAY)] == [("ends",)]
    assert list(faults_of(replace(RULE, starts="23:30", ends="00:30"), TODAY)) == []

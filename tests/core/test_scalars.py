"""Dates, instants and numbers as clients may write them."""

from datetime import date, datetime, timedelta, timezone

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.core.scalars import parse_date, parse_instant, parse_phone, show_instant

offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_every_day_is_read(day: date) -> None:
    assert parse_date(day.isoformat()) == day


def test_the_leap_day() -> None:
    assert parse_date("2024-02-29") == date(2024, 2, 29)
    assert parse_date("2000-02-29") == date(2000, 2, 29)
    for wrong in ("2023-02-29", "1900-02-29", "2100-02-29"):
        with pytest.raises(ValueError, match="no such day"):
            parse_date(wrong)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2026-5-4",
        "20260504",
        "2026-W19-1",
        "2026-05-04T00:00",
        " 2026-05-04",
        "2026-05-04\n",
        "２０２６-05-04",
        "2026-13-01",
        "2026-00-01",
        "0001-01-01",
        "1899-12-31",
        "2201-01-01",
        "9999-12-31",
        20260504,
        None,
        True,
        ["2026-05-04"],
    ],
)
def test_no_date(value: object) -> None:
    with pytest.raises(ValueError, match=r"Date|no such day"):
        parse_date(value)


@given(st.datetimes(datetime(1901, 1, 1), datetime(2199, 12, 31), timezones=offsets))  # noqa: DTZ001  # bounds are naive
def test_every_instant_is_read_and_shown_in_utc(instant: datetime) -> None:
    found = parse_instant(instant.isoformat())
    assert found == instant
    assert found.utcoffset() == timedelta(0)
    assert show_instant(instant).endswith("Z")
    assert parse_instant(show_instant(instant)) == instant


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-05-04T09:00:00+08:00", "2026-05-04T01:00:00Z"),
        ("2026-05-04T00:30:00+08:00", "2026-05-03T16:30:00Z"),
        ("2026-05-04T09:00+08:00", "2026-05-04T01:00:00Z"),
        ("2026-05-04T09:00:00Z", "2026-05-04T09:00:00Z"),
        ("2026-05-04t09:00:00z", "2026-05-04T09:00:00Z"),
        ("2026-05-04T09:00:00.123456789-03:30", "2026-05-04T12:30:00.123456Z"),
        ("2024-02-29T23:59:59-01:00", "2024-03-01T00:59:59Z"),
    ],
)
def test_offsets(text: str, shown: str) -> None:
    assert show_instant(parse_instant(text)) == shown


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2026-05-04",
        "2026-05-04T09:00:00",
        "2026-05-04 09:00:00Z",
        "2026-05-04T09:00:00+0800",
        "2026-05-04T09:00:00+08",
        "2026-05-04T24:00:01Z",
        "2026-05-04T09:60:00Z",
        "2026-05-04T09:00:60Z",
        "2026-05-04T09:00:00+25:00",
        "2026-05-04T09:00:00Z\n",
        "2023-02-29T00:00:00Z",
        "1899-12-31T00:00:00Z",
        "2201-01-01T00:00:00Z",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        "2026-05-04T09:00:00." + "1" * 10_000 + "Z",
        1_777_000_000,
        None,
    ],
)
def test_no_instant(value: object) -> None:
    with pytest.raises(ValueError, match=r"DateTime|no such instant"):
        parse_instant(value)


@pytest.mark.parametrize(
    "number",
    ["+8613800138000", "+8619912345678", "+85251234567", "+85291234567", "+85366123456", "+886912345678"],
)
def test_numbers_of_the_mainland_hong_kong_macao_and_taiwan(number: str) -> None:
    assert parse_phone(number) == number


@pytest.mark.parametrize(
    "value",
    [
        "",
        "+",
        "13800138000",
        "8613800138000",
        "+86 138 0013 8000",
        "+86-13800138000",
        "+8613800138000 ",
        "+86138001380001234",
        "+861380013",
        "+8612012345678",
        "+8610086",
        "+8612355",
        "+861380013800",
        "+86138001380000",
        "+8613800138000#1",
        "+8613800138000x1",
        "+8613800138000,1",
        "+8613800138000\n",
        "+86\u00a013800138000",
        "+86\u200b13800138000",
        "+86013800138000",
        "+8860912345678",
        "++8613800138000",
        "008613800138000",
        "+86(138)00138000",
        "+86138OO138OOO",
        "+85212345678",
        "+852112",
        "+853999",
        "+999",
        "+0013800138000",
        "+12025550123",
        "+442071838750",
        "+6581234567",
        "+８６13800138000",
        "+86１３８００１３８０００",
        "+86١٣٨٠٠١٣٨٠٠٠",
        "tel:+8613800138000",
        "+8613800138000;ext=1",
        "+" + "8" * 10_000,
        8613800138000,
        None,
    ],
)
def test_no_number_of_ours_and_never_repeated(value: object) -> None:
    with pytest.raises(ValueError, match="PhoneNumber") as refusal:
        parse_phone(value)
    with pytest.raises(ValueError, match="PhoneNumber") as other:
        parse_phone("another")
    assert str(refusal.value) == str(other.value)


@pytest.mark.parametrize(
    "number",
    [
        "+8614000000000",  # such as `qingyi grant` makes
        "+8614199999999",
        "+8616012345678",
        "+8617912345678",
        "+85241234567",
        "+85241999999",
    ],
)
def test_blocks_that_nobody_has_yet_lie_within_their_plan(number: str) -> None:
    known = phonenumbers.number_type(phonenumbers.parse(number))
    assert known == phonenumbers.PhoneNumberType.UNKNOWN
    assert parse_phone(number) == number


@pytest.mark.parametrize(
    "number",
    [
        "+862083331234",
        "+861065551234",
        "+864008001234",
        "+8695566",
        "+85221234567",
        "+85258012345",  # within the plan for mobile numbers, and known as a line that stands still
        "+85271161234",
        "+85281123456",
        "+85328123456",
        "+886223456789",
        "+886800123456",
    ],
)
def test_a_landline_or_another_service_is_no_mobile_number(number: str) -> None:
    with pytest.raises(ValueError, match="PhoneNumber"):
        parse_phone(number)

"""Days and deadlines are those of Shanghai: new year, the end of a month, a leap day, the evening of check-in."""

from datetime import date

from support.hostels import (
    a_room,
    booked,
    cancelled,
    eligibility,
    free,
    guest,
    move_to,
    nights_left,
    opened,
    refused,
    status,
)
from support.house import House

from domain.core.clock import day_of


async def test_each_night_counts_in_its_own_year(house: House) -> None:
    move_to(house, date(2027, 12, 1))
    inn, other = await opened(house, a_room(beds=3)), await opened(house)
    youth = await guest(house, graduation_year=2027)
    to_new_year = (date(2027, 12, 28) - date(2027, 12, 1)).days

    await booked(house, youth, inn, after=1, nights=5)
    await booked(house, youth, inn, after=to_new_year + 2, nights=5)  # 30 and 31 December, 1 to 3 January

    assert await nights_left(house, youth, inn, after=2) == 0
    assert await nights_left(house, youth, inn, after=40) == 4
    assert await refused(house, youth, other, after=to_new_year, nights=1) == ["QUOTA_EXCEEDED"]
    await booked(house, youth, other, after=45, nights=4)
    assert await refused(house, youth, inn, after=60) == ["QUOTA_EXCEEDED"]


async def test_a_stay_over_new_year_needs_nights_in_both_years(house: House) -> None:
    move_to(house, date(2028, 12, 20))
    inn = await opened(house, a_room(beds=3))
    youth = await guest(house, graduation_year=2028)
    await booked(house, youth, inn, after=15, nights=6)  # of 2029

    assert await refused(house, youth, inn, after=10, nights=4) == [
        "QUOTA_EXCEEDED"
    ]  # 30 December to 2 January
    assert await nights_left(house, youth, inn, after=10) == 7
    stay = await booked(house, youth, inn, after=10, nights=3)  # one night of 2029
    assert await nights_left(house, youth, inn, after=20) == 0
    await cancelled(youth, stay["id"])
    assert await nights_left(house, youth, inn, after=20) == 1
    assert await nights_left(house, youth, inn, after=1) == 7


async def test_graduation_is_measured_by_the_year_of_check_in(house: House) -> None:
    move_to(house, date(2029, 12, 30))
    inn = await opened(house)
    youth, coming = await guest(house, graduation_year=2027), await guest(house, graduation_year=2031)

    assert (await eligibility(house, youth, inn, after=1))["eligible"]
    assert await refused(house, youth, inn, after=2) == ["NOT_ELIGIBLE"]
    assert await refused(house, coming, inn, after=1) == ["NOT_ELIGIBLE"]
    assert (await eligibility(house, coming, inn, after=2))["eligible"]


async def test_midnight_is_that_of_shanghai(house: House) -> None:
    move_to(house, date(2030, 3, 31), hour=23, minute=55)  # 15:55 UTC
    inn = await opened(house, bookableDaysAhead=3)
    youth = await guest(house, graduation_year=2030)
    assert await refused(house, youth, inn, after=4) == ["INVALID_INPUT"]
    assert (await booked(house, youth, inn, after=0))["checkIn"] == "2030-03-31"

    house.clock.move(minutes=6)

    assert day_of(house.clock()) == date(2030, 4, 1)
    assert (await booked(house, youth, inn, after=3))["checkIn"] == "2030-04-04"
    another = await guest(house, graduation_year=2030)
    assert await refused(house, another, inn, after=-1) == ["INVALID_INPUT"]


async def test_the_leap_day_is_a_night(house: House) -> None:
    move_to(house, date(2032, 2, 27))
    inn = await opened(house)
    youth = await guest(house, graduation_year=2032)

    stay = await booked(house, youth, inn, after=1, nights=3)

    assert (stay["checkIn"], stay["checkOut"]) == ("2032-02-28", "2032-03-02")
    assert await free(house, inn, after=1, nights=4) == [0, 0, 0, 1]
    assert await nights_left(house, youth, inn) == 4


async def test_check_in_today_after_six_in_the_evening(house: House) -> None:
    """It can be booked, and no longer be cancelled; a no-show is one from ten."""
    move_to(house, date(2033, 5, 4), hour=17, minute=59)
    inn = await opened(house, a_room(beds=2))
    early, late = await guest(house, graduation_year=2033), await guest(house, graduation_year=2033)
    first = await booked(house, early, inn, after=0)
    assert (await cancelled(early, first["id"]))["status"] == "CANCELLED"
    second = await booked(house, early, inn, after=0)

    house.clock.move(minutes=1)

    given = {"bookingId": second["id"]}
    assert await early.refused("cancelHostelBooking", "booking { id }", **given) == [
        ("INVALID_STATE", ["input", "bookingId"])
    ]
    stay = await booked(house, late, inn, after=0)
    assert stay["status"] == "CONFIRMED"
    given = {"bookingId": stay["id"]}
    assert await late.refused("cancelHostelBooking", "booking { id }", **given) == [
        ("INVALID_STATE", ["input", "bookingId"])
    ]
    move_to(house, date(2033, 5, 4), hour=21, minute=59)
    assert await inn.operator.refused("markHostelNoShow", "booking { id }", **given) == [
        ("INVALID_STATE", ["input", "bookingId"])
    ]
    assert await status(late, stay["id"]) == "CONFIRMED"
    house.clock.move(minutes=1)
    await inn.operator.done("markHostelNoShow", "booking { status }", **given)
    assert await status(late, stay["id"]) == "NO_SHOW"


async def test_nights_are_made_long_before_they_can_be_booked(house: House) -> None:
    """The work that makes them may stand still for weeks; when it runs, it makes up for all."""
    move_to(house, date(2034, 1, 10))
    inn = await opened(house, bookableDaysAhead=10)
    house.clock.move(days=35)
    assert await free(house, inn, after=0, nights=11) == [1] * 11
    house.clock.move(days=200)
    youth = await guest(house, graduation_year=2034)

    await house.work()

    assert await free(house, inn, after=0, nights=45) == [1] * 45
    assert await refused(house, youth, inn, after=10, nights=2) == ["INVALID_INPUT"]
    await booked(house, youth, inn, after=10)

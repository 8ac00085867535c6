"""Who may stay: every reason at once, the same for the question and for the booking."""

from datetime import date

import pytest
from races.racing import rows
from support.asking import day
from support.client import Client
from support.hostels import (
    Inn,
    a_room,
    booked,
    cancelled,
    eligibility,
    guest,
    nights_left,
    opened,
    refused,
)
from support.house import House

from domain.accounts.models import ConsentPurpose, Gender
from domain.core.clock import day_of


async def codes(house: House, who: Client, inn: Inn, after: int = 1, nights: int = 1) -> list[str]:
    found = await eligibility(house, who, inn, after, nights)
    assert found["eligible"] is not bool(found["reasons"])
    return sorted(reason["code"] for reason in found["reasons"])


def year(house: House) -> int:
    return day_of(house.clock()).year


async def test_a_name_must_be_verified_and_a_year_of_graduation_known(house: House) -> None:
    inn = await opened(house)
    youth = await house.youth()

    assert await codes(house, youth, inn) == ["NOT_ELIGIBLE", "REAL_NAME_REQUIRED"]
    assert await refused(house, youth, inn) == ["NOT_ELIGIBLE", "REAL_NAME_REQUIRED"]


@pytest.mark.parametrize(("years", "may"), [(-2, False), (-1, True), (0, True), (2, True), (3, False)])
async def test_years_since_graduation(house: House, years: int, may: bool) -> None:
    inn = await opened(house)
    youth = await guest(house, graduation_year=year(house) - years)

    assert await codes(house, youth, inn, after=0) == ([] if may else ["NOT_ELIGIBLE"])


async def test_minors_need_their_guardian(house: House) -> None:
    inn = await opened(house)
    born = date(year(house) - 17, 12, 31)
    alone = await guest(house, birth_date=born)
    with_consent = await guest(house, birth_date=born, consents=(ConsentPurpose.GUARDIAN,))
    too_old = await guest(house, birth_date=date(year(house) - 47, 1, 1))

    assert await codes(house, alone, inn, after=0) == ["CONSENT_REQUIRED"]
    assert await refused(house, alone, inn, after=0) == ["CONSENT_REQUIRED"]
    assert await codes(house, with_consent, inn, after=0) == []
    assert await codes(house, too_old, inn, after=0) == ["NOT_ELIGIBLE"]


async def test_a_stay_that_is_none(house: House) -> None:
    inn = await opened(house, maxNightsPerStay=5, bookableDaysAhead=30)
    youth = await guest(house)

    for after, nights in ((-1, 1), (1, 0), (1, -3), (1, 6), (31, 1), (30, 2), (1, 2**31 - 1)):
        assert await refused(house, youth, inn, after, nights) == ["INVALID_INPUT"], (after, nights)
        assert await codes(house, youth, inn, after, nights) == ["INVALID_INPUT"], (after, nights)
    assert await codes(house, youth, inn, 30, 1) == []
    data = await youth.run(
        "query ($id: ID!) { node(id: $id) { ... on Hostel { bookableUntil } } }", id=inn.id
    )
    assert data["node"]["bookableUntil"] == day(house, 30)


async def test_free_nights_count_over_all_hostels(house: House) -> None:
    inn, other = await opened(house), await opened(house, freeNightsPerYear=9, maxNightsPerStay=9)
    youth = await guest(house)
    first = await booked(house, youth, inn, after=1, nights=5)
    await booked(house, youth, other, after=10, nights=2)

    assert await nights_left(house, youth, inn) == 0
    assert await refused(house, youth, inn, after=20) == ["QUOTA_EXCEEDED"]
    assert await nights_left(house, youth, other) == 2
    assert await refused(house, youth, other, after=20, nights=3) == ["QUOTA_EXCEEDED"]
    await booked(house, youth, other, after=20, nights=2)
    await cancelled(youth, first["id"])
    assert await nights_left(house, youth, inn) == 3


async def test_one_bed_on_a_night_anywhere(house: House) -> None:
    inn, other = await opened(house), await opened(house)
    youth = await guest(house)
    await booked(house, youth, inn, after=3, nights=2)

    assert await refused(house, youth, other, after=4, nights=2) == ["ALREADY_EXISTS"]
    assert await codes(house, youth, other, after=4, nights=1) == ["ALREADY_EXISTS"]
    assert await codes(house, youth, other, after=5, nights=1) == []


async def test_every_reason_is_given_and_nothing_is_written(house: House) -> None:
    inn = await opened(house)
    await booked(house, await guest(house), inn, after=2)
    youth = await guest(house, graduation_year=year(house) - 9, birth_date=date(year(house) - 16, 1, 1))

    expected = ["CONSENT_REQUIRED", "NOT_ELIGIBLE", "SOLD_OUT"]
    assert await codes(house, youth, inn, after=2) == expected
    assert await refused(house, youth, inn, after=2) == expected
    assert await rows(house, "SELECT id FROM hostel_booking WHERE guest_id = :guest", guest=youth.key) == []


async def test_rooms_take_their_sex(house: House) -> None:
    inn = await opened(house, a_room("女", beds=1, gender="FEMALE"), a_room("男", beds=1, gender="MALE"))
    man, woman, second = await guest(house), await guest(house, gender=Gender.FEMALE), await guest(house)

    assert await refused(house, man, inn, roomId=inn.rooms["女"]) == ["NOT_ELIGIBLE"]
    stay = await booked(house, man, inn)
    assert stay["segments"][0]["room"]["name"] == "男"
    assert await codes(house, second, inn) == ["SOLD_OUT"]
    stay = await booked(house, woman, inn, roomId=inn.rooms["女"])
    assert stay["segments"][0]["room"]["name"] == "女"


async def test_alternatives_are_the_nearest_with_a_bed(house: House) -> None:
    here = {"latitude": 21.0, "longitude": 110.0}
    inn = await opened(house, location=here)
    near, full, far = [
        await opened(house, location={"latitude": 21.0 + off, "longitude": 110.0}) for off in (0.1, 0.05, 0.4)
    ]
    await booked(house, await guest(house), full, after=2)
    youth = await guest(house)

    found = await eligibility(house, youth, inn, after=1, nights=2)
    names = [row["id"] for row in found["alternatives"]]
    assert names[:2] == [near.id, far.id]
    assert inn.id not in names
    assert full.id not in names
    assert len(names) <= 5


async def test_who_has_not_signed_in_is_told_so(house: House) -> None:
    inn = await opened(house)
    partner = await house.partner()

    assert await codes(house, house.anyone, inn) == ["UNAUTHENTICATED"]
    assert (await eligibility(house, house.anyone, inn))["freeNightsLeft"] is None
    assert await refused(house, house.anyone, inn) == ["UNAUTHENTICATED"]
    assert await codes(house, partner, inn) == ["FORBIDDEN"]
    assert await refused(house, partner, inn) == ["FORBIDDEN"]


async def test_no_shows_bar(house: House) -> None:
    inn = await opened(house, a_room(beds=3))
    youth = await guest(house)
    for _ in range(2):
        stay = await booked(house, youth, inn, after=0, nights=2)
        house.clock.move(hours=24 + 22)
        await inn.operator.done("markHostelNoShow", "booking { status }", bookingId=stay["id"])

    reasons = (await eligibility(house, youth, inn))["reasons"]
    assert [reason["code"] for reason in reasons] == ["NOT_ELIGIBLE"]
    assert "Barred" in reasons[0]["message"] or "多次" in reasons[0]["message"]
    assert await refused(house, youth, inn) == ["NOT_ELIGIBLE"]
    house.clock.move(days=90)
    assert "NOT_ELIGIBLE" not in await codes(house, youth, inn)

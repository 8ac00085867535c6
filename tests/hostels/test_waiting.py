"""The waiting list: in order, by sex and whole stay, with holds that end by themselves."""

from typing import Any

from races.racing import rows
from support.asking import inbox
from support.hostels import (
    a_room,
    arrived,
    booked,
    booking,
    cancelled,
    eligibility,
    free,
    guest,
    guests,
    in_line,
    nights_left,
    opened,
    refused,
    status,
)
from support.house import House, Person

from domain.accounts.models import Gender
from graph.core.ids import Tag, decode


async def position(who: Person, identity: str) -> int | None:
    return (await booking(who, identity, "waitlistPosition"))["waitlistPosition"]


async def test_the_earliest_whose_whole_stay_fits(house: House) -> None:
    inn = await opened(house)
    first = await guest(house)
    stay = await booked(house, first, inn, after=5, nights=2)
    others = await guests(house, 3)
    long = await booked(house, others[0], inn, after=7, nights=2)
    waits = [
        await in_line(house, others[1], inn, after=5, nights=3),  # also a night of the second stay
        await in_line(house, others[2], inn, after=5, nights=2),
    ]
    assert [await position(others[1], waits[0]["id"]), await position(others[2], waits[1]["id"])] == [1, 2]

    await cancelled(first, stay["id"])

    assert await status(others[1], waits[0]["id"]) == "WAITLISTED"
    assert await status(others[2], waits[1]["id"]) == "HELD"
    await cancelled(others[2], waits[1]["id"])
    await cancelled(others[0], long["id"])
    assert await status(others[1], waits[0]["id"]) == "HELD"


async def test_sexes_wait_for_rooms_of_theirs(house: House) -> None:
    inn = await opened(house, a_room("女", gender="FEMALE"), a_room("男", gender="MALE"))
    woman, man = await guest(house, gender=Gender.FEMALE), await guest(house)
    waiting_man, waiting_woman = await guest(house), await guest(house, gender=Gender.FEMALE)
    hers, his = await booked(house, woman, inn), await booked(house, man, inn)
    for_him = await in_line(house, waiting_man, inn)
    for_her = await in_line(house, waiting_woman, inn)

    await cancelled(woman, hers["id"])

    assert await status(waiting_man, for_him["id"]) == "WAITLISTED"
    assert await status(waiting_woman, for_her["id"]) == "HELD"
    await cancelled(man, his["id"])
    assert await status(waiting_man, for_him["id"]) == "HELD"


async def test_a_hold_ends_by_time_alone_and_goes_on_to_the_next(house: House) -> None:
    inn = await opened(house)
    first, second, third, stranger = await guests(house, 4)
    stay = await booked(house, first, inn, after=3)
    waits = [await in_line(house, who, inn, after=3) for who in (second, third)]
    await cancelled(first, stay["id"])
    assert await nights_left(house, second, inn) == 6
    held = await booking(second, waits[0]["id"], "status holdExpiresAt segments { bed }")
    assert held["status"] == "HELD"
    assert held["holdExpiresAt"] is not None
    assert len(held["segments"]) == 1

    house.clock.move(hours=2, seconds=1)

    # Nobody has written it down, and it is so.
    assert await status(second, waits[0]["id"]) == "CANCELLED"
    assert (await booking(second, waits[0]["id"], "holdExpiresAt segments { bed }")) == {
        "holdExpiresAt": None,
        "segments": [],
    }
    assert await refused(house, stranger, inn, after=3) == ["SOLD_OUT"]
    await house.work()
    assert await status(third, waits[1]["id"]) == "HELD"
    assert await nights_left(house, second, inn) == 7
    assert await nights_left(house, third, inn) == 6
    assert [notice["kind"] for notice in await inbox(third)] == ["HOSTEL_BED_HELD"]
    kinds = [notice["kind"] for notice in await inbox(second)]
    assert kinds == ["HOSTEL_CANCELLED_FOR_YOU", "HOSTEL_BED_HELD"]
    house.clock.move(hours=3)
    await house.work()
    assert await free(house, inn, after=3) == [1]


async def test_the_bed_of_a_hold_that_is_over_is_free_without_the_worker(house: House) -> None:
    inn = await opened(house)
    first, second, third = await guests(house, 3)
    stay = await booked(house, first, inn, after=3)
    waits = await in_line(house, second, inn, after=3)
    await cancelled(first, stay["id"])
    assert await free(house, inn, after=3) == [0]
    house.clock.move(hours=2, seconds=1)

    assert await free(house, inn, after=3) == [1]
    assert (await booked(house, third, inn, after=3))["status"] == "CONFIRMED"
    assert await status(second, waits["id"]) == "CANCELLED"
    history = (await booking(second, waits["id"], "history { status }"))["history"]
    assert [move["status"] for move in history] == ["WAITLISTED", "HELD", "CANCELLED"]


async def test_the_holder_confirms_the_same_booking(house: House) -> None:
    inn = await opened(house)
    first, second, third = await guests(house, 3)
    stay = await booked(house, first, inn, after=4, nights=2)
    waits = await in_line(house, second, inn, after=4, nights=2)
    await cancelled(first, stay["id"])

    assert (await eligibility(house, second, inn, after=4, nights=2))["eligible"]
    assert await refused(house, second, inn, after=4, nights=1) == ["ALREADY_EXISTS", "SOLD_OUT"]
    assert await refused(house, third, inn, after=4, nights=2) == ["SOLD_OUT"]
    given = {"hostelId": inn.id, "checkIn": stay["checkIn"], "nights": 2, "idempotencyKey": "confirm"}
    one = await second.done("bookHostelStay", "booking { id status }", **given)
    again = await second.done("bookHostelStay", "booking { id status }", **given)

    assert one["booking"] == again["booking"] == {"id": waits["id"], "status": "CONFIRMED"}
    assert await nights_left(house, second, inn) == 5
    house.clock.move(hours=3)
    await house.work()
    assert await status(second, waits["id"]) == "CONFIRMED"


async def test_leaving_early_offers_the_nights(house: House) -> None:
    inn = await opened(house)
    first, second = await guests(house, 2)
    stay = await booked(house, first, inn, after=0, nights=4)
    waits = await in_line(house, second, inn, after=2, nights=2)
    await arrived(first, inn, stay["id"])
    house.clock.move(days=2)

    payload = await inn.operator.done("checkOutHostelGuest", "booking { checkOut }", bookingId=stay["id"])

    assert payload["booking"]["checkOut"] != stay["checkOut"]
    assert await status(second, waits["id"]) == "HELD"


async def test_who_may_wait(house: House) -> None:
    inn, short = await opened(house), await opened(house, freeNightsPerYear=2, maxNightsPerStay=3)
    await booked(house, await guest(house), inn, after=8)
    youth, unknown = await guest(house), await house.youth()
    given = {
        "hostelId": inn.id,
        "checkIn": (await in_line(house, youth, inn, after=8))["checkIn"],
        "nights": 1,
    }

    async def codes(who: Person, **others: Any) -> list[str]:
        asked = {**given, "idempotencyKey": "again", **others}
        return sorted(code for code, _ in await who.refused("joinHostelWaitlist", "booking { id }", **asked))

    assert await codes(youth) == ["ALREADY_EXISTS"]
    assert await codes(unknown) == ["NOT_ELIGIBLE", "REAL_NAME_REQUIRED"]
    assert await codes(youth, hostelId=short.id, nights=3, idempotencyKey="more") == ["QUOTA_EXCEEDED"]
    assert await codes(inn.operator, idempotencyKey="staff") == ["FORBIDDEN"]
    asked = (
        "SELECT hostel_id FROM hostel_booking WHERE status = 'WAITLISTED' AND guest_id IN (:youth, :unknown)"
    )
    waiting = await rows(house, asked, youth=youth.key, unknown=unknown.key)
    assert [row.hostel_id for row in waiting] == [decode(Tag.Hostel, inn.id)]


async def test_a_free_bed_is_held_at_once(house: House) -> None:
    inn = await opened(house)
    youth = await guest(house)

    assert (await in_line(house, youth, inn, after=9))["status"] == "HELD"


async def test_who_waits_may_book_what_is_free_elsewhere_or_for_themselves(house: House) -> None:
    inn, other = await opened(house), await opened(house)
    first, second = await guests(house, 2)
    stay = await booked(house, first, inn, after=3)
    waits = await in_line(house, second, inn, after=3)
    await booked(house, second, other, after=3)

    await cancelled(first, stay["id"])

    assert await status(second, waits["id"]) == "WAITLISTED", "has a bed elsewhere that night"
    assert await free(house, inn, after=3) == [1]


async def test_a_day_that_is_past_ends_the_waiting(house: House) -> None:
    inn = await opened(house)
    first, second = await guests(house, 2)
    await booked(house, first, inn, after=1)
    waits = await in_line(house, second, inn, after=1)
    house.clock.move(days=2)

    assert await status(second, waits["id"]) == "CANCELLED"
    await house.work()
    assert await status(second, waits["id"]) == "CANCELLED"

"""The main job: a hostel opens, a youth finds it, books, arrives, leaves."""

from support.asking import day
from support.hostels import (
    a_room,
    arrived,
    booked,
    booking,
    cancelled,
    eligibility,
    free,
    guest,
    in_line,
    nights_left,
    opened,
    refused,
    status,
)
from support.house import House


def left_of_seven(house: House, *slept: int) -> int:
    """Free nights of the year of tomorrow, after those that begin so many days from today."""
    return 7 - sum(day(house, night)[:4] == day(house, 1)[:4] for night in slept)


async def test_found_booked_arrived_left(house: House) -> None:
    inn = await opened(house, a_room("101", beds=2), a_room("201", beds=1, gender="FEMALE"))
    youth = await guest(house)
    assert (await eligibility(house, youth, inn))["reasons"] == []

    stay = await booked(house, youth, inn, after=0, nights=3)

    assert stay["status"] == "CONFIRMED"
    [piece] = stay["segments"]
    assert (piece["from"], piece["to"]) == (day(house), day(house, 3))
    assert piece["room"]["name"] == "101"
    assert await free(house, inn, after=0, nights=4) == [2, 2, 2, 3]
    assert await nights_left(house, youth, inn) == left_of_seven(house, 0, 1, 2)

    assert (await arrived(youth, inn, stay["id"]))["status"] == "CHECKED_IN"
    assert (await arrived(youth, inn, stay["id"]))["status"] == "CHECKED_IN"
    house.clock.move(days=1)
    payload = await inn.operator.done(
        "checkOutHostelGuest", "booking { status checkOut }", bookingId=stay["id"]
    )

    assert payload["booking"] == {"status": "CHECKED_OUT", "checkOut": day(house)}
    assert await nights_left(house, youth, inn) == left_of_seven(house, -1)
    history = (await booking(youth, stay["id"], "history { status }"))["history"]
    assert [move["status"] for move in history] == ["CONFIRMED", "CHECKED_IN", "CHECKED_OUT"]


async def test_sold_out_waited_for_held_confirmed(house: House) -> None:
    inn = await opened(house)
    first, second, third = [await guest(house) for _ in range(3)]
    stay = await booked(house, first, inn, nights=2)

    assert await refused(house, second, inn, nights=2) == ["SOLD_OUT"]
    waits = await in_line(house, second, inn, nights=2)
    assert waits["status"] == "WAITLISTED"
    assert waits["segments"] == []
    assert (await booking(second, waits["id"], "waitlistPosition")) == {"waitlistPosition": 1}

    assert (await cancelled(first, stay["id"]))["status"] == "CANCELLED"
    assert await status(second, waits["id"]) == "HELD"
    assert await refused(house, third, inn, nights=2) == ["SOLD_OUT"]
    assert await free(house, inn, nights=2) == [0, 0]

    confirmed = await booked(house, second, inn, nights=2)
    assert confirmed["id"] == waits["id"]
    assert confirmed["status"] == "CONFIRMED"
    await house.work()
    notices = await second.run("{ viewer { youth { notifications { nodes { kind body } } } } }")
    kinds = [n["kind"] for n in notices["viewer"]["youth"]["notifications"]["nodes"]]
    assert kinds == ["HOSTEL_BED_HELD"]

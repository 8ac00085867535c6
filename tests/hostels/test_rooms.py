"""Rooms: entered, changed, retired, closed and opened again; guests are moved."""

from races.racing import rows
from support.asking import day, inbox, sent
from support.hostels import (
    Inn,
    a_hostel,
    a_room,
    arrived,
    booked,
    booking,
    cancelled,
    entered,
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
from domain.core.actors import StaffRole


async def closed(house: House, inn: Inn, room: str, after: int, nights: int) -> None:
    given = {"roomId": inn.rooms[room], "from": day(house, after), "to": day(house, after + nights)}
    await inn.operator.done("closeHostelRoom", "hostel { id }", **given, reason="维修")


async def reopened(house: House, inn: Inn, room: str, after: int, nights: int) -> None:
    given = {"roomId": inn.rooms[room], "from": day(house, after), "to": day(house, after + nights)}
    await inn.operator.done("reopenHostelRoom", "hostel { id }", **given)


async def room_of(who: Person, identity: str) -> list[str]:
    found = await booking(who, identity, "segments { room { name } }")
    return [piece["room"]["name"] for piece in found["segments"]]


async def test_rooms_are_matched_changed_and_retired(house: House) -> None:
    inn = await opened(house, a_room("101", beds=2), a_room("102", beds=1))
    youth, other = await guests(house, 2)
    stay = await booked(house, youth, inn, after=2, roomId=inn.rooms["102"])
    content = a_hostel(
        {"id": inn.rooms["101"], "name": "102", "beds": 3}, a_room("201"), id=inn.id, amenities=["热水"]
    )

    await entered(inn.operator, content)

    document = "query ($id: ID!) { node(id: $id) { ... on Hostel { version amenities rooms { id name } } } }"
    shown = (await house.anyone.run(document, id=inn.id))["node"]["rooms"]
    assert sorted(room["name"] for room in shown) == ["102", "102", "201"]
    assert inn.rooms["102"] in {room["id"] for room in shown}, "retired once its last stay ends"
    assert await free(house, inn, after=2) == [4], "the retired room is not for sale, its guest stays"
    assert await refused(house, other, inn, after=3, roomId=inn.rooms["102"]) == ["NOT_FOUND"]
    assert await room_of(youth, stay["id"]) == ["102"]
    await cancelled(youth, stay["id"])
    assert await free(house, inn, after=2) == [4], "what a retired room frees is not sold again"
    data = await house.anyone.run(document, id=inn.id)
    assert data["node"]["version"] == 2
    assert data["node"]["amenities"] == ["热水"]
    names = {room["name"]: room["id"] for room in data["node"]["rooms"]}
    assert names.keys() == {"102", "201"}
    assert names["102"] == inn.rooms["101"], "a new name for the same room"


async def test_fewer_beds_and_more_again(house: House) -> None:
    inn = await opened(house, a_room("101", beds=3))
    people = await guests(house, 3)
    stays = [(await booked(house, who, inn, after=1))["id"] for who in people]

    await entered(inn.operator, a_hostel(a_room("101", beds=1), id=inn.id))
    assert await free(house, inn, after=1, nights=2) == [0, 1]
    for who, stay in zip(people, stays, strict=True):
        await cancelled(who, stay)
    assert await free(house, inn, after=1, nights=2) == [1, 1]
    await entered(inn.operator, a_hostel(a_room("101", beds=4), id=inn.id))
    assert await free(house, inn, after=1, nights=2) == [4, 4]


async def test_another_sex_must_be_that_of_the_guests(house: House) -> None:
    inn = await opened(house, a_room("101", beds=2))
    await booked(house, await guest(house), inn, after=1)
    women = a_hostel(a_room("101", beds=2, gender="FEMALE"), id=inn.id)

    payload = await sent(inn.operator, "upsertHostel", "hostel { id }", women)
    assert [error["code"] for error in payload["userErrors"]] == ["INVALID_STATE"]
    men = a_hostel(a_room("101", beds=2, gender="MALE"), id=inn.id)
    await entered(inn.operator, men)
    assert await refused(house, await guest(house, gender=Gender.FEMALE), inn, after=1) == ["SOLD_OUT"]
    await booked(house, await guest(house), inn, after=1)


async def test_input_is_checked_and_all_faults_are_told(house: House) -> None:
    operator = await house.staff(StaffRole.HOSTEL_OPERATOR, unit="440100")
    wrong = a_hostel(
        a_room("", beds=0),
        a_room("x"),
        a_room("x", beds=101),
        name="",
        address="",
        phone="",
        amenities=[""],
        location={"latitude": 91.0, "longitude": 0.0},
        freeNightsPerYear=-1,
        maxNightsPerStay=0,
        graduateWithinYears=11,
        bookableDaysAhead=367,
    )

    payload = await sent(operator, "upsertHostel", "hostel { id }", wrong)

    fields = {".".join(error["field"][1:]) for error in payload["userErrors"]}
    assert {error["code"] for error in payload["userErrors"]} == {"INVALID_INPUT"}
    assert fields == {
        "name",
        "address",
        "phone",
        "amenities",
        "location.latitude",
        "freeNightsPerYear",
        "maxNightsPerStay",
        "graduateWithinYears",
        "bookableDaysAhead",
        "rooms.0.name",
        "rooms.0.beds",
        "rooms.2.beds",
        "rooms.2.name",
    }
    for others, code in (
        ({"divisionCode": "999999"}, "INVALID_INPUT"),
        ({"unitId": (await house.staff(StaffRole.ADMIN, unit="440300")).unit_id}, "FORBIDDEN"),
        ({"id": (await opened(house)).id}, "NOT_FOUND"),
        ({"rooms": [{"id": (await opened(house)).room, "name": "1", "beds": 1}]}, "NOT_FOUND"),
    ):
        payload = await sent(operator, "upsertHostel", "hostel { id }", a_hostel(**others))
        assert [error["code"] for error in payload["userErrors"]] == [code], others


async def test_another_version_is_a_conflict(house: House) -> None:
    inn = await opened(house)
    payload = await sent(
        inn.operator, "upsertHostel", "hostel { id }", a_hostel(id=inn.id, expectedVersion=2)
    )
    assert [error["code"] for error in payload["userErrors"]] == ["CONFLICT"]


async def test_a_closed_room_is_not_for_sale_until_it_opens(house: House) -> None:
    inn = await opened(house, a_room("101", beds=2))
    youth = await guest(house)
    await closed(house, inn, "101", after=3, nights=2)

    assert await free(house, inn, after=2, nights=4) == [2, 0, 0, 2]
    assert await refused(house, youth, inn, after=2, nights=2) == ["SOLD_OUT"]
    await reopened(house, inn, "101", after=4, nights=1)
    assert await free(house, inn, after=2, nights=4) == [2, 0, 2, 2]
    await booked(house, youth, inn, after=4, nights=2)


async def test_a_room_for_a_season_stays_closed_beyond_what_can_be_booked(house: House) -> None:
    inn = await opened(house, a_room("101"), bookableDaysAhead=10)
    await closed(house, inn, "101", after=20, nights=200)
    house.clock.move(days=100)
    await house.work()
    assert await free(house, inn, after=0, nights=5) == [0] * 5
    await reopened(house, inn, "101", after=1, nights=1)
    assert await free(house, inn, after=0, nights=3) == [0, 1, 0]


async def test_who_is_in_a_closed_room_is_moved(house: House) -> None:
    inn = await opened(house, a_room("101"), a_room("102"))
    youth = await guest(house)
    stay = await booked(house, youth, inn, after=0, nights=3, roomId=inn.rooms["101"])
    await arrived(youth, inn, stay["id"])

    await closed(house, inn, "101", after=1, nights=1)

    assert await room_of(youth, stay["id"]) == ["101", "102", "101"]
    assert await free(house, inn, after=0, nights=3) == [1, 0, 1]
    assert await nights_left(house, youth, inn) == 4
    await house.work()
    assert [notice["kind"] for notice in await inbox(youth)] == ["HOSTEL_BED_CHANGED"]


async def test_who_cannot_be_moved_is_told(house: House) -> None:
    inn = await opened(house, a_room("101", beds=3))
    coming, inside, holder, first = await guests(house, 4)
    stay = await booked(house, coming, inn, after=3, nights=2)
    now = await booked(house, inside, inn, after=0, nights=5)
    await arrived(inside, inn, now["id"])
    given = await booked(house, first, inn, after=3)
    waits = await in_line(house, holder, inn, after=3)
    assert waits["status"] == "WAITLISTED"
    await cancelled(first, given["id"])
    assert await status(holder, waits["id"]) == "HELD"

    await closed(house, inn, "101", after=3, nights=30)

    assert await status(coming, stay["id"]) == "CANCELLED"
    assert await nights_left(house, coming, inn) == 7
    assert await booking(inside, now["id"], "status checkOut") == {
        "status": "CHECKED_IN",
        "checkOut": day(house, 3),
    }
    assert await nights_left(house, inside, inn) == 4
    assert await status(holder, waits["id"]) == "WAITLISTED"
    assert await nights_left(house, holder, inn) == 7
    await house.work()
    assert [notice["kind"] for notice in await inbox(coming)] == ["HOSTEL_CANCELLED_FOR_YOU"]
    assert [notice["kind"] for notice in await inbox(inside)] == ["HOSTEL_STAY_SHORTENED"]
    assert (await inbox(holder))[0]["kind"] == "HOSTEL_BACK_IN_LINE"
    assert await rows(house, "SELECT 1 FROM hostel_bed_night WHERE closed AND guest_id IS NOT NULL") == []
    await reopened(house, inn, "101", after=3, nights=1)
    assert await status(holder, waits["id"]) == "HELD"


async def test_the_desk_moves_a_guest(house: House) -> None:
    inn = await opened(house, a_room("101"), a_room("102"), a_room("女", gender="FEMALE"))
    youth, other = await guests(house, 2)
    stay = await booked(house, youth, inn, after=0, nights=3, roomId=inn.rooms["101"])
    await arrived(youth, inn, stay["id"])
    house.clock.move(days=1)
    desk = inn.operator

    async def moved(room: str) -> list[str]:
        payload = await desk.mutate(
            "moveHostelGuest", "booking { id }", bookingId=stay["id"], roomId=inn.rooms[room]
        )
        return [error["code"] for error in payload["userErrors"]]

    assert await moved("女") == ["NOT_ELIGIBLE"]
    assert await moved("102") == []
    assert await moved("102") == [], "again changes nothing"
    assert await room_of(youth, stay["id"]) == ["101", "102"]
    assert await nights_left(house, youth, inn) == 4
    await booked(house, other, inn, after=0, roomId=inn.rooms["101"])
    assert await moved("101") == ["SOLD_OUT"]
    assert await room_of(youth, stay["id"]) == ["101", "102"]


async def test_a_stay_is_split_between_beds_where_it_must_be(house: House) -> None:
    inn = await opened(house, a_room("101", beds=2))
    one, two, three = await guests(house, 3)
    await booked(house, one, inn, after=1, nights=1)
    await booked(house, two, inn, after=2, nights=1, roomId=inn.room)
    # Best fit has put the second beside the first where that leaves the longer gap; fill the rest night by night.
    stay = await booked(house, three, inn, after=1, nights=3)

    pieces = stay["segments"]
    assert pieces[0]["from"] == day(house, 1)
    assert pieces[-1]["to"] == day(house, 4)
    assert [a["to"] for a in pieces[:-1]] == [b["from"] for b in pieces[1:]]
    assert await free(house, inn, after=1, nights=3) == [0, 0, 1]

"""The desk: who comes by which code, who is booked in by staff, and what the desk may see."""

from datetime import timedelta

from races.racing import rows
from support.asking import day, inbox
from support.hostels import (
    BOOKING,
    Inn,
    a_room,
    arrived,
    booked,
    booking,
    cancelled,
    free,
    guest,
    guests,
    move_to,
    nights_left,
    opened,
    refused,
    status,
    wish,
)
from support.house import House

from domain.core.actors import StaffRole
from domain.core.clock import day_of

CARD = "guest { maskedName legalName phone } guestPhoneMasked checkInCode"


async def test_only_the_guest_sees_the_code(house: House) -> None:
    inn = await opened(house)
    youth, stranger = await guests(house, 2)
    stay = await booked(house, youth, inn, after=0)
    code = (await booking(youth, stay["id"], "checkInCode"))["checkInCode"]

    assert len(code) == 11
    assert (await booking(inn.operator, stay["id"], "checkInCode"))["checkInCode"] is None
    assert await booking(stranger, stay["id"]) is None
    assert await booking(house.anyone, stay["id"]) is None
    assert await booking(await house.partner(), stay["id"]) is None
    kept = await rows(house, "SELECT code_sealed FROM hostel_booking WHERE guest_id = :g", g=youth.key)
    assert code.replace("-", "").encode() not in bytes(kept[0].code_sealed)


async def test_codes_are_read_as_people_type_them(house: House) -> None:
    inn, other = await opened(house), await opened(house)
    youth = await guest(house)
    stay = await booked(house, youth, inn, after=0)
    code = (await booking(youth, stay["id"], "checkInCode"))["checkInCode"]

    async def tried(at: Inn, text: str) -> list[str]:
        payload = await at.operator.mutate(
            "checkInHostelGuest", "booking { status }", hostelId=at.id, checkInCode=text
        )
        return [error["code"] for error in payload["userErrors"]]

    assert await tried(inn, "") == await tried(inn, "x" * 500) == ["NOT_FOUND"]
    assert await tried(inn, "00000-00000") == ["NOT_FOUND"]
    assert await tried(other, code) == ["NOT_FOUND"], "a code of another hostel"
    assert await status(youth, stay["id"]) == "CONFIRMED"
    assert await tried(inn, f" {code.lower().replace('-', ' ')} ".replace("0", "o").replace("1", "l")) == []
    assert await status(youth, stay["id"]) == "CHECKED_IN"
    [row] = await rows(
        house, "SELECT checked_in_by, checked_in_at FROM hostel_booking WHERE guest_id = :g", g=youth.key
    )
    assert row.checked_in_by == inn.operator.key


async def test_the_desk_sees_names_on_the_days_of_the_stay_alone(house: House) -> None:
    inn = await opened(house, unit="440100")
    youth = await guest(house)
    stay = await booked(house, youth, inn, after=2, nights=2)

    before = await booking(inn.operator, stay["id"], CARD)
    assert before["guest"]["maskedName"] is not None
    assert before["guest"]["legalName"] is before["guest"]["phone"] is before["guestPhoneMasked"] is None
    house.clock.move(days=2)
    there = await booking(inn.operator, stay["id"], CARD)
    assert there["guest"]["legalName"][0] == there["guest"]["maskedName"][0]
    assert there["guest"]["phone"] is None
    assert there["guestPhoneMasked"] == youth.phone[:-8] + "****" + youth.phone[-4:]
    looks = await rows(
        house, "SELECT fields, purpose FROM accounts_access_log WHERE youth_id = :g", g=youth.key
    )
    assert [(row.purpose, list(row.fields)) for row in looks] == [("hostel-desk", ["legalName"])]
    house.clock.move(days=3)
    after = await booking(inn.operator, stay["id"], CARD)
    assert after["guest"]["legalName"] is after["guestPhoneMasked"] is None


async def test_out_of_reach_there_is_nothing(house: House) -> None:
    inn = await opened(house, unit="440100")
    youth = await guest(house)
    stay = await booked(house, youth, inn, after=0)
    beside = await house.staff(StaffRole.HOSTEL_OPERATOR, unit="440300")
    above = await house.staff(StaffRole.HOSTEL_OPERATOR)
    manager = await house.staff(StaffRole.PROGRAMME_MANAGER)
    listed = f'query ($id: ID!) {{ node(id: $id) {{ ... on Hostel {{ bookings(on: "{day(house)}") {{ nodes {{ id }} }} }} }} }}'

    assert await booking(beside, stay["id"]) is None
    assert await booking(manager, stay["id"]) is None
    assert (await booking(above, stay["id"]))["status"] == "CONFIRMED"
    for who, sees in ((beside, False), (manager, False), (youth, False), (above, True), (inn.operator, True)):
        found = (await who.run(listed, id=inn.id))["node"]["bookings"]
        assert (found is not None) is sees
        if sees:
            assert [row["id"] for row in found["nodes"]] == [stay["id"]]
    for name in ("checkOutHostelGuest", "markHostelNoShow"):
        assert await beside.refused(name, "booking { id }", bookingId=stay["id"]) == [
            ("NOT_FOUND", ["input", "bookingId"])
        ]
    assert await status(youth, stay["id"]) == "CONFIRMED"


async def test_staff_books_for_a_guest(house: House) -> None:
    inn = await opened(house, a_room(beds=2))
    youth, unverified = await guest(house), await house.youth(graduation_year=2026)
    desk = inn.operator

    assert await refused(house, desk, inn) == ["INVALID_INPUT"]
    assert await refused(house, desk, inn, guestPhone="+8613900000000") == ["NOT_FOUND"]
    assert await refused(house, desk, inn, guestPhone=unverified.phone) == ["REAL_NAME_REQUIRED"]
    assert await refused(house, youth, inn, guestPhone=unverified.phone) == ["FORBIDDEN"]
    beside = await house.staff(StaffRole.HOSTEL_OPERATOR, unit="440300")
    given = wish(house, await opened(house, unit="440100"), guestPhone=youth.phone)
    assert await beside.refused("bookHostelStay", "booking { id }", **given) == [
        ("NOT_FOUND", ["input", "hostelId"])
    ]
    stay = await booked(house, desk, inn, after=1, nights=2, guestPhone=youth.phone)

    assert (await booking(youth, stay["id"], "status checkInCode"))["checkInCode"] is not None
    assert await nights_left(house, youth, inn) == 5
    await house.work()
    assert [notice["kind"] for notice in await inbox(youth)] == ["HOSTEL_BOOKED_FOR_YOU"]


async def test_the_list_of_a_day(house: House) -> None:
    inn = await opened(house, a_room(beds=4))
    guests_ = await guests(house, 3)
    stays = [
        (await booked(house, who, inn, after=after, nights=2))["id"]
        for who, after in zip(guests_, (1, 2, 3), strict=True)
    ]
    await cancelled(guests_[2], stays[2])
    document = (
        "query ($id: ID!, $on: Date!, $s: [HostelBookingStatus!]) { node(id: $id) { ... on Hostel {"
        " bookings(on: $on, statuses: $s) { totalCount nodes { id } } } } }"
    )

    async def on(after: int, statuses: list[str] | None = None) -> list[str]:
        data = await inn.operator.run(document, id=inn.id, on=day(house, after), s=statuses)
        return [stays.index(row["id"]) for row in data["node"]["bookings"]["nodes"]]

    assert await on(0) == []
    assert await on(1) == [0]
    assert await on(3) == [0, 1, 2], "departures too"
    assert await on(3, ["CONFIRMED"]) == [0, 1]
    assert await on(3, ["CANCELLED"]) == [2]


async def test_states_move_along_their_edges_alone(house: House) -> None:
    inn = await opened(house, a_room(beds=2))
    youth, later = await guests(house, 2)
    stay, other = await booked(house, youth, inn, after=0), await booked(house, later, inn, after=1)
    desk = inn.operator

    async def code(name: str, identity: str) -> list[str]:
        payload = await desk.mutate(name, BOOKING, bookingId=identity)
        return [error["code"] for error in payload["userErrors"]]

    assert await code("checkOutHostelGuest", stay["id"]) == ["INVALID_STATE"]
    early = (await booking(later, other["id"], "checkInCode"))["checkInCode"]
    assert await desk.refused("checkInHostelGuest", "booking { id }", hostelId=inn.id, checkInCode=early) == [
        ("INVALID_STATE", ["input", "checkInCode"])
    ]
    await arrived(youth, inn, stay["id"])
    assert await youth.refused("cancelHostelBooking", "booking { id }", bookingId=stay["id"]) == [
        ("INVALID_STATE", ["input", "bookingId"])
    ]
    house.clock.move(hours=23)
    assert await code("markHostelNoShow", stay["id"]) == ["INVALID_STATE"]
    assert await code("checkOutHostelGuest", stay["id"]) == []
    assert await code("checkOutHostelGuest", stay["id"]) == []


async def test_a_no_show_frees_the_nights_after_it(house: House) -> None:
    inn = await opened(house)
    youth = await guest(house)
    stay = await booked(house, youth, inn, after=1, nights=3)
    move_to(house, day_of(house.clock()) + timedelta(days=1), hour=22)

    for _ in range(2):
        await inn.operator.done("markHostelNoShow", "booking { status }", bookingId=stay["id"])

    assert await status(youth, stay["id"]) == "NO_SHOW"
    assert await free(house, inn, after=1, nights=2) == [1, 1]
    assert await nights_left(house, youth, inn, after=1) == 6
    await house.work()
    assert [notice["kind"] for notice in await inbox(youth)] == ["HOSTEL_MARKED_NO_SHOW"]

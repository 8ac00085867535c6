"""Checking in: by code, from two hours before the start to the end, once, at whatever desk, with a network or without."""

import asyncio
from hashlib import sha256
from typing import Any

from races.racing import rows
from support.asking import instant
from support.house import House, Person
from support.matchmaking import event, held, mine, signed_up, singles, tonight

from domain.core.actors import StaffRole
from graph.core.ids import Tag, decode

CHECK_IN = "checkInMatchmakingGuest", "attendee { id status checkedInAt maskedName }"
SYNC = "syncMatchmakingCheckIns", "accepted unknown"


def hashed(at: str, code: str) -> str:
    """As a desk without a network makes it (`OfflineDeskPage`)."""
    key = decode(Tag.MatchmakingEvent, at)
    return sha256(f"{key}:{code.replace('-', '')}".encode()).hexdigest()


async def moves(house: House, youth: Person, at: str) -> list[Any]:
    return await rows(
        house,
        "SELECT e.status FROM core_state_event e JOIN matchmaking_signup s ON s.id = e.subject_id"
        " WHERE s.youth_id = :youth AND s.event_id = :at ORDER BY e.id",
        youth=youth.key,
        at=decode(Tag.MatchmakingEvent, at),
    )


async def test_check_in_is_from_two_hours_before_the_start_to_the_end(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house)
    one, other = await singles(house, 2)
    made, late = [await signed_up(youth, at) for youth in (one, other)]
    house.clock.move(days=6, hours=21, minutes=59)
    given = {"eventId": at, "checkInCode": made["checkInCode"]}
    assert await host.refused(*CHECK_IN, **given) == [("INVALID_STATE", ["input", "eventId"])]
    house.clock.move(minutes=1)
    found = (await host.done(*CHECK_IN, **given))["attendee"]
    assert found["status"] == "CHECKED_IN"
    assert set(found["maskedName"][1:]) == {"*"} or "*" in found["maskedName"]
    house.clock.move(hours=5)
    assert (await host.done(*CHECK_IN, **given))["attendee"] == found  # again gives the same, also later
    given = {"eventId": at, "checkInCode": late["checkInCode"]}
    assert await host.refused(*CHECK_IN, **given) == [("INVALID_STATE", ["input", "eventId"])]


async def test_two_desks_scan_the_same_code(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    desks = [host, *[await house.staff(StaffRole.EVENT_HOST) for _ in range(3)]]
    at = await held(host, house, **tonight(house))
    [youth] = await singles(house, 1)
    made = await signed_up(youth, at)
    given = {"eventId": at, "checkInCode": made["checkInCode"].lower().replace("-", " ")}
    found = await asyncio.gather(*(desk.done(*CHECK_IN, **given) for desk in desks for _ in range(3)))
    assert len({one["attendee"]["id"] for one in found}) == 1
    assert await moves(house, youth, at) == [("CONFIRMED",), ("CHECKED_IN",)]


async def test_a_wrong_code_or_one_of_another_event_checks_nobody_in(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at, elsewhere = [await held(host, house, **tonight(house)) for _ in range(2)]
    [youth] = await singles(house, 1)
    made = await signed_up(youth, at)
    for code in ("", "AAAA", "0000-0000-0000-0000", "密码" * 8):
        refused = await host.refused(*CHECK_IN, eventId=at, checkInCode=code)
        assert refused == [("NOT_FOUND", ["input", "checkInCode"])]
    assert await host.refused(*CHECK_IN, eventId=elsewhere, checkInCode=made["checkInCode"]) == [
        ("NOT_FOUND", ["input", "checkInCode"])
    ]
    assert (await mine(youth, at, "status"))["status"] == "CONFIRMED"


async def test_who_waits_has_no_code_and_gets_one_with_the_seat(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, femaleSeats=1)
    first, second = await singles(house, 2)
    one = await signed_up(first, at)
    assert (await signed_up(second, at))["checkInCode"] is None
    await first.done("cancelMatchmakingSignup", "signup { id }", signupId=one["id"])
    assert (await mine(second, at, "checkInCode"))["checkInCode"] is not None


async def test_a_desk_without_a_network_writes_down_later_and_each_counts_once(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house), femaleSeats=3)
    youths = await singles(house, 4)
    made = [await signed_up(youth, at) for youth in youths]
    codes = [hashed(at, one["checkInCode"]) for one in made[:3]]
    desk = (await event(host, at, "offlineDesk { codeHashes eventUuid }"))["offlineDesk"]
    assert sorted(desk["codeHashes"]) == sorted(codes)
    came = [{"codeHash": code, "at": instant(house, minutes=n)} for n, code in enumerate(codes[:2])]
    house.clock.move(days=1)  # the event is over
    strange = {"codeHash": "ab" * 32, "at": came[0]["at"]}
    early = {"codeHash": codes[2], "at": instant(house, days=-3)}
    given = {"eventId": at, "checkIns": [*came, came[0], strange, early]}

    # when two desks sync at once, and once more
    answers = await asyncio.gather(*(host.mutate(*SYNC, **given) for _ in range(2)))
    answers.append(await host.mutate(*SYNC, **given))

    # then each guest is there once, and what was wrong is told
    for answer in answers:
        assert answer["accepted"] == 2
        assert answer["unknown"] == ["ab" * 32]
        assert [(one["code"], one["field"]) for one in answer["userErrors"]] == [
            ("INVALID_STATE", ["input", "checkIns", "4", "at"])
        ]
    assert [await moves(house, youth, at) for youth in youths[:2]] == [[("CONFIRMED",), ("CHECKED_IN",)]] * 2
    assert (await mine(youths[0], at, "status"))["status"] == "CHECKED_IN"
    assert (await mine(youths[2], at, "status"))["status"] == "NO_SHOW"


async def test_a_desk_that_syncs_after_the_no_shows_were_written_down_still_counts(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house))
    [youth] = await singles(house, 1)
    made, came = await signed_up(youth, at), instant(house, minutes=5)
    house.clock.move(days=1)
    await house.work()
    given = [{"codeHash": hashed(at, made["checkInCode"]), "at": came}]
    assert (await host.done(*SYNC, eventId=at, checkIns=given))["accepted"] == 1
    assert await moves(house, youth, at) == [("CONFIRMED",), ("NO_SHOW",), ("CHECKED_IN",)]


async def test_the_desk_of_another_unit_or_role_is_refused(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST, unit="440100")
    at = await held(host, house, **tonight(house))
    [youth] = await singles(house, 1)
    made = await signed_up(youth, at)
    given = {"eventId": at, "checkInCode": made["checkInCode"]}
    beside = await house.staff(StaffRole.EVENT_HOST, unit="440300")
    worker = await house.staff(StaffRole.CASE_WORKER, unit="440100")
    assert await beside.refused(*CHECK_IN, **given) == [("NOT_FOUND", ["input", "eventId"])]
    assert [code for code, _ in await worker.refused(*CHECK_IN, **given)] == ["FORBIDDEN"]
    assert [code for code, _ in await youth.refused(*CHECK_IN, **given)] == ["FORBIDDEN"]
    assert (await event(beside, at, "attendees { totalCount } offlineDesk { codeHashes }")) == {
        "attendees": None,
        "offlineDesk": None,
    }
    assert (await mine(youth, at, "status"))["status"] == "CONFIRMED"

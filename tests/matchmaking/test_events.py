"""Events as their host enters and changes them, and as anybody finds them."""

from typing import Any

import pytest
from support.asking import instant
from support.house import House
from support.matchmaking import an_event, event, held, signed_up, singles

from domain.core.actors import StaffRole

UPSERT = "upsertMatchmakingEvent", "event { id version title }"


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"title": " "}, {"title"}),
        ({"title": "长" * 81}, {"title"}),
        ({"venue": ""}, {"venue"}),
        ({"description": "长" * 4_001}, {"description"}),
        ({"minAge": 17}, {"minAge"}),
        ({"minAge": 30, "maxAge": 29}, {"maxAge"}),
        ({"maxAge": 46}, {"maxAge"}),
        ({"maxChoices": 0}, {"maxChoices"}),
        ({"maxChoices": 11}, {"maxChoices"}),
        ({"maleSeats": -1, "femaleSeats": 20_001}, {"maleSeats", "femaleSeats"}),
        ({"divisionCode": "999999"}, {"divisionCode"}),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_entered(
    house: House, wrong: dict[str, Any], fields: set[str]
) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    given = an_event(house, host.unit_id, **wrong)
    refused = await host.refused(*UPSERT, **given)
    assert {field[-1] for _, field in refused if field} == fields
    assert {code for code, _ in refused} == {"INVALID_INPUT"}
    assert await titled(house, given["title"]) == 0


async def titled(house: House, title: str) -> int:
    found = await house.anyone.run("{ matchmakingEvents(first: 100) { nodes { title } } }")
    return sum(one["title"] == title for one in found["matchmakingEvents"]["nodes"])


async def test_times_that_do_not_follow_each_other_are_refused(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    for wrong, field in (
        ({"endsAt": instant(house, days=7)}, "endsAt"),
        ({"signupClosesAt": instant(house, days=8)}, "signupClosesAt"),
        ({"signupOpensAt": instant(house, days=4)}, "signupClosesAt"),
        ({"choicesCloseAt": instant(house, days=7)}, "choicesCloseAt"),
        ({"choicesCloseAt": instant(house, days=60)}, "choicesCloseAt"),
    ):
        given = {**an_event(house, host.unit_id), "startsAt": instant(house, days=7, minutes=1), **wrong}
        refused = await host.refused(*UPSERT, **given)
        assert refused == [("INVALID_INPUT", ["input", field])], wrong


async def test_a_host_keeps_to_the_unit_and_changes_once_at_a_time(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST, unit="440100")
    beside = await house.staff(StaffRole.EVENT_HOST, unit="440300")
    case_worker = await house.staff(StaffRole.CASE_WORKER, unit="440100")
    given = an_event(house, host.unit_id, divisionCode="440100")
    made = (await host.done(*UPSERT, **given))["event"]
    assert [code for code, _ in await beside.refused(*UPSERT, **given)] == ["FORBIDDEN"]
    own = {**given, "unitId": beside.unit_id}
    assert await beside.refused(*UPSERT, id=made["id"], **own) == [("NOT_FOUND", ["input", "id"])]
    assert [code for code, _ in await case_worker.refused(*UPSERT, **given)] == ["FORBIDDEN"]
    changed = (await host.done(*UPSERT, id=made["id"], expectedVersion=1, **{**given, "venue": "新场地"}))[
        "event"
    ]
    assert changed["version"] == 2
    stale = await host.refused(*UPSERT, id=made["id"], expectedVersion=1, **given)
    assert stale == [("CONFLICT", ["input", "expectedVersion"])]
    assert (await event(house.anyone, made["id"], "venue"))["venue"] == "新场地"


async def test_the_way_of_admission_stays_once_somebody_signed_up(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    given = an_event(house, host.unit_id)
    at = (await host.done(*UPSERT, **given))["event"]["id"]
    await host.done(*UPSERT, id=at, **{**given, "admission": "LOTTERY"})
    await host.done(*UPSERT, id=at, **given)
    [youth] = await singles(house, 1)
    await signed_up(youth, at)
    refused = await host.refused(*UPSERT, id=at, **{**given, "admission": "LOTTERY"})
    assert refused == [("INVALID_STATE", ["input", "admission"])]
    assert (await event(youth, at, "admission viewerSignup { status }")) == {
        "admission": "FIRST_COME",
        "viewerSignup": {"status": "CONFIRMED"},
    }


async def test_a_frozen_lottery_keeps_seats_and_window(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    given = an_event(house, host.unit_id, admission="LOTTERY", signupClosesAt=instant(house, minutes=5))
    at = (await host.done(*UPSERT, **given))["event"]["id"]
    house.clock.move(minutes=6)
    assert (await event(house.anyone, at, "lottery { seed }"))["lottery"] == {"seed": None}
    for change in ({"femaleSeats": 9}, {"signupClosesAt": instant(house, days=1)}):
        refused = await host.refused(*UPSERT, id=at, **{**given, **change})
        assert refused == [("INVALID_STATE", ["input", "id"])]


async def test_events_are_found_by_place_and_time(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    here = await held(host, house, divisionCode="440304")
    there = await held(host, house, divisionCode="445100", signupOpensAt=instant(house, days=1))

    async def found(**asked: Any) -> set[str]:
        data = await house.anyone.run(
            "query ($filter: MatchmakingEventFilter) { matchmakingEvents(filter: $filter, first: 100) { nodes { id } } }",
            filter=asked,
        )
        return {one["id"] for one in data["matchmakingEvents"]["nodes"]} & {here, there}

    assert await found(divisionCodes=["440300"]) == {here}
    assert await found(openForSignup=True) == {here}
    assert await found(openForSignup=False) == {there}
    assert await found(upcoming=True) == {here, there}
    house.clock.move(days=8)
    assert await found(upcoming=True) == set()
    assert await found(upcoming=False) == {here, there}

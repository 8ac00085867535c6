"""Choices: from one's own check-in to the deadline, changed at will; matches come to both at the same moment."""

from datetime import datetime

from support.asking import instant
from support.client import Client
from support.house import House
from support.matchmaking import arrived, choose, event, held, mine, signed_up, singles, tonight

from domain.accounts.models import Gender
from domain.core.actors import StaffRole

CHOOSE = "chooseMatches", "signup { id }"


async def test_a_guest_chooses_up_to_the_most_and_changes_it(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house), maleSeats=5, maxChoices=2)
    [anna] = await singles(house, 1)
    men = await singles(house, 3, Gender.MALE)
    own = await arrived(host, anna, at)
    there = [await arrived(host, man, at) for man in men]

    await choose(anna, at, *there[:2], there[0])  # twice the same counts once
    assert await chosen(anna, at) == set(there[:2])
    assert await anna.refused(*CHOOSE, eventId=at, participantIds=there) == [
        ("INVALID_INPUT", ["input", "participantIds"])
    ]
    assert await anna.refused(*CHOOSE, eventId=at, participantIds=[own]) == [
        ("NOT_FOUND", ["input", "participantIds", "0"])
    ]
    assert await chosen(anna, at) == set(there[:2])
    await choose(anna, at, there[2])
    assert await chosen(anna, at) == {there[2]}
    await choose(anna, at)
    assert await chosen(anna, at) == set()


async def chosen(youth: Client, at: str) -> set[str]:
    return {one["id"] for one in (await mine(youth, at, "choices { id }"))["choices"]}


async def test_choosing_begins_with_ones_own_check_in(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house))
    [anna] = await singles(house, 1)
    [bert] = await singles(house, 1, Gender.MALE)
    b = await arrived(host, bert, at)
    made = await signed_up(anna, at)
    assert await anna.refused(*CHOOSE, eventId=at, participantIds=[b]) == [
        ("INVALID_STATE", ["input", "eventId"])
    ]
    given = {"eventId": at, "checkInCode": made["checkInCode"]}
    await host.done("checkInMatchmakingGuest", "attendee { id }", **given)
    await choose(anna, at, b)
    # staff, strangers and partners choose nobody
    for client in (host, house.anyone, await house.partner()):
        await client.refused(*CHOOSE, eventId=at, participantIds=[b])


async def test_choosing_closes_a_day_after_the_end_or_when_the_event_says(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    one = await held(host, house, **tonight(house))
    other = await held(host, house, **tonight(house), choicesCloseAt=instant(house, hours=6))
    found = await event(house.anyone, one, "endsAt choicesCloseAt")
    ends, closes = (datetime.fromisoformat(found[name]) for name in ("endsAt", "choicesCloseAt"))
    assert (closes - ends).total_seconds() == 24 * 3600
    [anna] = await singles(house, 1)
    [bert] = await singles(house, 1, Gender.MALE)
    ids = {at: (await arrived(host, anna, at), await arrived(host, bert, at)) for at in (one, other)}
    for at, (a, b) in ids.items():
        await choose(anna, at, b)
        await choose(bert, at, a)

    house.clock.move(hours=5, minutes=59)
    assert [await met(who, other) for who in (anna, bert)] == [0, 0]
    house.clock.move(minutes=1)  # no worker runs
    assert [await met(who, other) for who in (anna, bert)] == [1, 1]
    assert [await met(who, one) for who in (anna, bert)] == [0, 0]
    refused = await anna.refused(*CHOOSE, eventId=other, participantIds=[])
    assert refused == [("INVALID_STATE", ["input", "eventId"])]
    assert [await met(who, other) for who in (anna, bert)] == [1, 1]
    await choose(anna, one)  # here she may still change it, and does
    house.clock.move(hours=22, minutes=1)
    assert [await met(who, one) for who in (anna, bert)] == [0, 0]


async def met(youth: Client, at: str) -> int:
    return len((await mine(youth, at, "matches { contact participant { nickname } }"))["matches"])


async def test_guests_are_seen_without_name_number_or_id(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house))
    [anna] = await singles(house, 1)
    [bert] = await singles(house, 1, Gender.MALE)
    await arrived(host, anna, at, nickname="安娜", introduction="  爱看电影 ")
    await arrived(host, bert, at)
    answer = await bert.post(
        "query ($at: ID!) { node(id: $at) { ... on MatchmakingEvent { participants {"
        " __typename id nickname introduction age gender education } } } }",
        at=at,
    )
    [seen] = answer.json()["data"]["node"]["participants"]
    assert (seen["nickname"], seen["introduction"], seen["gender"]) == ("安娜", "爱看电影", "FEMALE")
    assert anna.phone not in answer.text
    assert str(anna.key) not in answer.text

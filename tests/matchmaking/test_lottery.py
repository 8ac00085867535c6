"""A lottery is closed, drawn once, and redone from what is published."""

import asyncio
from hashlib import sha256

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from support.house import House
from support.matchmaking import event, held, mine, signed_up, singles

from domain.core.actors import StaffRole, System
from domain.matchmaking.drawing import PublishedEntry, PublishedLottery, faults
from graph.core.ids import Tag, decode

LOTTERY = """lottery { entriesHash seed maleSeats femaleSeats
  women: entries(gender: FEMALE, first: 100) { nodes { entry drawnPosition } }
  men: entries(gender: MALE, first: 100) { nodes { entry drawnPosition } } }"""


async def test_a_draw_is_redone_from_what_is_published(house: House) -> None:
    # given a closed lottery of twelve women for three seats, one of whom cancels after the closing
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, admission="LOTTERY", femaleSeats=3)
    women = await singles(house, 12)
    made = [await signed_up(youth, at) for youth in women]
    assert {one["status"] for one in made} == {"ENTERED"}
    assert (await event(house.anyone, at, "lottery { entriesHash }"))["lottery"] is None
    draw = ("drawMatchmakingLottery", "event { id }")
    assert await host.refused(*draw, eventId=at) == [("INVALID_STATE", ["input", "eventId"])]
    house.clock.move(days=3, minutes=1)
    before = (await event(house.anyone, at, LOTTERY))["lottery"]
    assert before["seed"] is None
    await women[0].done("cancelMatchmakingSignup", "signup { id }", signupId=made[0]["id"])

    # when it is drawn by two at once
    await asyncio.gather(*(host.done(*draw, eventId=at) for _ in range(2)))

    # then the list is the one whose hash was published, and the places are those that the seed gives
    drawn = (await event(house.anyone, at, LOTTERY))["lottery"]
    assert drawn["entriesHash"] == before["entriesHash"]
    nodes = drawn["women"]["nodes"]
    key = decode(Tag.MatchmakingEvent, at)
    text = "".join(
        f"{line}\n" for line in [f"qingyi-lottery-1 {key}", *sorted(f"FEMALE:{n['entry']}" for n in nodes)]
    )
    assert sha256(text.encode()).hexdigest() == drawn["entriesHash"]
    seed = bytes.fromhex(drawn["seed"])
    order = sorted((n["entry"] for n in nodes), key=lambda e: sha256(seed + bytes.fromhex(e)).digest())
    assert {n["entry"]: n["drawnPosition"] for n in nodes} == {e: i for i, e in enumerate(order, 1)}
    published = PublishedLottery(
        key,
        drawn["entriesHash"],
        drawn["seed"],
        [PublishedEntry("FEMALE", n["entry"], n["drawnPosition"]) for n in nodes],
    )
    assert list(faults(published)) == []

    # and seats are the first in drawn order who have not cancelled
    states = {}
    for youth in women:
        own = await mine(youth, at, "status lotteryEntry")
        states[own["lotteryEntry"]] = own["status"]
    inside = [states[entry] for entry in order if states[entry] != "CANCELLED"]
    assert inside == ["CONFIRMED"] * 3 + ["WAITLISTED"] * 8
    assert (await event(host, at, "seats { taken waitlisted }"))["seats"][0] == {"taken": 3, "waitlisted": 8}

    # and the database lets nobody draw again
    with pytest.raises(DBAPIError):
        async with house.database.write(System()) as tx:
            await tx.execute(sa.text("UPDATE matchmaking_event SET seed = '\\x00' WHERE seed IS NOT NULL"))

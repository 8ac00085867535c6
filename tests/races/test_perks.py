"""Hours and perks asked for at once: each record counts once, nobody is in two places, no stock is sold twice."""

import asyncio
from collections import Counter

from races.racing import deadlocks, rows
from support.house import House, Person
from support.volunteering import a_perk, a_record, account, given_hours, perk, recorded, redeem

from api.commands.ledger import verified
from domain.core.actors import StaffRole
from graph.core.ids import Tag, decode


async def test_hours_at_once(house: House) -> None:
    one, two = await house.partner(), await house.partner()
    youth = await house.youth()
    same = a_record(house, youth, ref="same", hours=2)

    again = await asyncio.gather(*(recorded(one, same) for _ in range(6)))
    assert Counter(result["outcome"] for [result] in again) == {"CREATED": 1, "UNCHANGED": 5}

    sides = [(partner, a_record(house, youth, start=12, hours=5)) for partner in (one, two) * 3]
    found = await asyncio.gather(*(recorded(partner, record) for partner, record in sides))
    assert Counter(result["outcome"] for [result] in found) == {"CREATED": 1, "REJECTED": 5}
    assert (await account(youth))["serviceMinutes"] == 420

    nobody = "+8613755990009"
    aside = [(partner, a_record(house, nobody, hours=2)) for partner in (one, two) * 3]
    found = await asyncio.gather(*(recorded(partner, record) for partner, record in aside))
    assert Counter(result["outcome"] for [result] in found) == {"CREATED": 1, "REJECTED": 5}
    assert await verified(house.database, None) == []


async def test_the_last_of_the_stock(house: House) -> None:
    shop, staff = await house.partner(), await house.staff(StaffRole.PROGRAMME_MANAGER)
    crowd = await house.youths(40)
    for who in crowd:
        await given_hours(house, shop, who, 2)
    offered = await a_perk(staff, shop, pointsCost=2, stock=7)

    payloads = await asyncio.gather(*(redeem(who, offered) for who in crowd for _ in range(2)))

    assert sum(payload["redemption"] is not None for payload in payloads) == 7
    assert await perk(shop, offered) == {"stock": 7, "remaining": 0}
    balances = Counter([(await account(who))["pointsBalance"] for who in crowd])
    assert balances == {0: 7, 2: 33}
    assert await verified(house.database, None) == []


WRITTEN = """
    SELECT (SELECT count(*) FROM volunteering_redemption), (SELECT count(*) FROM volunteering_entry),
        (SELECT count(*) FROM core_state_event), (SELECT count(*) FROM core_outbox_event), (SELECT count(*) FROM core_idempotency_key)
"""


def codes(payload: dict) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def test_who_comes_too_late_is_told_so_once_and_for_all(house: House) -> None:
    """A refusal is kept with its key as well, though nothing else is written: it is not computed again."""
    # given a perk with one left, and a crowd that sends each request twice at once
    shop, staff = await house.partner(), await house.staff(StaffRole.PROGRAMME_MANAGER)
    crowd = await house.youths(20)
    for who in crowd:
        await given_hours(house, shop, who, 2)
    offered = await a_perk(staff, shop, pointsCost=2, stock=1)
    payloads = await asyncio.gather(*(redeem(who, offered, "crowd") for who in crowd for _ in range(2)))
    first, again = payloads[::2], payloads[1::2]
    assert first == again
    [winner] = [place for place, payload in enumerate(first) if payload["redemption"]]
    assert {tuple(codes(payload)) for payload in first if not payload["redemption"]} == {("SOLD_OUT",)}

    # when nothing is left, then more of them come, some with points too few as well: nothing is written but keys
    poor = await house.youths(3)
    [before] = await rows(house, WRITTEN)
    late = await asyncio.gather(*(redeem(who, offered, "late") for who in (*poor, *crowd[:3])))
    assert [sorted(codes(payload)) for payload in late[:3]] == [["QUOTA_EXCEEDED", "SOLD_OUT"]] * 3
    [after] = await rows(house, WRITTEN)
    assert tuple(after) == (*before[:4], before[4] + 6)
    assert codes(await redeem(poor[0], await a_perk(staff, shop), "late")) == ["IDEMPOTENCY_KEY_REUSED"]

    # and when the one is given back, the same keys get the same answers, a new one gets the perk
    given = first[winner]["redemption"]
    await crowd[winner].done("cancelPerkRedemption", "redemption { status }", redemptionId=given["id"])
    loser = crowd[winner - 1]
    assert codes(await redeem(loser, offered, "crowd")) == ["SOLD_OUT"]
    same = (await redeem(crowd[winner], offered, "crowd"))["redemption"]
    assert (same["id"], same["status"]) == (given["id"], "CANCELLED")
    assert (await redeem(loser, offered, "another"))["redemption"]["status"] == "ISSUED"
    assert await verified(house.database, None) == []


async def test_a_crowd_and_those_who_give_back(house: House) -> None:
    """While some come too late others give back: nobody gets two, and none is lost."""
    shop, staff = await house.partner(), await house.staff(StaffRole.PROGRAMME_MANAGER)
    crowd = await house.youths(30)
    for who in crowd:
        await given_hours(house, shop, who, 2)
    offered = await a_perk(staff, shop, pointsCost=2, stock=4)

    async def come(who: Person, number: int) -> None:
        for turn in range(3):
            payload = await redeem(who, offered, f"turn-{turn}")
            if payload["redemption"] and number % 2:
                await who.done(
                    "cancelPerkRedemption", "redemption { status }", redemptionId=payload["redemption"]["id"]
                )

    await asyncio.gather(*(come(who, number) for number, who in enumerate(crowd)))

    left = (await perk(shop, offered))["remaining"]
    taking = (
        "SELECT count(*), count(DISTINCT volunteer_id) FROM volunteering_redemption WHERE status = 'ISSUED'"
    )
    [(issued, people)] = await rows(house, taking + f" AND perk_id = '{decode(Tag.Perk, offered)}'")
    assert issued == people == 4 - left
    assert await verified(house.database, None) == []
    assert await deadlocks(house) == 0

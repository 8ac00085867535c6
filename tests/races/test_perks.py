"""Hours and perks asked for at once: each record counts once, nobody is in two places, no stock is sold twice."""

import asyncio
from collections import Counter

from support.house import House
from support.volunteering import a_perk, a_record, account, given_hours, perk, recorded, redeem

from api.commands.ledger import verified
from domain.core.actors import StaffRole


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

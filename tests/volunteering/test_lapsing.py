"""Points lapse two years after they were earned. In a house of its own: its clock runs for years."""

import pytest
from support.asking import told
from support.house import House, Partner, Person
from support.raw import everything
from support.volunteering import (
    a_perk,
    a_record,
    account,
    entries_of,
    perk,
    recorded,
    redeem,
    redeemed,
)

from api.commands.ledger import verified
from domain.core.actors import StaffRole


@pytest.fixture
async def merchant(house: House) -> Partner:
    """Its token lives for a year."""
    return await house.partner()


@pytest.fixture
async def staff(house: House) -> Person:
    return await house.staff(StaffRole.PROGRAMME_MANAGER)


async def reasons(who: Person, identity: str) -> list[tuple[str, str]]:
    found = await perk(who, identity, "viewerEligibility { reasons { code message } }")
    return [(one["code"], one["message"]) for one in found["viewerEligibility"]["reasons"]]


async def test_points_lapse_after_two_years_the_oldest_first(
    house: House, merchant: Partner, staff: Person
) -> None:
    youth = await house.youth()
    await recorded(merchant, a_record(house, youth, hours=6))
    house.clock.move(days=300)
    merchant = await house.partner()
    await recorded(merchant, a_record(house, youth, hours=5))
    offered = await a_perk(staff, merchant, pointsCost=2, perPersonLimit=9)
    code = (await redeemed(youth, offered))["code"]
    await merchant.done("consumePerkCode", "redemption { id }", code=code, idempotencyKey="used")
    house.clock.move(days=432)

    # what is past its time cannot be spent, whether or not the worker has been by
    assert (await account(youth))["pointsBalance"] == 5
    assert (await reasons(youth, await a_perk(staff, merchant, pointsCost=6)))[0][0] == "QUOTA_EXCEEDED"
    await house.work()
    await house.work()

    found = await account(youth)
    assert (found["pointsBalance"], found["serviceMinutes"]) == (5, 660)
    [lapse, *_] = await entries_of(youth)
    assert (lapse["kind"], lapse["points"], lapse["balanceAfter"]) == ("EXPIRY", -4, 5)
    assert "VOLUNTEERING_POINTS_LAPSED" in await told(youth)
    house.clock.move(days=300)
    await house.work()
    assert (await account(youth))["pointsBalance"] == 0
    assert await verified(house.database, None) == []


async def test_spending_enters_first_what_has_lapsed(house: House, merchant: Partner, staff: Person) -> None:
    youth = await house.youth()
    await recorded(merchant, a_record(house, youth, hours=3))
    house.clock.move(days=400)
    merchant = await house.partner()
    await recorded(merchant, a_record(house, youth, hours=4))
    house.clock.move(days=335)
    offered = await a_perk(staff, merchant, pointsCost=4)

    await redeemed(youth, offered)

    assert [one["kind"] for one in await entries_of(youth)][:2] == ["REDEMPTION", "EXPIRY"]
    assert (await account(youth))["pointsBalance"] == 0


async def test_points_given_back_past_their_time_lapse_at_once(
    house: House, merchant: Partner, staff: Person
) -> None:
    youth = await house.youth()
    await recorded(merchant, a_record(house, youth, hours=6))
    house.clock.move(days=729)
    offered = await a_perk(staff, await house.partner(), pointsCost=2)
    made = await redeemed(youth, offered)
    house.clock.move(days=4)
    await house.work()
    assert (await account(youth))["pointsBalance"] == 0

    await youth.done("cancelPerkRedemption", "redemption { status }", redemptionId=made["id"])

    assert (await account(youth))["pointsBalance"] == 0
    assert await verified(house.database, None) == []
    house.clock.move(days=1)
    await house.work()
    kinds = [(one["kind"], one["points"]) for one in await entries_of(youth)]
    assert kinds[:3] == [("EXPIRY", -2), ("REFUND", 2), ("EXPIRY", -4)]
    assert await verified(house.database, None) == []


async def test_who_comes_too_late_is_told_of_points_that_have_lapsed_as_well(
    house: House, merchant: Partner, staff: Person
) -> None:
    # given points for a perk of which nothing is left, a day after their time, before the worker has been by
    youth = await house.youth()
    await recorded(merchant, a_record(house, youth, hours=3))
    offered = await a_perk(staff, merchant, pointsCost=2, stock=0)
    assert [error["code"] for error in (await redeem(youth, offered))["userErrors"]] == ["SOLD_OUT"]
    house.clock.move(days=732)
    before = await everything(house, but=("core_idempotency_key",))

    payload = await redeem(youth, offered)

    assert [error["code"] for error in payload["userErrors"]] == ["SOLD_OUT", "QUOTA_EXCEEDED"]
    assert await everything(house, but=("core_idempotency_key",)) == before

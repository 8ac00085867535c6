"""Figures for the host: under five withheld, pairs not before choosing has closed, and once and for all."""

from support.house import House
from support.matchmaking import arrived, choose, event, held, singles, tonight

from domain.accounts.models import Gender
from domain.core.actors import StaffRole

RESULTS = "results { signedUp checkedIn matches }"


async def test_figures_appear_from_five_on(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house), maleSeats=9, femaleSeats=9)
    women, men = await singles(house, 5), await singles(house, 5, Gender.MALE)

    async def figures() -> tuple[int | None, ...]:
        found = (await event(host, at, RESULTS))["results"]
        return found["signedUp"], found["checkedIn"], found["matches"]

    of_women = [await arrived(host, one, at) for one in women[:4]]
    assert await figures() == (None, None, None)
    of_women.append(await arrived(host, women[4], at))
    assert await figures() == (5, 5, None)
    of_men = [await arrived(host, one, at) for one in men]
    for place in range(5):
        await choose(women[place], at, of_men[place])
        if place < 4:
            await choose(men[place], at, of_women[place])
    house.clock.move(hours=27)
    assert await figures() == (10, 10, None)  # choosing is still open
    await choose(men[4], at, of_women[4])
    house.clock.move(hours=2)
    assert await figures() == (10, 10, 5)
    # somebody withdraws: a figure that went down would tell that they had a match
    await men[4].done("giveConsent", "youth { id }", purpose="MATCHMAKING", version="2026-01", withdraw=True)
    await house.work()
    assert (await figures())[2] == 5


async def test_four_pairs_are_withheld_as_none_are(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house), maleSeats=9, femaleSeats=9)
    women, men = await singles(house, 4), await singles(house, 4, Gender.MALE)
    pairs = [
        ((one, await arrived(host, one, at)), (other, await arrived(host, other, at)))
        for one, other in zip(women, men, strict=True)
    ]
    for (one, a), (other, b) in pairs:
        await choose(one, at, b)
        await choose(other, at, a)
    house.clock.move(hours=29)
    assert (await event(host, at, RESULTS))["results"]["matches"] is None


async def test_nobody_else_sees_figures(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST, unit="440100")
    beside = await house.staff(StaffRole.EVENT_HOST, unit="440300")
    at = await held(host, house)
    [youth] = await singles(house, 1)
    for client in (house.anyone, youth, beside, await house.partner()):
        assert (await event(client, at, RESULTS))["results"] is None

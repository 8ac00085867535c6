"""Not turning up twice bars for 180 days; also before anybody has written it down."""

from support.asking import decided
from support.client import Client
from support.house import House
from support.matchmaking import SIGNUP, a_signup, arrived, event, held, signed_up, singles, tonight

from domain.core.actors import StaffRole
from domain.matchmaking.policies import BAR_DAYS, NO_SHOWS_TO_BAR


async def test_two_seats_left_empty_bar_for_half_a_year(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    missing, present, waiting = await singles(house, 3)
    for round_ in range(2):
        at = await held(host, house, **tonight(house), femaleSeats=2)
        await signed_up(missing, at)
        await arrived(host, present, at)
        assert (await signed_up(waiting, at))["status"] == "WAITLISTED"  # has no seat to leave empty
        house.clock.move(hours=5)
        later = await held(host, house)
        assert await codes(missing, later) == (["NOT_ELIGIBLE"] if round_ else [])

    assert await codes(present, later) == await codes(waiting, later) == []
    refused = await missing.refused("signUpForMatchmaking", SIGNUP, **a_signup(later))
    assert [code for code, _ in refused] == ["NOT_ELIGIBLE"]
    async with decided(house, NO_SHOWS_TO_BAR, 3):
        assert await codes(missing, later) == []
    async with decided(house, BAR_DAYS, 0):
        assert await codes(missing, later) == []

    house.clock.move(days=179)
    await house.work()
    assert await codes(missing, await held(host, house)) == ["NOT_ELIGIBLE"]
    house.clock.move(days=2)
    assert await codes(missing, await held(host, house)) == []


async def codes(youth: Client, at: str) -> list[str]:
    found = await event(youth, at, "viewerEligibility { reasons { code } }")
    return [reason["code"] for reason in found["viewerEligibility"]["reasons"]]

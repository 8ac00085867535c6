"""The state of an event is a function of time and seats: no worker runs in these tests."""

from support.asking import instant
from support.house import House
from support.matchmaking import SIGNUP, a_signup, event, held, mine, signed_up, singles

from domain.accounts.models import Gender
from domain.core.actors import StaffRole


async def status(house: House, at: str) -> str:
    return str((await event(house.anyone, at, "status"))["status"])


async def test_an_event_opens_fills_closes_and_ends_by_itself(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, signupOpensAt=instant(house, hours=1), maleSeats=1, femaleSeats=1)
    [woman] = await singles(house, 1)
    [man, late] = await singles(house, 2, Gender.MALE)
    assert await status(house, at) == "SCHEDULED"

    house.clock.move(hours=1)
    assert await status(house, at) == "OPEN"
    made = await signed_up(woman, at)
    assert await status(house, at) == "OPEN"  # a seat for a man is left
    await signed_up(man, at)
    assert await status(house, at) == "FULL"
    assert (await signed_up(late, at))["status"] == "WAITLISTED"  # the line is open
    await woman.done("cancelMatchmakingSignup", "signup { id }", signupId=made["id"])
    assert await status(house, at) == "OPEN"

    house.clock.move(days=3)
    assert await status(house, at) == "CLOSED"
    assert await woman.refused("signUpForMatchmaking", SIGNUP, **a_signup(at)) == [
        ("INVALID_STATE", ["input", "eventId"])
    ]
    house.clock.move(days=4, hours=3)
    assert await status(house, at) == "FINISHED"
    assert (await mine(man, at, "status"))["status"] == "NO_SHOW"  # though nobody has written it down
    await house.work()
    assert (await mine(man, at, "status"))["status"] == "NO_SHOW"


async def test_an_event_that_was_called_off_cancels_every_signup_and_tells(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, femaleSeats=1)
    youths = await singles(house, 2)
    for youth in youths:
        await signed_up(youth, at)
    found = await event(host, at, _FIELDS)
    given = {**found, "unitId": host.unit_id, "divisionCode": "440106", "maleSeats": 2, "femaleSeats": 1}
    await host.done("upsertMatchmakingEvent", "event { id }", id=at, cancelled=True, **given)
    assert await status(house, at) == "CANCELLED"
    for youth in youths:
        assert (await mine(youth, at, "status checkInCode")) == {"status": "CANCELLED", "checkInCode": None}
    seats = (await event(house.anyone, at, "seats { taken waitlisted }"))["seats"]
    assert seats == [{"taken": 0, "waitlisted": 0}] * 2
    [late] = await singles(house, 1)
    assert await late.refused("signUpForMatchmaking", SIGNUP, **a_signup(at)) == [
        ("INVALID_STATE", ["input", "eventId"])
    ]


_FIELDS = "title venue description startsAt endsAt signupOpensAt signupClosesAt admission"

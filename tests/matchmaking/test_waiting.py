"""The line of each sex, and until when a sign-up can be cancelled."""

from races.racing import rows
from support.asking import decided, instant, told
from support.house import House
from support.matchmaking import event, held, mine, signed_up, singles

from domain.accounts.models import Gender
from domain.core.actors import StaffRole
from domain.matchmaking.policies import CANCEL_UNTIL_HOURS
from graph.core.ids import Tag, decode

CANCEL = "cancelMatchmakingSignup", "signup { status }"


async def test_each_sex_has_a_line_of_its_own(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, maleSeats=1, femaleSeats=1)
    women, men = await singles(house, 2), await singles(house, 2, Gender.MALE)
    of_women = [await signed_up(one, at) for one in women]
    of_men = [await signed_up(one, at) for one in men]
    assert [one["waitlistPosition"] for one in (*of_women, *of_men)] == [None, 1, None, 1]

    await men[0].done(*CANCEL, signupId=of_men[0]["id"])

    assert (await mine(men[1], at, "status"))["status"] == "CONFIRMED"
    assert (await mine(women[1], at, "status waitlistPosition"))["waitlistPosition"] == 1


async def test_more_seats_go_to_those_in_line_and_fewer_than_are_taken_are_refused(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, femaleSeats=1)
    youths = await singles(house, 4)
    for youth in youths:
        await signed_up(youth, at)
    fields = "title venue description startsAt endsAt signupOpensAt signupClosesAt admission"
    given = {
        **await event(host, at, fields),
        "unitId": host.unit_id,
        "divisionCode": "440106",
        "maleSeats": 2,
    }

    await host.done("upsertMatchmakingEvent", "event { id }", id=at, femaleSeats=3, **given)

    assert [(await mine(one, at, "status"))["status"] for one in youths] == [
        *["CONFIRMED"] * 3,
        "WAITLISTED",
    ]
    refused = await host.refused("upsertMatchmakingEvent", "event { id }", id=at, femaleSeats=2, **given)
    assert refused == [("INVALID_STATE", ["input", "femaleSeats"])]
    seats = (await event(host, at, "seats { total taken waitlisted }"))["seats"][0]
    assert seats == {"total": 3, "taken": 3, "waitlisted": 1}
    await house.work()
    assert await told(youths[1]) == ["MATCHMAKING_SEAT_GIVEN"]


async def test_a_signup_is_cancelled_until_a_day_before_the_start(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, femaleSeats=2)
    first, second = await singles(house, 2)
    one, other = [await signed_up(youth, at) for youth in (first, second)]
    house.clock.move(days=5, hours=23, minutes=59)
    await first.done(*CANCEL, signupId=one["id"])
    house.clock.move(minutes=1)
    assert await second.refused(*CANCEL, signupId=other["id"]) == [("INVALID_STATE", ["input", "signupId"])]
    assert (await mine(second, at, "status"))["status"] == "CONFIRMED"
    async with decided(house, CANCEL_UNTIL_HOURS, 12):
        await second.done(*CANCEL, signupId=other["id"])
    # again changes nothing, also too late
    assert (await first.done(*CANCEL, signupId=one["id"]))["signup"]["status"] == "CANCELLED"


async def test_nobody_cancels_for_another(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house)
    own, other = await singles(house, 2)
    made = await signed_up(own, at)
    for client in (other, host):
        codes = [code for code, _ in await client.refused(*CANCEL, signupId=made["id"])]
        assert codes in (["NOT_FOUND"], ["FORBIDDEN"])
    assert (await mine(own, at, "status"))["status"] == "CONFIRMED"


async def test_a_freed_seat_and_its_new_guest_are_one_transaction(house: House) -> None:
    """The seat never lies free between the two: their moves have one instant and one transaction."""
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(
        host, house, femaleSeats=1, startsAt=instant(house, days=9), endsAt=instant(house, days=10)
    )
    first, second = await singles(house, 2)
    one, _ = [await signed_up(youth, at) for youth in (first, second)]
    await first.done(*CANCEL, signupId=one["id"])
    moves = await rows(
        house,
        "SELECT DISTINCT e.xmin::text, e.at FROM core_state_event e JOIN matchmaking_signup s ON s.id = e.subject_id"
        " WHERE s.event_id = :event AND (e.status = 'CANCELLED' OR e.status = 'CONFIRMED' AND s.queue_number IS NOT NULL)",
        event=decode(Tag.MatchmakingEvent, at),
    )
    assert len(moves) == 1

"""From an event to a match: sign up, wait, cancel, check in, choose, meet."""

from races.racing import rows
from support.asking import told
from support.house import House
from support.matchmaking import arrived, choose, event, held, mine, signed_up, signup, singles, tonight

from domain.accounts.models import Gender
from domain.core.actors import StaffRole
from graph.core.ids import Tag, decode


async def test_a_freed_seat_goes_to_the_first_in_line(house: House) -> None:
    # given an event with one seat for women, and three who want it
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, femaleSeats=1, maleSeats=0)
    first, second, third = await singles(house, 3)
    made = [await signed_up(youth, at) for youth in (first, second, third)]
    assert [one["status"] for one in made] == ["CONFIRMED", "WAITLISTED", "WAITLISTED"]
    assert [one["waitlistPosition"] for one in made] == [None, 1, 2]
    assert (await event(house.anyone, at, "status"))["status"] == "FULL"

    # when the first cancels, twice
    for _ in range(2):
        payload = await first.done("cancelMatchmakingSignup", "signup { status }", signupId=made[0]["id"])
        assert payload["signup"]["status"] == "CANCELLED"

    # then the second has the seat and is told, the third moves up, the counters agree
    assert (await signup(second, made[1]["id"]))["status"] == "CONFIRMED"
    assert (await signup(third, made[2]["id"], "waitlistPosition"))["waitlistPosition"] == 1
    await house.work()
    assert await told(second) == ["MATCHMAKING_SEAT_GIVEN"]
    seats = (await event(house.anyone, at, "seats { gender total taken waitlisted }"))["seats"]
    assert seats[0] == {"gender": "FEMALE", "total": 1, "taken": 1, "waitlisted": 1}
    # and the first may sign up again, at the end of the line
    assert (await signed_up(first, at))["waitlistPosition"] == 2


async def test_those_who_chose_each_other_meet_and_nobody_else_learns(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house))
    key = decode(Tag.MatchmakingEvent, at)
    [anna] = await singles(house, 1)
    [bert, carl] = await singles(house, 2, Gender.MALE)
    a = await arrived(host, anna, at, nickname="安娜")
    b = await arrived(host, bert, at, nickname="大兵", contactForMatches="大兵的电话")
    c = await arrived(host, carl, at)
    others = (await event(anna, at, "participants { id nickname age gender }"))["participants"]
    assert {one["id"] for one in others} == {b, c}

    # when two choose each other, and the third chooses without an answer
    await choose(anna, at, b)
    await choose(bert, at, a)
    await choose(carl, at, a)
    assert (await mine(anna, at, "matches { contact }"))["matches"] == []

    # then, once choosing has closed, the two meet
    house.clock.move(hours=29)
    [match] = (await mine(anna, at, "matches { participant { id nickname } contact }"))["matches"]
    assert match == {"participant": {"id": b, "nickname": "大兵"}, "contact": "大兵的电话"}
    assert len((await mine(bert, at, "matches { contact }"))["matches"]) == 1
    assert (await mine(carl, at, "matches { contact }"))["matches"] == []
    results = (await event(host, at, "results { signedUp checkedIn matches }"))["results"]
    assert results == {"signedUp": None, "checkedIn": None, "matches": None}

    # and thirty days on all of it is erased
    house.clock.move(days=31)
    await house.work()
    assert (await mine(anna, at, "matches { contact } choices { id }")) == {"matches": [], "choices": []}
    assert await rows(house, "SELECT 1 FROM matchmaking_choices WHERE event_id = :event", event=key) == []
    left = "SELECT 1 FROM matchmaking_signup WHERE event_id = :event AND num_nonnulls(contact_sealed, nickname_sealed, code_hash) > 0"
    assert await rows(house, left, event=key) == []
    gone = "SELECT choices_key_sealed FROM matchmaking_event WHERE id = :event"
    assert [row[0] for row in await rows(house, gone, event=key)] == [None]

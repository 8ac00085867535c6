"""Sessions: cancelled until twelve hours before, moved twice at most, no-shows of either side, reviewed once."""

from support.asking import decided
from support.house import House
from support.mentorship import (
    REQUEST,
    accepted,
    asked,
    completed,
    guide,
    mentee,
    mentees,
    request,
    slot,
    status,
)

from domain.mentorship.policies import CANCEL_HOURS


async def test_a_session_is_called_off_until_twelve_hours_before(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    made = await accepted(house, youth, mentor, hours=13)
    house.clock.move(hours=2)

    reasons = await youth.refused("cancelMentorshipRequest", "request { id }", requestId=made)
    assert reasons == [("INVALID_STATE", ["input", "requestId"])]
    assert await status(youth, made) == "ACCEPTED"
    async with decided(house, CANCEL_HOURS, 10):
        for _ in range(2):
            payload = await youth.done("cancelMentorshipRequest", REQUEST, requestId=made)
            assert payload["request"]["status"] == "CANCELLED"


async def test_a_cancelled_session_gives_its_time_and_its_place_back(house: House) -> None:
    mentor = await guide(house, capacity=1)
    first, second = await mentees(house, 2)
    made = await accepted(house, first, mentor, hours=48)
    time = (await request(first, made, "session { id }"))["session"]["id"]

    await mentor.person.done("cancelMentorshipRequest", REQUEST, requestId=made)
    assert (await asked(second, mentor, slotId=time))["session"]["id"] == time


async def test_a_mentor_does_not_cancel_what_was_only_asked(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    made = (await asked(youth, mentor))["id"]

    reasons = await mentor.person.refused("cancelMentorshipRequest", "request { id }", requestId=made)
    assert reasons == [("INVALID_STATE", ["input", "requestId"])]
    assert await status(youth, made) == "REQUESTED"


async def test_a_session_is_moved_twice_at_most(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    made = await accepted(house, youth, mentor, hours=48)
    times = [await slot(house, mentor, hours=48 + 2 * number) for number in (1, 2, 3)]

    for who, time in ((youth, times[0]), (mentor.person, times[1])):
        payload = await who.done("rescheduleMentorship", REQUEST, requestId=made, slotId=time)
        assert payload["request"]["session"]["id"] == time
    again = await youth.done("rescheduleMentorship", REQUEST, requestId=made, slotId=times[1])
    assert again["request"]["session"]["id"] == times[1]
    reasons = await youth.refused("rescheduleMentorship", "request { id }", requestId=made, slotId=times[2])
    assert reasons == [("QUOTA_EXCEEDED", ["input", "requestId"])]
    assert (await request(youth, made, "session { id }"))["session"]["id"] == times[1]
    # what was left is free again
    other = await mentee(house)
    assert (await asked(other, mentor, slotId=times[0]))["session"]["id"] == times[0]


async def test_a_taken_time_is_no_time_to_move_to(house: House) -> None:
    mentor = await guide(house)
    first, second = await mentees(house, 2)
    one, two = await accepted(house, first, mentor, 48), await accepted(house, second, mentor, 50)
    taken = (await request(second, two, "session { id }"))["session"]["id"]

    reasons = await first.refused("rescheduleMentorship", "request { id }", requestId=one, slotId=taken)
    assert reasons == [("SOLD_OUT", ["input", "slotId"])]


async def test_either_side_says_that_the_other_did_not_come(house: House) -> None:
    mentor = await guide(house)
    first, second = await mentees(house, 2)
    one, two = await accepted(house, first, mentor, 24), await accepted(house, second, mentor, 26)
    early = await first.refused("reportMentorshipNoShow", "request { id }", requestId=one)
    assert early == [("INVALID_STATE", ["input", "requestId"])]
    assert await mentor.person.refused("completeMentorshipSession", "request { id }", requestId=one) == early
    house.clock.move(hours=27)

    for _ in range(2):
        await first.done("reportMentorshipNoShow", REQUEST, requestId=one)
    await mentor.person.done("reportMentorshipNoShow", REQUEST, requestId=two)

    notes = [
        (await request(who, key, "status history { note }"))["history"][-1]["note"]
        for who, key in ((first, one), (second, two))
    ]
    assert ["导师" in note for note in notes] == [True, False]
    assert await status(second, two) == "NO_SHOW"
    reasons = await first.refused("reviewMentorship", "request { id }", requestId=one, rating=1)
    assert reasons == [("INVALID_STATE", ["input", "requestId"])]


async def test_reviewed_once_and_rated_from_five_on(house: House) -> None:
    mentor = await guide(house, capacity=20)
    youths = await mentees(house, 5)
    seen = "query ($id: ID!) { node(id: $id) { ... on Mentor { rating reviewCount } } }"
    for number, youth in enumerate(youths, 1):
        made = await completed(house, youth, mentor)
        for rating in (0, 6):
            reasons = await youth.refused("reviewMentorship", "request { id }", requestId=made, rating=rating)
            assert reasons == [("INVALID_INPUT", ["input", "rating"])]
        await youth.done("reviewMentorship", REQUEST, requestId=made, rating=min(number, 4))
        reasons = await youth.refused("reviewMentorship", "request { id }", requestId=made, rating=1)
        assert reasons == [("ALREADY_EXISTS", ["input", "requestId"])]
        found = (await house.anyone.run(seen, id=mentor.id))["node"]
        assert found == {"rating": 2.8 if number == 5 else None, "reviewCount": number}

"""What time does: answers are asked for after 48 hours, requests lapse after 72 and go on once, sessions are near."""

from support.asking import inbox, told
from support.house import House
from support.mentorship import (
    REQUEST,
    accepted,
    answered,
    asked,
    guide,
    mentee,
    refused,
    request,
    status,
)

CHAIN = "status reroutedTo { id status message mentor { id } reroutedTo { id } history { status } }"


async def test_a_mentor_is_reminded_once_after_48_hours(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    await asked(youth, mentor, rerouteIfUnanswered=False)

    house.clock.move(hours=47)
    await house.work()
    assert await told(mentor.person) == ["MENTORSHIP_ASKED"]
    house.clock.move(hours=2)
    for _ in range(2):
        await house.work()
        house.clock.move(minutes=6)
    assert await told(mentor.person) == ["MENTORSHIP_ANSWER_DUE", "MENTORSHIP_ASKED"]


async def test_what_nobody_answers_lapses_by_the_clock_and_then_by_the_worker(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    made = (await asked(youth, mentor, rerouteIfUnanswered=False))["id"]
    house.clock.move(hours=72)

    assert await status(youth, made) == "EXPIRED"
    reasons = await mentor.person.refused(
        "respondToMentorshipRequest", "request { id }", requestId=made, response="ACCEPT"
    )
    assert reasons == [("INVALID_STATE", ["input", "requestId"])]
    await house.work()
    seen = await request(youth, made, "status reroutedTo { id } history { status }")
    assert seen["reroutedTo"] is None
    assert [move["status"] for move in seen["history"]] == ["REQUESTED", "EXPIRED"]
    assert (await told(youth))[0] == "MENTORSHIP_LAPSED"
    assert (await told(mentor.person))[0] == "MENTORSHIP_LAPSED_ON_YOU"


async def test_it_goes_on_to_the_next_best_mentor_once_and_the_chain_is_seen(house: House) -> None:
    fields = {"fields": ["RURAL"]}
    mentor, youth = await guide(house, **fields), await mentee(house, division_code="440106")
    made = (await asked(youth, mentor, message="返乡种荔枝"))["id"]
    far = await guide(house, divisionCode="440300", **fields)
    near = await guide(house, **fields)
    await guide(house, acceptsRequests=False, **fields)
    await guide(house, fields=["LEGAL"])

    house.clock.move(hours=73)
    await house.work()
    after = (await request(youth, made, CHAIN))["reroutedTo"]
    assert (after["status"], after["mentor"]["id"], after["message"]) == ("REQUESTED", near.id, "返乡种荔枝")
    assert await told(near.person) == ["MENTORSHIP_ASKED"]
    assert "MENTORSHIP_GOES_ON" in await told(youth)

    house.clock.move(hours=73)
    await house.work()
    last = (await request(youth, made, CHAIN))["reroutedTo"]
    assert (last["status"], last["reroutedTo"]) == ("EXPIRED", None)
    data = await far.person.run("{ viewer { mentor { requests { totalCount } } } }")
    assert data["viewer"]["mentor"]["requests"]["totalCount"] == 0


async def test_the_mentee_who_was_asked_for_more_lets_it_lapse(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    made = (await asked(youth, mentor))["id"]
    house.clock.move(hours=70)
    await answered(mentor, made, "ASK_FOR_INFORMATION", note="请补充")
    house.clock.move(hours=71)
    assert await status(youth, made) == "NEEDS_INFORMATION"

    house.clock.move(hours=2)
    await house.work()
    seen = await request(youth, made, "status reroutedTo { id }")
    assert seen == {"status": "EXPIRED", "reroutedTo": None}


async def test_lapsed_requests_do_not_count_as_open(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    for _ in range(3):
        await asked(youth, mentor, rerouteIfUnanswered=False)
    assert await refused(youth, mentor) == ["QUOTA_EXCEEDED"]
    house.clock.move(hours=73)

    assert (await asked(youth, mentor))["status"] == "REQUESTED"


async def test_both_are_reminded_a_day_and_an_hour_before(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    await accepted(house, youth, mentor, hours=30)
    await house.work()
    before = len(await told(youth)), len(await told(mentor.person))

    for hours, more in ((5, 0), (2, 1), (20, 1), (2.5, 2), (3, 2)):
        house.clock.move(hours=hours)
        await house.work()
        now = len(await told(youth)), len(await told(mentor.person))
        assert now == (before[0] + more, before[1] + more), hours
    [last, *_] = await inbox(youth)
    assert last["kind"] == "MENTORSHIP_NEAR"


async def test_a_session_of_which_nobody_said_anything_counts_as_held(house: House) -> None:
    mentor, youth = await guide(house, capacity=1), await mentee(house)
    made = await accepted(house, youth, mentor, hours=24)
    house.clock.move(hours=24 + 1 + 73)
    await house.work()

    assert await status(youth, made) == "COMPLETED"
    payload = await youth.done("reviewMentorship", REQUEST, requestId=made, rating=3)
    assert payload["request"]["status"] == "COMPLETED"
    assert (await asked(youth, mentor))["status"] == "REQUESTED"

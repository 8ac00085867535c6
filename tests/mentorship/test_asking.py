"""Who may ask whom: consent, oneself, pauses, capacity, three open requests, times that are gone."""

import pytest
import sqlalchemy as sa
from support.asking import decided, sent
from support.house import House
from support.mentorship import (
    REQUEST,
    a_mentor,
    accepted,
    answered,
    asked,
    guide,
    mentee,
    mentees,
    question,
    refused,
    request,
    slot,
    status,
)

from domain.core.actors import StaffRole, System
from domain.mentorship.policies import OPEN_MOST


async def requests_of(house: House) -> int:
    async with house.looking() as db:
        return int(await db.scalar(sa.text("SELECT count(*) FROM mentorship_request")))


async def test_without_consent_nobody_asks(house: House) -> None:
    mentor, youth = await guide(house), await house.youth()
    before = await requests_of(house)

    assert await refused(youth, mentor) == ["CONSENT_REQUIRED"]
    assert await refused(house.anyone, mentor) == ["UNAUTHENTICATED"]
    assert await requests_of(house) == before


async def test_nobody_asks_themselves_and_every_reason_is_said(house: House) -> None:
    youth = await house.youth()
    mentor = await guide(house, youth, acceptsRequests=False)
    before = await requests_of(house)

    assert await refused(youth, mentor, topic="", message=" ") == [
        "CONSENT_REQUIRED",
        "INVALID_INPUT",
        "INVALID_INPUT",
        "INVALID_STATE",
        "NOT_ELIGIBLE",
    ]
    assert await requests_of(house) == before


async def test_three_wait_for_an_answer_also_with_one_mentor(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    made = [(await asked(youth, mentor))["id"] for _ in range(3)]

    assert await refused(youth, mentor) == ["QUOTA_EXCEEDED"]
    await youth.done("cancelMentorshipRequest", REQUEST, requestId=made[0])
    assert (await asked(youth, mentor))["status"] == "REQUESTED"
    async with decided(house, OPEN_MOST, 4):
        assert (await asked(youth, mentor))["status"] == "REQUESTED"
    assert await refused(youth, mentor) == ["QUOTA_EXCEEDED"]


async def test_capacity_is_looked_at_when_asked_and_when_accepting(house: House) -> None:
    mentor = await guide(house, capacity=1)
    first, second, third = await mentees(house, 3)
    one, two = (await asked(first, mentor))["id"], (await asked(second, mentor))["id"]
    await answered(mentor, one)

    assert await refused(third, mentor) == ["SOLD_OUT"]
    reasons = await mentor.person.refused(
        "respondToMentorshipRequest", "request { id }", requestId=two, response="ACCEPT"
    )
    assert reasons == [("SOLD_OUT", ["input", "requestId"])]
    assert await status(second, two) == "REQUESTED"

    await mentor.person.done("completeMentorshipSession", REQUEST, requestId=one)
    assert (await answered(mentor, two))["status"] == "ACCEPTED"


async def test_the_database_itself_takes_no_mentee_below_none_nor_a_fourth_place(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    await asked(youth, mentor)
    for statement in (
        "UPDATE mentorship_mentor SET mentees = -1",
        "UPDATE mentorship_request SET open_slot = 21",
        "UPDATE mentorship_request SET open_slot = NULL WHERE status = 'REQUESTED'",
    ):
        with pytest.raises(sa.exc.IntegrityError):
            async with house.database.write(System()) as tx:
                await tx.execute(sa.text(statement))


async def test_a_time_is_given_once_and_the_other_request_stays_without(house: House) -> None:
    mentor = await guide(house)
    first, second, third = await mentees(house, 3)
    time = await slot(house, mentor)
    one, two = [(await asked(who, mentor, slotId=time))["id"] for who in (first, second)]
    await answered(mentor, one)

    assert await request(second, two, "status session { id }") == {"status": "REQUESTED", "session": None}
    assert await refused(third, mentor, slotId=time) == ["SOLD_OUT"]
    reasons = await mentor.person.refused(
        "respondToMentorshipRequest", "request { id }", requestId=two, response="ACCEPT", slotId=time
    )
    assert reasons == [("SOLD_OUT", ["input", "slotId"])]
    taken = await answered(mentor, two)
    assert (taken["status"], taken["session"]) == ("ACCEPTED", None)
    with pytest.raises(sa.exc.IntegrityError):
        async with house.database.write(System()) as tx:
            await tx.execute(sa.text("UPDATE mentorship_request SET slot_id = s.id FROM mentorship_slot s"))


async def test_a_time_of_another_mentor_or_of_the_past_is_none(house: House) -> None:
    mentor, other, youth = await guide(house), await guide(house), await mentee(house)
    elsewhere, soon = await slot(house, other), await slot(house, mentor, hours=1)

    assert await refused(youth, mentor, slotId=elsewhere) == ["NOT_FOUND"]
    house.clock.move(hours=2)
    assert await refused(youth, mentor, slotId=soon) == ["SOLD_OUT"]


async def test_one_acceptance_closes_other_open_requests_on_the_topic(house: House) -> None:
    mentor, other, youth = await guide(house), await guide(house), await mentee(house)
    one = (await asked(youth, mentor, topic="Python 入门"))["id"]
    two = (await asked(youth, other, topic="python  入门"))["id"]
    three = (await asked(youth, other, topic="租房合同"))["id"]

    await answered(mentor, one)

    assert [await status(youth, each) for each in (one, two, three)] == [
        "ACCEPTED",
        "CANCELLED",
        "REQUESTED",
    ]


async def test_a_consent_withdrawn_stops_the_acceptance(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    made = (await asked(youth, mentor))["id"]
    consent = {"purpose": "MENTORSHIP", "version": "1"}
    await youth.done("giveConsent", "youth { id }", **consent, withdraw=True)

    reasons = await mentor.person.refused(
        "respondToMentorshipRequest", "request { id }", requestId=made, response="ACCEPT"
    )
    assert reasons == [("CONSENT_REQUIRED", ["input", "requestId"])]
    assert await status(youth, made) == "REQUESTED"
    await youth.done("giveConsent", "youth { id }", **consent)
    assert (await answered(mentor, made))["status"] == "ACCEPTED"


async def test_the_same_key_gives_the_same_request(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    given = question(mentor)
    first = await youth.done("requestMentorship", REQUEST, **given)
    again = await youth.done("requestMentorship", REQUEST, **given)

    assert first["request"]["id"] == again["request"]["id"]
    reasons = await youth.refused("requestMentorship", "request { id }", **{**given, "topic": "另一个"})
    assert reasons == [("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])]


async def test_strangers_know_of_no_request(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    stranger, other = await mentee(house), await guide(house)
    made = await accepted(house, youth, mentor)

    assert await request(stranger, made) is None
    for name, more in (
        ("cancelMentorshipRequest", {}),
        ("reportMentorshipNoShow", {}),
        ("completeMentorshipSession", {}),
        ("reviewMentorship", {"rating": 1}),
    ):
        reasons = await other.person.refused(name, "request { id }", requestId=made, **more)
        assert reasons == [("NOT_FOUND", ["input", "requestId"])]
    assert await status(youth, made) == "ACCEPTED"


async def test_a_member_of_staff_mentors_too(house: House) -> None:
    member = await house.staff(StaffRole.AUDITOR)
    mentor, youth = await guide(house, member), await mentee(house)
    made = await accepted(house, youth, mentor, hours=30)

    data = await member.run(
        "{ viewer { mentor { id calendarUrl requests { nodes { id message mentee { phone legalName } } } } } }"
    )
    found = data["viewer"]["mentor"]
    assert found["id"] == mentor.id
    assert [each["id"] for each in found["requests"]["nodes"]] == [made]
    assert found["requests"]["nodes"][0]["mentee"] == {"phone": None, "legalName": None}
    payload = await member.done("cancelMentorshipRequest", REQUEST, requestId=made)
    assert payload["request"]["status"] == "CANCELLED"


async def test_one_person_is_one_mentor(house: House) -> None:
    mentor = await guide(house)
    payload = await sent(mentor.manager, "upsertMentor", "mentor { id }", a_mentor(mentor.person))
    assert [error["code"] for error in payload["userErrors"]] == ["ALREADY_EXISTS"]

    changed = {**a_mentor(mentor.person), "id": mentor.id, "headline": "新的介绍", "expectedVersion": 1}
    for codes in ([], ["CONFLICT"]):
        payload = await sent(mentor.manager, "upsertMentor", "mentor { headline version }", changed)
        assert [error["code"] for error in payload["userErrors"]] == codes

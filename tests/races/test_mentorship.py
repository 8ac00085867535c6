"""What mentees, mentors and the worker do to the same request, time or place at one moment."""

import asyncio
from itertools import pairwise
from typing import Any
from uuid import UUID

from races.racing import deadlocks, outside, rows, waiting
from support.asking import day
from support.client import Client
from support.house import House
from support.mentorship import (
    REQUEST,
    Guide,
    accepted,
    answered,
    asked,
    guide,
    mentee,
    mentees,
    question,
    slot,
    weekly,
)

from domain.core.actors import YouthActor
from domain.mentorship.meeting import reschedule
from domain.mentorship.states import MENTORSHIP_STATES, MentorshipStatus
from graph.core.ids import Tag, decode, encode

ROUNDS = 5

UNLAWFUL = {
    "a time is given to one request": """
        SELECT slot_id FROM mentorship_request WHERE status IN ('ACCEPTED', 'COMPLETED', 'NO_SHOW')
        AND slot_id IS NOT NULL GROUP BY slot_id HAVING count(*) > 1""",
    "a mentor's mentees are those accepted, and never above the capacity": """
        SELECT m.id FROM mentorship_mentor m
        LEFT JOIN mentorship_request r ON r.mentor_id = m.id AND r.status = 'ACCEPTED'
        GROUP BY m.id HAVING count(r.id) <> m.mentees OR m.mentees > m.capacity""",
    "nobody is to meet at a time that was taken back": """
        SELECT r.id FROM mentorship_request r JOIN mentorship_slot s ON s.id = r.slot_id
        WHERE r.status = 'ACCEPTED' AND s.closed_at IS NOT NULL""",
    "a rule has one time a day, but for those that somebody has still": """
        SELECT rule_id FROM mentorship_slot WHERE closed_at IS NULL AND NOT leaving AND rule_id IS NOT NULL
        GROUP BY rule_id, rule_on HAVING count(*) > 1""",
    "three wait for an answer at most": """
        SELECT youth_id FROM mentorship_request WHERE status IN ('REQUESTED', 'NEEDS_INFORMATION')
        GROUP BY youth_id HAVING count(*) > 3 OR count(DISTINCT open_slot) <> count(*)""",
    "a request goes on once": """
        SELECT rerouted_from FROM mentorship_request WHERE rerouted_from IS NOT NULL
        GROUP BY rerouted_from HAVING count(*) > 1""",
    "only what lapsed goes on": """
        SELECT r.id FROM mentorship_request r JOIN mentorship_request before ON before.id = r.rerouted_from
        WHERE before.status <> 'EXPIRED'""",
    "the last move of a request is its state": """
        SELECT r.id FROM mentorship_request r WHERE r.status IS DISTINCT FROM (
            SELECT status FROM core_state_event WHERE subject_id = r.id ORDER BY id DESC LIMIT 1)""",
    "each move of a request has its event": """
        SELECT r.id FROM mentorship_request r
        WHERE (SELECT count(*) FROM core_state_event WHERE subject_id = r.id) <>
            (SELECT count(*) FROM core_outbox_event
             WHERE topic = 'mentorship.moved' AND payload ->> 'request_id' = r.id::text)""",
}


async def assert_lawful(house: House) -> None:
    for rule, statement in UNLAWFUL.items():
        assert await rows(house, statement) == [], rule
    moves: dict[UUID, list[MentorshipStatus]] = {}
    history = (
        "SELECT subject_id, e.status FROM core_state_event e"
        " JOIN mentorship_request r ON r.id = e.subject_id ORDER BY e.id"
    )
    for subject, status in await rows(house, history):
        moves.setdefault(subject, []).append(MentorshipStatus(status))
    for states in moves.values():
        assert states[0] is MentorshipStatus.REQUESTED
        assert all(MENTORSHIP_STATES.may(before, after) for before, after in pairwise(states)), states


def verdict(payload: dict[str, Any]) -> str:
    """The state that the request came to, or the code of why not."""
    if payload["userErrors"]:
        [code] = {reason["code"] for reason in payload["userErrors"]}
        return str(code)
    return str(payload["request"]["status"])


async def respond(mentor: Client, request: str, response: str = "ACCEPT", **more: Any) -> str:
    given = {"requestId": request, "response": response, **more}
    return verdict(await mentor.mutate("respondToMentorshipRequest", REQUEST, **given))


async def cancel(who: Client, request: str) -> str:
    return verdict(await who.mutate("cancelMentorshipRequest", REQUEST, requestId=request))


async def test_two_mentees_one_time(house: House) -> None:
    for number in range(ROUNDS):
        mentor = await guide(house, capacity=50)
        time = await slot(house, mentor, 48 + number)
        youths = await mentees(house, 6)
        made = [(await asked(youth, mentor, slotId=time))["id"] for youth in youths]

        got = await asyncio.gather(*(respond(mentor.person, each, slotId=time) for each in made))

        assert sorted(got) == ["ACCEPTED", *["SOLD_OUT"] * 5]
    await assert_lawful(house)
    assert await deadlocks(house) == 0


async def test_capacity_at_its_edge(house: House) -> None:
    for _ in range(ROUNDS):
        mentor = await guide(house, capacity=3)
        youths = await mentees(house, 8)
        made = [(await asked(youth, mentor))["id"] for youth in youths]

        got = await asyncio.gather(*(respond(mentor.person, each) for each in made))

        assert sorted(got) == ["ACCEPTED"] * 3 + ["SOLD_OUT"] * 5
    await assert_lawful(house)


async def test_accept_against_cancel(house: House) -> None:
    for _ in range(ROUNDS):
        mentor, youth = await guide(house), await mentee(house)
        made = (await asked(youth, mentor))["id"]

        taken, left = await asyncio.gather(respond(mentor.person, made), cancel(youth, made))

        # the mentee's word counts in whatever order, since a session without a time can be called off
        assert taken in {"ACCEPTED", "CANCELLED", "INVALID_STATE"}
        assert left == "CANCELLED"
    await assert_lawful(house)


async def test_accept_against_decline(house: House) -> None:
    for _ in range(ROUNDS):
        mentor, youth = await guide(house), await mentee(house)
        made = (await asked(youth, mentor))["id"]

        got = await asyncio.gather(respond(mentor.person, made), respond(mentor.person, made, "DECLINE"))

        assert sorted(got) in (["ACCEPTED", "INVALID_STATE"], ["DECLINED", "INVALID_STATE"])
    await assert_lawful(house)


async def test_two_mentors_take_one_topic(house: House) -> None:
    for _ in range(ROUNDS):
        one, two, youth = await guide(house), await guide(house), await mentee(house)
        made = [(await asked(youth, each, topic="同一主题"))["id"] for each in (one, two)]

        got = await asyncio.gather(respond(one.person, made[0]), respond(two.person, made[1]))

        assert sorted(got) == ["ACCEPTED", "INVALID_STATE"]
    await assert_lawful(house)
    assert await deadlocks(house) == 0


async def test_many_ask_for_the_last_place(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    asks = [question(mentor) for _ in range(8)]

    got = await asyncio.gather(*(youth.mutate("requestMentorship", REQUEST, **given) for given in asks))

    assert sorted(map(verdict, got)) == ["QUOTA_EXCEEDED"] * 5 + ["REQUESTED"] * 3
    await assert_lawful(house)


async def test_expiry_against_accept(house: House) -> None:
    """The clock stands at the last moment; workers see the time over, the mentor a moment before."""
    for number in range(ROUNDS):
        mentor, youth = await guide(house), await mentee(house)
        await guide(house)
        made = (await asked(youth, mentor))["id"]
        house.clock.move(hours=72, seconds=-1)

        async def lapse(pause: float = number * 0.004) -> None:
            await asyncio.sleep(pause)
            house.clock.move(seconds=2)
            await asyncio.gather(*(house.worker().run_pieces() for _ in range(3)))

        taken, _ = await asyncio.gather(respond(mentor.person, made), lapse())

        [status] = await rows(
            house,
            "SELECT status FROM mentorship_request WHERE id = :id",
            id=decode(Tag.MentorshipRequest, made),
        )
        assert (taken, status[0]) in {("ACCEPTED", "ACCEPTED"), ("INVALID_STATE", "EXPIRED")}
    await assert_lawful(house)


async def test_workers_let_a_request_lapse_once(house: House) -> None:
    mentor = await guide(house, fields=["SKILLS"], capacity=50)
    for _ in range(3):
        await guide(house, fields=["SKILLS"], capacity=50)
    for youth in await mentees(house, 5):
        await asked(youth, mentor)
    house.clock.move(hours=73)

    await asyncio.gather(*(house.worker().run_pieces() for _ in range(4)))

    [count] = await rows(house, "SELECT count(*) FROM mentorship_request WHERE rerouted_from IS NOT NULL")
    assert count[0] >= 5
    await assert_lawful(house)
    assert await deadlocks(house) == 0


async def test_moved_to_one_time_at_once(house: House) -> None:
    mentor = await guide(house, capacity=10)
    youths = await mentees(house, 4)
    made = [await accepted(house, youth, mentor, 30 + 2 * n) for n, youth in enumerate(youths)]
    wanted = await slot(house, mentor, 60)

    got = await asyncio.gather(
        *(
            youth.mutate("rescheduleMentorship", REQUEST, requestId=each, slotId=wanted)
            for youth, each in zip(youths, made, strict=True)
        ),
        mentor.person.mutate("closeMentorSlots", "mentor { id }", slotIds=[wanted]),
    )

    codes = sorted(error["code"] for payload in got for error in payload["userErrors"])
    assert codes in (["INVALID_STATE", *["SOLD_OUT"] * 3], ["SOLD_OUT"] * 4)
    await assert_lawful(house)


async def test_crisis_words_at_once_open_one_case(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    asks = [question(mentor, message="我不想活了") for _ in range(4)]

    got = await asyncio.gather(*(youth.mutate("requestMentorship", REQUEST, **given) for given in asks))

    assert len({payload["openedCase"]["id"] for payload in got}) == 1
    [count] = await rows(
        house,
        "SELECT count(*) FROM cases_message m JOIN cases_case c ON c.id = m.case_id WHERE c.youth_id = :y",
        y=youth.key,
    )
    assert count[0] == 4


async def _times_of(house: House, mentor: Guide) -> list[str]:
    """Ids of the times to come of the mentor's weekly rules."""
    found = await rows(
        house,
        "SELECT id FROM mentorship_slot WHERE mentor_id = :id AND rule_id IS NOT NULL AND closed_at IS NULL ORDER BY starts_at",
        id=decode(Tag.Mentor, mentor.id),
    )
    return [encode(Tag.MentorSlot, row.id) for row in found]


async def test_a_time_is_given_while_its_rule_ends(house: House) -> None:
    for number in range(ROUNDS * 2):
        mentor, youth = await guide(house), await mentee(house)
        rule = await weekly(house, mentor, firstOn=day(house, 2), lastOn=day(house, 2))
        [time] = await _times_of(house, mentor)
        made = (await asked(youth, mentor, slotId=time))["id"]

        async def end(
            pause: float = number * 0.002, rule: str = rule["id"], who: Client = mentor.person
        ) -> Any:
            await asyncio.sleep(pause)
            return await who.mutate("endWeeklySlots", "mentor { id }", weeklyId=rule)

        taken, ended = await asyncio.gather(respond(mentor.person, made, slotId=time), end())

        assert ended["userErrors"] == []
        [left] = await rows(
            house,
            "SELECT closed_at IS NOT NULL AS closed, leaving FROM mentorship_slot WHERE id = :id",
            id=decode(Tag.MentorSlot, time),
        )
        assert (taken, left.closed, left.leaving) in {("ACCEPTED", False, True), ("SOLD_OUT", True, False)}
    await assert_lawful(house)


async def test_a_session_is_moved_to_a_time_whose_rule_ends(house: House, database_url: str) -> None:
    """Who moves a session holds times alone and not the mentor: whoever takes one back looks again once it is theirs."""
    mentor, youth = await guide(house), await mentee(house)
    made = await accepted(house, youth, mentor, 200)
    rule = await weekly(house, mentor, firstOn=day(house, 2), lastOn=day(house, 2))
    [time] = [decode(Tag.MentorSlot, each) for each in await _times_of(house, mentor)]

    async with outside(database_url) as watch, house.database.write(YouthActor(youth.key)) as tx:
        await reschedule(tx, decode(Tag.MentorshipRequest, made), time)
        ending = asyncio.create_task(
            mentor.person.mutate("endWeeklySlots", "mentor { id }", weeklyId=rule["id"])
        )
        await waiting(watch, 1)
    assert (await ending)["userErrors"] == []

    [left] = await rows(
        house, "SELECT closed_at IS NOT NULL AS closed, leaving FROM mentorship_slot WHERE id = :id", id=time
    )
    assert (left.closed, left.leaving) == (False, True)
    await assert_lawful(house)


async def test_workers_open_each_time_of_a_rule_once(house: House) -> None:
    mentors = [await guide(house) for _ in range(4)]
    for mentor in mentors:
        for starts, ends in (("09:00", "10:00"), ("15:00", "16:00")):
            await weekly(house, mentor, starts=starts, ends=ends, firstOn=day(house, 1))
    house.clock.move(days=8)

    await asyncio.gather(*(house.worker().run_pieces() for _ in range(4)))

    [due] = await rows(
        house, "SELECT count(*) FROM mentorship_weekly WHERE due_at <= :now", now=house.clock()
    )
    assert due[0] == 0
    for mentor in mentors:
        assert len(await _times_of(house, mentor)) >= 2 * (13 * 7 + 7)
    await assert_lawful(house)
    assert await deadlocks(house) == 0


async def test_sessions_are_moved_while_the_rule_changes(house: House) -> None:
    for number in range(ROUNDS):
        mentor, youths = await guide(house, capacity=10), await mentees(house, 3)
        rule = await weekly(house, mentor, firstOn=day(house, 2), lastOn=day(house, 7))
        times = await _times_of(house, mentor)
        made = []
        for youth, time in zip(youths, times, strict=False):
            made.append((await asked(youth, mentor, slotId=time))["id"])
            await answered(mentor, made[-1])

        got = await asyncio.gather(
            *(
                youth.mutate("rescheduleMentorship", REQUEST, requestId=each, slotId=time)
                for youth, each, time in zip(youths, made, times[3:], strict=True)
            ),
            mentor.person.mutate(
                "changeWeeklySlots",
                "mentor { id }",
                weeklyId=rule["id"],
                starts="20:00" if number % 2 else "19:30",
                ends="21:00",
            ),
            house.worker().run_pieces(),
        )

        assert got[3]["userErrors"] == []
        assert {error["code"] for payload in got[:3] for error in payload["userErrors"]} <= {"SOLD_OUT"}
    await assert_lawful(house)
    assert await deadlocks(house) == 0

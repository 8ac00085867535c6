"""Times of every week: kept as a rule, unfolded at once and as the weeks come, changed, left out on days, ended."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from support.asking import day, node, told
from support.house import House
from support.mentorship import (
    RULE,
    Guide,
    a_rule,
    answered,
    asked,
    guide,
    mentee,
    request,
    slot,
    times,
    weekly,
)

from domain.core.actors import StaffRole
from domain.core.clock import SHANGHAI
from domain.mentorship import weekly as weekly_domain
from domain.mentorship.unfolding import HORIZON


async def offered(house: House, mentor: Guide) -> list[dict[str, Any]]:
    """What the mentor offers from now on, as anybody sees it."""
    return await times(house.anyone, mentor, house.clock(), house.clock() + HORIZON)


async def days(house: House, mentor: Guide) -> list[str]:
    """On which days the mentor offers times, in Shanghai."""
    found = await offered(house, mentor)
    return [f"{datetime.fromisoformat(one['startsAt']).astimezone(SHANGHAI):%Y-%m-%d}" for one in found]


def evening(house: House, number: int) -> datetime:
    """When the rule's time begins so many days from today."""
    return datetime.combine(date.fromisoformat(day(house, number)), time(19), SHANGHAI)


def ahead(house: House, first: int = 1) -> list[str]:
    """The days from a number of days on, up to the horizon."""
    until = house.clock() + HORIZON
    return [day(house, n) for n in range(first, HORIZON.days + 1) if evening(house, n) <= until]


async def rules(mentor: Guide) -> list[dict[str, Any]]:
    data = await mentor.person.run(f"{{ viewer {{ mentor {{ weeklySlots {{ {RULE} }} }} }} }}")
    return data["viewer"]["mentor"]["weeklySlots"]


async def changed(mentor: Guide, rule: dict[str, Any], **changes: Any) -> None:
    await mentor.person.done("changeWeeklySlots", "mentor { id }", weeklyId=rule["id"], **changes)


async def given_time(house: House, mentor: Guide, on: str) -> tuple[Any, str]:
    """A mentee who has the mentor's time of a day, and the request."""
    youth = await mentee(house)
    [free] = [
        one
        for one, its in zip(await offered(house, mentor), await days(house, mentor), strict=True)
        if its == on
    ]
    made = (await asked(youth, mentor, slotId=free["id"]))["id"]
    await answered(mentor, made)
    return youth, made


async def test_a_rule_is_kept_and_its_times_are_there_at_once(house: House) -> None:
    mentor = await guide(house)
    rule = await weekly(house, mentor, firstOn=day(house, 1), lastOn=day(house, 200))
    for _ in range(2):  # the same again changes nothing
        assert await weekly(house, mentor, firstOn=day(house, 1), lastOn=day(house, 200)) == rule

    assert await rules(mentor) == [rule]
    assert (rule["starts"], rule["lastOn"], rule["skippedOn"]) == ("19:00", day(house, 200), [])
    assert await days(house, mentor) == ahead(house)
    assert all(one["startsAt"].endswith("T11:00:00Z") for one in await offered(house, mentor))
    reasons = await mentor.person.refused(
        "openMentorSlots",
        "mentor { id }",
        mentorId=mentor.id,
        slots=[],
        weekly=a_rule(house, firstOn=day(house, 1)),
    )
    assert reasons == [("ALREADY_EXISTS", ["input", "weekly"])]


async def test_the_worker_goes_on_as_the_weeks_come(house: House) -> None:
    mentor = await guide(house)
    await weekly(house, mentor, firstOn=day(house, 1))

    for away in (timedelta(days=21), HORIZON * 2):  # the second time there was no worker for half a year
        house.clock.move(seconds=away.total_seconds())
        for _ in range(2):
            await house.work()
        found = await days(house, mentor)
        assert found[-len(ahead(house)) :] == ahead(house)
        assert len(found) == len(set(found))


async def test_a_rule_ends_with_its_last_day(house: House) -> None:
    mentor = await guide(house)
    await weekly(house, mentor, firstOn=day(house, 1), lastOn=day(house, 3))
    house.clock.move(days=8)
    await house.work()
    assert await days(house, mentor) == []
    async with house.looking() as db:
        due = "SELECT count(*) FROM mentorship_weekly WHERE due_at IS NOT NULL AND last_on < :today"
        assert await db.scalar(sa.text(due).bindparams(today=date.fromisoformat(day(house)))) == 0


async def test_what_is_in_the_way_is_skipped_and_told_once(house: House) -> None:
    mentor, on = await guide(house), day(house, 8)
    hours = (evening(house, 8) - house.clock()).total_seconds() / 3600
    single = await slot(house, mentor, hours + 0.5)
    rule = await weekly(house, mentor, firstOn=day(house, 7), lastOn=day(house, 9))

    assert rule["skippedOn"] == [on]
    assert len(await days(house, mentor)) == 3  # with the one that is in the way
    for _ in range(2):
        await house.work()
        house.clock.move(hours=25)
    assert await told(mentor.person) == ["MENTORSHIP_TIMES_SKIPPED"]

    await mentor.person.done("closeMentorSlots", "mentor { id }", slotIds=[single])
    await house.work()
    assert [each["skippedOn"] for each in await rules(mentor)] == [[]]
    assert on in await days(house, mentor)
    assert await told(mentor.person) == ["MENTORSHIP_TIMES_SKIPPED"]


async def test_a_change_takes_free_times_back_and_leaves_given_ones(house: House) -> None:
    mentor = await guide(house)
    rule = await weekly(house, mentor, firstOn=day(house, 2), lastOn=day(house, 5))
    youth, made = await given_time(house, mentor, day(house, 3))

    await changed(mentor, rule, starts="19:30", ends="20:30")

    found = [
        f"{datetime.fromisoformat(one['startsAt']).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        for one in await offered(house, mentor)
    ]
    assert found == [f"{day(house, number)} {'19:00' if number == 3 else '19:30'}" for number in (2, 3, 4, 5)]
    [after] = await rules(mentor)
    assert (after["starts"], after["skippedOn"]) == ("19:30", [day(house, 3)])
    assert (await request(youth, made, "session { id }"))["session"] is not None
    # when the mentee leaves, the old time is not offered any more
    await youth.done("cancelMentorshipRequest", "request { id }", requestId=made)
    assert await days(house, mentor) == [day(house, number) for number in (2, 4, 5)]


async def test_what_a_change_leaves_alone_stays_the_same_time(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    rule = await weekly(house, mentor, firstOn=day(house, 2), lastOn=day(house, 4))
    before = await offered(house, mentor)
    made = (await asked(youth, mentor, slotId=before[0]["id"]))["id"]

    await changed(mentor, rule, lastOn=None, exceptOn=[day(house, 3)])

    after = await offered(house, mentor)
    assert len(after) == len(ahead(house, 2)) - 1
    assert [one["id"] for one in after][:2] == [before[0]["id"], before[2]["id"]]
    assert (await request(youth, made, "session { id }"))["session"]["id"] == before[0]["id"]
    assert (await rules(mentor))[0]["lastOn"] is None


async def test_a_day_that_was_given_and_comes_back_stays(house: House) -> None:
    mentor = await guide(house)
    rule = await weekly(house, mentor, firstOn=day(house, 2), lastOn=day(house, 3))
    youth, made = await given_time(house, mentor, day(house, 2))
    await changed(mentor, rule, exceptOn=[day(house, 2), day(house, 3)])
    assert await days(house, mentor) == [day(house, 2)]
    await changed(mentor, rule, exceptOn=[])
    await youth.done("cancelMentorshipRequest", "request { id }", requestId=made)
    assert [one["free"] for one in await offered(house, mentor)] == [True, True]


async def test_a_time_of_a_rule_that_is_moved_away_from_is_taken_back_too(house: House) -> None:
    mentor = await guide(house)
    rule = await weekly(house, mentor, firstOn=day(house, 2), lastOn=day(house, 3))
    youth, made = await given_time(house, mentor, day(house, 2))
    later = await slot(house, mentor, 24 * 6)
    await mentor.person.done("endWeeklySlots", "mentor { id }", weeklyId=rule["id"])
    await youth.done("rescheduleMentorship", "request { id }", requestId=made, slotId=later)
    assert [one["id"] for one in await offered(house, mentor)] == [later]


async def test_a_time_taken_back_by_itself_does_not_come_again(house: House) -> None:
    mentor = await guide(house)
    await weekly(house, mentor, firstOn=day(house, 2), lastOn=day(house, 4))
    middle = (await offered(house, mentor))[1]["id"]
    for _ in range(2):
        await mentor.person.done("closeMentorSlots", "mentor { id }", slotIds=[middle])

    left_out = day(house, 3)
    assert (await rules(mentor))[0]["exceptOn"] == [left_out]
    house.clock.move(hours=25)
    await house.work()
    assert left_out not in await days(house, mentor)


async def test_an_ended_rule_leaves_nothing_but_what_is_given(house: House) -> None:
    mentor = await guide(house)
    rule = await weekly(house, mentor, firstOn=day(house, 2))
    on = day(house, 3)
    youth, made = await given_time(house, mentor, on)

    for who in (mentor.person, mentor.manager):
        payload = await who.done("endWeeklySlots", "mentor { weeklySlots { id } }", weeklyId=rule["id"])
        assert payload["mentor"]["weeklySlots"] == []
    house.clock.move(hours=25)
    await house.work()

    assert await days(house, mentor) == [on]
    assert (await request(youth, made))["status"] == "ACCEPTED"
    reasons = await mentor.person.refused(
        "changeWeeklySlots", "mentor { id }", weeklyId=rule["id"], ends="21:00"
    )
    assert reasons == [("INVALID_STATE", ["input", "weeklyId"])]
    # the same may be offered anew
    assert (await weekly(house, mentor, firstOn=day(house, 2)))["id"] != rule["id"]


async def test_a_holiday_that_is_announced_later_is_left_out(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weekly_domain, "is_public_holiday", lambda _: False)
    mentor = await guide(house)
    await weekly(house, mentor, firstOn=day(house, 2), lastOn=day(house, 5), onPublicHolidays=False)
    off = date.fromisoformat(day(house, 4))
    assert off.isoformat() in await days(house, mentor)

    monkeypatch.setattr(weekly_domain, "is_public_holiday", lambda one: one == off)
    house.clock.move(hours=25)
    await house.work()

    assert off.isoformat() not in await days(house, mentor)


async def test_who_sees_and_changes_a_rule(house: House) -> None:
    mentor, other = await guide(house), await guide(house)
    rule = await weekly(house, mentor, firstOn=day(house, 2), lastOn=day(house, 3))
    selection = "query ($id: ID!) { node(id: $id) { ... on Mentor { weeklySlots { id } } } }"
    far = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440300")
    for who, sees in ((mentor.person, True), (mentor.manager, True), (far, False), (other.person, False)):
        shown = (await who.run(selection, id=mentor.id))["node"]["weeklySlots"]
        assert shown == ([{"id": rule["id"]}] if sees else None)
        assert await node(who, "WeeklySlots", rule["id"], "id") == ({"id": rule["id"]} if sees else None)
    for name, more in (("changeWeeklySlots", {"ends": "21:00"}), ("endWeeklySlots", {})):
        for who in (far, other.person):
            reasons = await who.refused(name, "mentor { id }", weeklyId=rule["id"], **more)
            assert reasons == [("NOT_FOUND", ["input", "weeklyId"])]
    assert await rules(mentor) == [rule]


async def test_a_rule_that_makes_no_sense_changes_nothing(house: House) -> None:
    mentor = await guide(house)
    rule = await weekly(house, mentor, firstOn=day(house, 2), lastOn=day(house, 3))
    reasons = await mentor.person.refused(
        "changeWeeklySlots",
        "mentor { id }",
        weeklyId=rule["id"],
        starts="7pm",
        timeZone="Moon/Crater",
        lastOn=day(house, -3),
    )
    assert reasons == [("INVALID_INPUT", ["input", field]) for field in ("starts", "lastOn", "timeZone")]
    assert await rules(mentor) == [rule]
    refused = await mentor.person.refused(
        "openMentorSlots", "mentor { id }", mentorId=mentor.id, slots=[], weekly=a_rule(house, weekdays=[8])
    )
    assert refused == [("INVALID_INPUT", ["input", "weekly", "weekdays"])]
    assert await rules(mentor) == [rule]


async def test_so_many_rules_and_no_more(house: House) -> None:
    mentor = await guide(house)
    last = {"firstOn": day(house, 1), "lastOn": day(house, 1)}
    for number in range(20):
        await weekly(house, mentor, starts=f"{number:02}:00", ends=f"{number:02}:30", **last)
    reasons = await mentor.person.refused(
        "openMentorSlots",
        "mentor { id }",
        mentorId=mentor.id,
        slots=[],
        weekly=a_rule(house, starts="20:30", ends="21:00"),
    )
    assert reasons == [("QUOTA_EXCEEDED", ["input", "weekly"])]
    assert len(await rules(mentor)) == 20


async def test_the_mentor_abroad_offers_by_their_own_clock(house: House) -> None:
    mentor = await guide(house)
    await weekly(house, mentor, timeZone="Europe/London", firstOn=day(house, 1))
    hours = {(one["startsAt"][5:7], one["startsAt"][11:16]) for one in await offered(house, mentor)}
    assert {hour for _, hour in hours} <= {"18:00", "19:00"}

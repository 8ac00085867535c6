"""The calendar: a feed by a secret link, for mentor and mentee, that a real parser loads."""

from datetime import datetime, timedelta
from typing import Any

from icalendar import Calendar
from support.asking import inbox
from support.house import House, Person
from support.mentorship import REQUEST, Guide, accepted, completed, guide, mentee, request, slot
from support.texts import Texts, played

from domain.core.actors import StaffRole


async def of_mentor(mentor: Guide) -> str:
    data = await mentor.person.run("{ viewer { mentor { calendarUrl } } }")
    return str(data["viewer"]["mentor"]["calendarUrl"])


async def of_mentee(youth: Person) -> str:
    data = await youth.run("{ viewer { youth { mentorshipCalendarUrl } } }")
    return str(data["viewer"]["youth"]["mentorshipCalendarUrl"])


def whole_second(text: str) -> datetime:
    """As a calendar writes an instant."""
    return datetime.fromisoformat(text).replace(microsecond=0)


async def events(house: House, url: str) -> list[Any]:
    answer = await house.http.get(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["cache-control"] == "no-store"
    calendar = Calendar.from_ical(answer.content)
    assert calendar["version"] == "2.0"
    assert all(b"\r\n" in line for line in answer.content.splitlines(keepends=True))
    return list(calendar.walk("VEVENT"))


async def test_both_sides_have_the_session(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house, verified=True)
    made = await accepted(house, youth, mentor, hours=48)
    await completed(house, youth, mentor)  # without a time: in no calendar
    session = (await request(youth, made, "session { startsAt endsAt }"))["session"]

    for url, summary in ((await of_mentor(mentor), "导师辅导"), (await of_mentee(youth), None)):
        [event] = await events(house, url)
        assert event["dtstart"].dt == whole_second(session["startsAt"])
        assert event["dtend"].dt == whole_second(session["endsAt"])
        assert summary is None or event["summary"] == summary
        assert [alarm["trigger"].dt for alarm in event.walk("VALARM")] == [
            timedelta(hours=-24),
            timedelta(hours=-1),
        ]


async def test_a_moved_session_is_the_same_event_and_a_cancelled_one_is_gone(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    made = await accepted(house, youth, mentor, hours=48)
    url = await of_mentee(youth)
    [before] = await events(house, url)
    later = await slot(house, mentor, 60)
    await youth.done("rescheduleMentorship", REQUEST, requestId=made, slotId=later)

    [after] = await events(house, url)
    assert after["uid"] == before["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert after["dtstart"].dt > before["dtstart"].dt
    await youth.done("cancelMentorshipRequest", REQUEST, requestId=made)
    assert await events(house, url) == []


async def test_nothing_but_the_link_opens_it(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    url = await of_mentor(mentor)
    other = await of_mentor(await guide(house))
    path, signature = url.split("?")
    foreign = path + "?" + other.split("?")[1]
    for wrong in (
        path,
        path + "?signature=x",
        foreign,
        url.replace("/mentor/", "/mentee/"),
        path.upper() + "?" + signature,
    ):
        assert (await house.http.get(wrong)).status_code == 404
    assert (await house.http.head(url)).status_code == 200
    data = await youth.run(
        "query ($id: ID!) { node(id: $id) { ... on Mentor { calendarUrl requests { totalCount } } } }",
        id=mentor.id,
    )
    assert data["node"] == {"calendarUrl": None, "requests": None}


async def renewed(who: Person, side: str, key: str) -> str:
    payload = await who.done("renewMentorshipCalendar", "calendarUrl", side=side, idempotencyKey=key)
    return str(payload["calendarUrl"])


async def opens(house: House, url: str) -> bool:
    answer = await house.http.get(url)
    assert answer.status_code in {200, 404}
    return answer.status_code == 200


async def test_a_renewed_link_ends_those_before_it_at_once(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    theirs, first = await of_mentor(mentor), await of_mentee(youth)

    second = await renewed(youth, "MENTEE", "one")
    assert [await opens(house, url) for url in (first, second)] == [False, True]
    assert await renewed(youth, "MENTEE", "one") == second == await of_mentee(youth)
    third = await renewed(youth, "MENTEE", "two")
    assert [await opens(house, url) for url in (first, second, third)] == [False, False, True]
    assert await opens(house, theirs)
    for wrong in (
        second.replace("number=1", "number=2"),
        third.replace("number=2", "number=02"),
        third.replace("number=2", "number=" + "9" * 30),
        third.replace("number=2&", ""),
        third.replace("number=2", "number=-2"),
    ):
        assert not await opens(house, wrong)

    ours = await renewed(mentor.person, "MENTOR", "one")
    assert [await opens(house, url) for url in (theirs, ours, third)] == [False, True, True]


async def test_who_renews_which_link(house: House) -> None:
    member, youth = await house.staff(StaffRole.AUDITOR), await house.youth()
    for who, side, reason in (
        (house.anyone, "MENTEE", ("UNAUTHENTICATED", None)),
        (member, "MENTEE", ("FORBIDDEN", None)),
        (member, "MENTOR", ("NOT_FOUND", ["input", "side"])),
        (youth, "MENTOR", ("NOT_FOUND", ["input", "side"])),
    ):
        given = {"side": side, "idempotencyKey": f"none-{side}"}
        assert await who.refused("renewMentorshipCalendar", "calendarUrl", **given) == [reason]
    mentor = await guide(house, member)
    assert await opens(house, await renewed(mentor.person, "MENTOR", "now"))


async def test_the_link_of_the_erased_leads_nowhere(house: House, monkeypatch: Any) -> None:
    texts: Texts = played(house, monkeypatch)
    mentor, youth, other = await guide(house), await mentee(house), await mentee(house)
    mine, theirs = await accepted(house, youth, mentor, 400), await accepted(house, other, mentor, 402)
    urls = [await of_mentor(mentor), await of_mentee(youth)]
    for who in (mentor.person, youth):
        code = await texts.code(who.phone, "DELETE_ACCOUNT")
        await who.done("deleteMyAccount", "erasesAt", code=code)
    house.clock.move(days=7)
    await house.work()

    assert [(await house.http.get(url)).status_code for url in urls] == [404, 404]
    seen = await request(other, theirs, "status mentor { name headline }")
    assert seen == {"status": "CANCELLED", "mentor": {"name": "已注销", "headline": "已注销"}}
    assert await request(other, mine) is None
    words = [notice["body"] for notice in await inbox(other)]
    assert words
    assert all("已注销" in body and "示例导师" not in body for body in words)
    house.clock.move(days=-7)

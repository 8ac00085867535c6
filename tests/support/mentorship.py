"""Mentors, times and requests as tests make them."""

import base64
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from openpyxl import Workbook
from support.asking import day, instant, node, sent
from support.client import Client
from support.house import House, Person

from domain.accounts.models import ConsentPurpose
from domain.core.actors import StaffRole

_numbers = count(1)

REQUEST = "request { id status session { id startsAt } mentor { id } } openedCase { id number } notice"


@dataclass(frozen=True, slots=True)
class Guide:
    """A mentor with the person, who is a youth unless wished otherwise, and the manager who made them one."""

    id: str
    person: Person
    manager: Person


def a_mentor(person: Person, **others: Any) -> dict[str, Any]:
    """A valid UpsertMentorInput; anything may be said otherwise."""
    return {
        "personId": person.id,
        "name": f"示例导师{next(_numbers)}",
        "headline": "十年人力资源经验",
        "biography": "愿意陪青年走一段路。",
        "fields": ["CAREER"],
        "divisionCode": "440106",
        **others,
    }


async def guide(house: House, person: Person | None = None, unit: str = "440000", **others: Any) -> Guide:
    """A mentor who must be taken; a verified youth when nobody is named."""
    who = person or await house.youth(verified=True)
    manager = await house.staff(StaffRole.PROGRAMME_MANAGER, unit=unit)
    payload = await sent(manager, "upsertMentor", "mentor { id }", a_mentor(who, **others))
    assert payload["userErrors"] == [], payload["userErrors"]
    return Guide(payload["mentor"]["id"], who, manager)


def between(house: House, hours: float, minutes: int = 60) -> dict[str, str]:
    """A SlotInput so many hours from now."""
    return {
        "startsAt": instant(house, hours=hours),
        "endsAt": instant(house, hours=hours, minutes=minutes),
    }


async def slot(house: House, mentor: Guide, hours: float = 48, minutes: int = 60) -> str:
    """The id of a new time so many hours from now."""
    wanted = between(house, hours, minutes)
    await mentor.person.done("openMentorSlots", "mentor { id }", mentorId=mentor.id, slots=[wanted])
    start = datetime.fromisoformat(wanted["startsAt"])
    [found] = await times(mentor.person, mentor, start, start + timedelta(minutes=minutes))
    return str(found["id"])


def a_rule(house: House, **others: Any) -> dict[str, Any]:
    """A valid WeeklySlotsInput, every day at seven in the evening, from today on."""
    return {
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "starts": "19:00",
        "ends": "20:00",
        "firstOn": day(house),
        "onPublicHolidays": True,
        **others,
    }


RULE = "id weekdays starts ends timeZone firstOn lastOn exceptOn onPublicHolidays skippedOn"


async def weekly(house: House, mentor: Guide, **others: Any) -> dict[str, Any]:
    """The rule that was made last, after one more was made."""
    payload = await mentor.person.done(
        "openMentorSlots",
        f"mentor {{ weeklySlots {{ {RULE} }} }}",
        mentorId=mentor.id,
        slots=[],
        weekly=a_rule(house, **others),
    )
    return payload["mentor"]["weeklySlots"][-1]


async def times(client: Client, mentor: Guide, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """What the mentor offers between two instants."""
    data = await client.run(
        "query ($id: ID!, $from: DateTime!, $to: DateTime!) { node(id: $id) { ... on Mentor"
        " { slots(from: $from, to: $to) { id startsAt endsAt free } } } }",
        id=mentor.id,
        **{"from": start.isoformat(), "to": end.isoformat()},
    )
    return data["node"]["slots"]


async def mentees(house: House, number: int, *more: ConsentPurpose, **wish: Any) -> list[Person]:
    """Youths who may ask."""
    return await house.youths(number, consents=(ConsentPurpose.MENTORSHIP, *more), **wish)


async def mentee(house: House, *more: ConsentPurpose, **wish: Any) -> Person:
    return (await mentees(house, 1, *more, **wish))[0]


def born(house: House, years: int) -> date:
    """Of somebody so many years old today."""
    today = house.clock().astimezone(UTC).date()
    return date(today.year - years, 1, 1)


def question(mentor: Guide, **others: Any) -> dict[str, Any]:
    number = next(_numbers)
    return {
        "mentorId": mentor.id,
        "topic": f"简历修改{number}",
        "message": "您好，想请您看看我的简历。",
        "idempotencyKey": f"ask-{number}",
        **others,
    }


async def asked(who: Person, mentor: Guide, **others: Any) -> dict[str, Any]:
    """A request that must be taken."""
    payload = await who.done("requestMentorship", REQUEST, **question(mentor, **others))
    return payload["request"]


async def refused(who: Client, mentor: Guide, **others: Any) -> list[str]:
    """The codes with which a request is refused."""
    reasons = await who.refused("requestMentorship", "request { id }", **question(mentor, **others))
    return sorted(code for code, _ in reasons)


async def answered(mentor: Guide, request: str, response: str = "ACCEPT", **others: Any) -> dict[str, Any]:
    payload = await mentor.person.done(
        "respondToMentorshipRequest", REQUEST, requestId=request, response=response, **others
    )
    return payload["request"]


async def accepted(house: House, who: Person, mentor: Guide, hours: float = 48) -> str:
    """The id of a request that has a session so many hours from now."""
    time = await slot(house, mentor, hours)
    request = await asked(who, mentor, slotId=time)
    taken = await answered(mentor, request["id"])
    assert taken["status"] == "ACCEPTED"
    assert taken["session"]["id"] == time
    return str(request["id"])


async def completed(house: House, who: Person, mentor: Guide) -> str:
    """The id of a request that was answered and held, without a time."""
    request = await asked(who, mentor)
    await answered(mentor, request["id"])
    await mentor.person.done("completeMentorshipSession", REQUEST, requestId=request["id"])
    return str(request["id"])


async def request(who: Client, identity: str, selection: str = "status") -> Any:
    return await node(who, "MentorshipRequest", identity, selection)


async def status(who: Client, identity: str) -> str:
    return str((await request(who, identity))["status"])


def sheet(*rows: tuple[str, str], header: tuple[str, str] = ("青年手机号", "导师手机号")) -> str:
    """A workbook for pairMentees."""
    workbook, out = Workbook(), BytesIO()
    for row in (header, *rows):
        workbook.active.append(row)
    workbook.save(out)
    return base64.b64encode(out.getvalue()).decode()

"""Suggestions: named parts said in the viewer's language, the previous mentor first, a fair load; and what filters find."""

from collections import Counter
from statistics import median
from typing import Any

from support.asking import instant
from support.client import Client
from support.house import House
from support.mentorship import asked, completed, guide, mentee, mentees, slot

from domain.core.actors import System, YouthActor
from domain.core.db import Write
from domain.mentorship import asking
from domain.mentorship.entering import Wish
from domain.mentorship.finding import MentorFilter, find, made_of, viewer_of
from domain.mentorship.mentor import MENTORS
from domain.mentorship.states import MentorField

FOUND = "edges { cursor reasons node { id } } pageInfo { hasNextPage endCursor } totalCount"
DOCUMENT = (
    "query ($f: MentorFilter, $n: Int, $a: String) { mentors(filter: $f, first: $n, after: $a) { "
    + FOUND
    + " } }"
)


async def found(client: Client, first: int = 100, after: str | None = None, **asked: Any) -> dict[str, Any]:
    data = await client.run(DOCUMENT, f=asked, n=first, a=after)
    return data["mentors"]


def ids(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


def why(page: dict[str, Any], mentor: str) -> list[str]:
    return next(edge["reasons"] for edge in page["edges"] if edge["node"]["id"] == mentor)


async def test_the_parts_are_said_in_the_viewers_language(house: House) -> None:
    near = await guide(house, fields=["LEGAL", "LIFE"], languages=["zh", "en"])
    far = await guide(house, fields=["LEGAL"], divisionCode="440300", languages=["en"])
    await slot(house, near)
    youth = await mentee(house, division_code="440106")

    page = await found(youth, fields=["LEGAL"])
    assert ids(page)[0] == near.id
    assert why(page, near.id) == ["擅长法律", "同在您的区县", "讲中文", "近 7 天有空", "近期申请不多"]
    assert why(page, far.id) == ["擅长法律", "近期申请不多"]
    english = Client(youth.http, youth.token, {"accept-language": "en"})
    assert why(await found(english, fields=["LEGAL"]), near.id) == [
        "Knows about law",
        "In your county",
        "Speaks English",
        "Free within 7 days",
        "Not much asked of late",
    ]
    assert why(await found(house.anyone, fields=["LEGAL"]), near.id) == []


async def test_the_previous_mentor_comes_first(house: House) -> None:
    met, near = (
        await guide(house, fields=["SKILLS"], divisionCode="440300"),
        await guide(house, fields=["SKILLS"]),
    )
    youth = await mentee(house, division_code="440106")
    assert ids(await found(youth, fields=["SKILLS"])) == [near.id, met.id]

    await completed(house, youth, met)

    page = await found(youth, fields=["SKILLS"])
    assert ids(page) == [met.id, near.id]
    assert why(page, met.id)[0] == "曾经辅导过您"


async def test_who_takes_no_requests_comes_last(house: House) -> None:
    paused = await guide(house, fields=["ACADEMIC"], acceptsRequests=False)
    free = await guide(house, fields=["ACADEMIC"], divisionCode="440300")
    youth = await mentee(house, division_code="440106")

    assert ids(await found(youth, fields=["ACADEMIC"])) == [free.id, paused.id]


async def test_filters(house: House) -> None:
    one = await guide(house, name="林志远", headline="税务律师", fields=["LEGAL"], divisionCode="440400")
    await slot(house, one, hours=72)

    assert ids(await found(house.anyone, text="税务律师"))[0] == one.id
    assert ids(await found(house.anyone, divisionCodes=["440400"])) == [one.id]
    during = {"freeFrom": instant(house, hours=71), "freeTo": instant(house, hours=74)}
    assert one.id in ids(await found(house.anyone, **during))
    late = {"freeFrom": instant(house, hours=73), "freeTo": instant(house, hours=74)}
    assert ids(await found(house.anyone, divisionCodes=["440400"], **late)) == []


async def test_pages_hold_each_mentor_once_while_others_come(house: House) -> None:
    there = {(await guide(house, fields=["PSYCHOLOGY"])).id for _ in range(7)}
    youth = await mentee(house)
    seen: list[str] = []
    after = None
    while True:
        page = await found(youth, first=2, after=after, fields=["PSYCHOLOGY"])
        seen += ids(page)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
        await guide(house, fields=["PSYCHOLOGY"], divisionCode="440300")

    assert len(seen) == len(set(seen))
    assert there <= set(seen)


async def test_a_cursor_of_another_search_is_no_cursor(house: House) -> None:
    await guide(house)
    page = await found(house.anyone, first=1)
    [error] = await house.anyone.errors(DOCUMENT, f={"text": "律师"}, n=1, a=page["pageInfo"]["endCursor"])
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_a_thousand_requests_are_spread_fairly(house: House) -> None:
    """Each youth asks whoever is suggested first: nobody of the field gets more than twice the median."""
    field = MentorField.ENTREPRENEURSHIP
    places = ["440106", "440300", None, "440100"]
    for number in range(20):
        await guide(
            house,
            fields=[field.value],
            divisionCode=places[number % 4],
            languages=["zh", "en"] if number % 3 else ["en"],
            capacity=100,
        )
    youths = await mentees(house, 1000, division_code="440106")
    sealer, got = house.runtime.ports.sealer, Counter[str]()

    async with house.database.write(System()) as tx:
        for youth in youths:
            theirs = Write(tx.connection, tx.now, YouthActor(youth.key))
            viewer = await viewer_of(theirs, youth.key, "zh", (field,))
            search = await find(theirs, MentorFilter(fields=(field,)), viewer)
            by = [key.expression.desc() if key.descending else key.expression for key in search.order.keys]
            best, _ = made_of(MENTORS)(*(await theirs.first(search.statement.order_by(*by).limit(1))))
            await asking.ask(theirs, sealer, Wish(best.id, None, "创业", "请教", reroute=False))
            got[str(best.id)] += 1

    assert sum(got.values()) == 1000
    assert len(got) == 20
    assert max(got.values()) <= 2 * median(got.values())


async def test_asked_of_late_weighs(house: House) -> None:
    busy, idle = (
        await guide(house, fields=["RURAL"]),
        await guide(house, fields=["RURAL"], divisionCode="440300"),
    )
    for youth in await mentees(house, 5):
        await asked(youth, busy)
    assert ids(await found(await mentee(house, division_code="440106"), fields=["RURAL"])) == [
        idle.id,
        busy.id,
    ]

"""
What one execution answers for all who ask the same is what each would have been told alone: every field of the schema, asked in
the same words by everybody at once.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from contract.several import Several, several
from contract.test_statement_counts import questions
from prometheus_client import REGISTRY
from support.client import Client
from support.house import House
from support.listings import a_listing, posted
from support.raw import body, sent
from support.watching import statements

KINDS = list(questions().ways)
MOST = 100


@pytest.fixture(scope="module")
async def world(house: House) -> Several:
    return await several(house)


@contextmanager
def sharing(house: House, *, on: bool) -> Iterator[None]:
    operations = house.runtime.operations
    before = operations._config
    operations._config = before.model_copy(update={"share_answers": on})
    try:
        yield
    finally:
        operations._config = before


def shared() -> float:
    return REGISTRY.get_sample_value("qingyi_operations_shared_total") or 0.0


async def told(house: House, asked: bytes, client: Client | None) -> tuple[int, Any]:
    answer = await sent(house, asked, None if client is None else client.token)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("kind", KINDS)
async def test_everybody_is_told_what_they_would_be_told_alone(world: Several, kind: str) -> None:
    house, known = world.house, questions(world.house)
    way = known.ways[kind]
    callers = [None, *world.callers.values()]
    for selection in (known.leaves(kind), *(known.edge(kind, name) for name in known.edges(kind))):
        variables = {"ids": world.ids.get(way.kind, []), "first": MOST}
        asked = body(way.to(f"__typename {selection}"), variables=variables)
        with house.clock.stopped():  # some say when they were signed
            with sharing(house, on=False):
                alone = [await told(house, asked, client) for client in callers]
            for _ in range(2):  # at first it is not known yet whether it depends on who asks
                together = await asyncio.gather(*(told(house, asked, client) for client in callers * 2))
                assert together == alone * 2


async def test_a_crowd_costs_few_executions(house: House) -> None:
    partner = await house.partner()
    await posted(partner, a_listing())
    youths = await house.youths(30)
    asked = body("{ internships(first: 10) { nodes { id title organization { name } } } }")
    await asyncio.gather(*(told(house, asked, youth) for youth in youths))
    before = shared()
    with statements(house) as seen:
        answers = await asyncio.gather(*(told(house, asked, youth) for youth in youths))
    assert all(answer == answers[0] for answer in answers)
    assert shared() - before == 30
    assert len(seen) <= 8


async def test_what_depends_on_who_asks_is_executed_for_each(house: House) -> None:
    youths = await house.youths(20)
    asked = body("{ viewer { youth { id phone } } }")
    for _ in range(2):
        answers = await asyncio.gather(*(told(house, asked, youth) for youth in youths))
        seen = [answer["data"]["viewer"]["youth"] for _, answer in answers]
        assert seen == [{"id": youth.id, "phone": youth.phone} for youth in youths]


async def test_whoever_has_written_sees_it_in_the_midst_of_a_crowd(house: House) -> None:
    # given a crowd that asks for the newest listings all the time
    crowd, partners = await house.youths(8), [await house.partner() for _ in range(4)]
    asked = body("{ internships(first: 100, orderBy: NEWEST) { nodes { title } } }")
    going_on = True

    async def ask(client: Client) -> None:
        while going_on:
            assert (await told(house, asked, client))[0] == 200

    # when partners change theirs and look at once, in the crowd's own words
    async def write(partner: Any, number: int) -> None:
        for turn in range(5):
            title = f"岗位 {number} {turn}"
            await posted(partner, a_listing(externalRef=f"one-{number}", title=title))
            _, answer = await told(house, asked, partner)
            titles = [node["title"] for node in answer["data"]["internships"]["nodes"]]
            # then
            assert title in titles
            assert f"岗位 {number} {turn - 1}" not in titles

    asking = [asyncio.create_task(ask(client)) for client in crowd]
    try:
        await asyncio.gather(*(write(partner, number) for number, partner in enumerate(partners)))
    finally:
        going_on = False
        await asyncio.gather(*asking)


async def test_an_error_is_told_to_each(house: House) -> None:
    youths = await house.youths(5)
    asked = body('{ internships(after: "never") { nodes { id } } }')
    answers = await asyncio.gather(*(told(house, asked, youth) for youth in youths))
    for status, answer in answers:
        assert status == 200
        assert answer["errors"][0]["extensions"]["field"] == ["after"]

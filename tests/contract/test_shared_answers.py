"""
What one execution answers for all who ask the same is what each would have been told alone: every field of the schema, asked in
the same words by everybody at once.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import pytest
from contract.several import Several, several
from contract.test_statement_counts import questions
from graphql import ExecutionResult
from prometheus_client import REGISTRY
from support.client import Client
from support.hostels import a_room, opened
from support.house import House, open_house, settings_for
from support.listings import a_listing, posted, upserted
from support.raw import body, sent
from support.watching import statements

import api.operations
from graph.core import executing
from graph.core.anybody import Personal
from graph.core.documents import KEPT_CHARACTERS
from graph.core.executing import executed_for_all
from graph.core.ids import Tag, encode
from graph.schema import documents
from infra.changes import Changes
from infra.embedded.services import Services

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


async def test_whoever_has_written_elsewhere_is_not_answered_with_strangers(
    database_url: str, servers: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strangers may be shown rows that were read a moment ago, and here nobody hears of changes."""
    config = settings_for(database_url, servers.redis_url, cache_seconds=0.8)
    monkeypatch.setattr(Changes, "_heard", lambda *_: None)
    async with open_house(config) as here, open_house(config) as there:
        assert there.database._keeper is not None
        there.database._keeper.seconds = 60  # a slow machine must not make it too old
        partner = await here.partner()
        content = a_listing(title="旧的标题")
        await posted(partner, content)
        asked = body("{ internships(first: 100, orderBy: NEWEST) { nodes { title } } }")
        for _ in range(2):  # at first it is not known yet which columns are wanted
            assert "旧的标题" in str(await told(there, asked, None))
        # when it is changed here, and asked for there by everybody at once, strangers first
        await upserted(partner, {**content, "title": "新的标题"})
        callers = [None, None, partner, *await there.youths(2), None]
        await asyncio.gather(*(told(there, body("{ __typename }"), client) for client in callers))
        answers = await asyncio.gather(*(told(there, asked, client) for client in callers))
        # then
        seen = ["新的标题" in str(answer) for answer in answers]
        assert seen == [False, False, True, True, True, False]


async def test_an_error_is_told_to_each(house: House) -> None:
    youths = await house.youths(5)
    asked = body('{ internships(after: "never") { nodes { id } } }')
    answers = await asyncio.gather(*(told(house, asked, youth) for youth in youths))
    for status, answer in answers:
        assert status == 200
        assert answer["errors"][0]["extensions"]["field"] == ["after"]


# ── what is known of an operation ────────────────────────────────────────────

HOSTEL = "query ($id: ID!) { node(id: $id) { id ... on Hostel { name } } }"


async def test_one_who_asks_for_something_odd_takes_nothing_from_a_crowd(house: House) -> None:
    inn = await opened(house, a_room())
    youths = await house.youths(10)
    asked = body(HOSTEL, variables={"id": inn.id})

    async def crowd() -> float:
        before = shared()
        answers = await asyncio.gather(*(told(house, asked, youth) for youth in youths))
        assert all(answer["data"]["node"]["id"] == inn.id for _, answer in answers)
        return shared() - before

    assert await crowd() == 10
    # when a stranger asks for what is somebody's own
    odd = body(HOSTEL, variables={"id": encode(Tag.MentorshipRequest, uuid4())})
    assert (await told(house, odd, None))[1]["data"] == {"node": None}
    # then
    assert await crowd() == 10


async def test_what_is_personal_is_executed_in_vain_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    youth, begun = await house.youth(), slowed(monkeypatch, 0)
    asked = body("{ viewer { youth { mine: id } } }")
    for _ in range(3):
        assert (await told(house, asked, youth))[1]["data"]["viewer"]["youth"]["mine"] == youth.id
    assert len(begun) == 1


async def test_what_looked_at_who_asks_and_went_on_is_not_shared(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resolver may catch what it is told."""
    looked: list[Any] = []

    async def looking_away(*asked: Any) -> ExecutionResult:
        context = asked[-1]
        with suppress(Personal):
            looked.append(context.actor)
        return ExecutionResult({"who": str(context.actor) if looked else "nobody"})

    monkeypatch.setattr(executing, "executed", looking_away)
    monkeypatch.setattr(api.operations, "executed", looking_away)
    youths = await house.youths(3)
    asked = body("{ divisions { level parent { code } } }")
    answers = await asyncio.gather(*(told(house, asked, youth) for youth in youths))
    assert sorted(answer["data"]["who"] for _, answer in answers) == sorted(str(one) for one in looked)
    assert len(looked) == 3


async def test_a_name_of_no_operation_is_not_remembered(house: House) -> None:
    text = "{ nothingOfThisName }"
    for number in range(3):
        assert (await told(house, body(text, operationName=f"name{number}"), None))[0] in {200, 400}
    introspection = house.runtime.config.introspection_allowed
    prepared = documents.prepared(text, partner=False, introspection=introspection)
    assert prepared.errors
    assert not prepared.sharing


async def test_of_a_document_that_is_not_kept_nothing_is_executed_in_vain(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    youth, begun = await house.youth(), slowed(monkeypatch, 0)
    text = "{ viewer { youth { kept: id } } }" + " " * KEPT_CHARACTERS
    for _ in range(2):
        assert (await told(house, body(text), youth))[1]["data"]["viewer"]["youth"]["kept"] == youth.id
    assert begun == []


# ── how long ─────────────────────────────────────────────────────────────────


@pytest.fixture
def a_second_at_most(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    operations = house.runtime.operations
    config = operations._config.model_copy(update={"request_timeout_seconds": 1.0})
    monkeypatch.setattr(operations, "_config", config)


def slowed(monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[float]:
    """Executions for all take so long; when each was begun."""
    begun: list[float] = []

    async def slowly(*asked: Any) -> Any:
        begun.append(time.monotonic())
        await asyncio.sleep(seconds)
        return await executed_for_all(*asked)

    monkeypatch.setattr(api.operations, "executed_for_all", slowly)
    return begun


@pytest.mark.usefixtures("a_second_at_most")
async def test_who_waited_for_another_round_has_all_the_time_for_their_own(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = slowed(monkeypatch, 0.7)

    async def ask(youth: Client, after: float) -> int:
        await asyncio.sleep(after)
        return (await told(house, body("{ divisions { code name level } }"), youth))[0]

    youths = await house.youths(6)
    assert await asyncio.gather(*(ask(one, 0.15 * number) for number, one in enumerate(youths))) == [200] * 6
    assert len(begun) < 6


@pytest.mark.usefixtures("a_second_at_most")
async def test_what_takes_too_long_is_not_begun_again_by_each_who_waited(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = slowed(monkeypatch, 30)
    asked = body("{ divisions { code parent { name } } }")
    answers = await asyncio.gather(*(sent(house, asked, youth.token) for youth in await house.youths(5)))
    assert [answer.status_code for answer in answers] == [503] * 5
    assert len(begun) <= 2

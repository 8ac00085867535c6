"""In which order resolvers run, that nothing outlives its request, and what is counted."""

import asyncio
import gc
import sys
from typing import Any

import pytest
import strawberry
from execution.worlds import WORLD, Dog, Kept
from graphql import parse
from prometheus_client import REGISTRY
from support.executors import both

from graph.core.documents import Prepared
from graph.core.executing import plan_of
from graph.execution import Plan

STEPS = 'mutation { a: step(name: "first") { name slowly } b: step(name: "second") { slowly } }'


async def order_of(source: str) -> list[str]:
    """The steps of the compiled mutation, which answers as graphql-core."""
    kept: list[Kept] = []

    def context() -> Kept:
        kept.append(Kept([]))
        return kept[-1]

    pair = await both(WORLD, source, context=context)
    pair.must_agree()
    assert kept[0].value == kept[1].value == kept[2].value
    return kept[1].value


async def test_mutations_run_one_after_the_other_with_all_that_is_below_them() -> None:
    assert await order_of(STEPS) == [
        "first begins", "first ends", "below first begins", "below first ends",
        "second begins", "second ends", "below second begins", "below second ends",
    ]  # fmt: skip


async def test_after_a_mutation_that_must_not_fail_none_follows() -> None:
    assert await order_of('mutation { fails { name } b: step(name: "second") { name } }') == [
        "fails begins",
        "fails ends",
    ]
    steps = await order_of('mutation { mayFail { name } b: step(name: "second") { name } }')
    assert steps[-1] == "second ends"


async def test_queries_run_side_by_side() -> None:
    """Each waits for the other."""
    met = asyncio.Barrier(2)

    async def meeting() -> str:
        await met.wait()
        return "met"

    plan = Plan(WORLD._schema, parse("{ a: text b: text }"), None)
    async with asyncio.timeout(5):
        result = await plan.execute(None, Kept(meeting), None)
    assert result.data == {"a": "met", "b": "met"}


async def test_a_request_that_is_given_up_leaves_nothing_running() -> None:
    ended: list[str] = []

    async def long() -> str:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("ended")
        return "never"

    plan = Plan(WORLD._schema, parse("{ a: text b: text }"), None)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await plan.execute(None, Kept(long), None)
    assert ended == ["ended", "ended"]


async def test_what_is_below_a_null_is_cancelled() -> None:
    ended: list[str] = []

    async def long() -> str:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("ended")
        return "never"

    plan = Plan(WORLD._schema, parse("{ dog { must name age } }"), None)
    dog = Dog(name="bad")
    dog.age = long()  # type: ignore[assignment]  # wrong on purpose
    async with asyncio.timeout(5):
        result = await plan.execute(None, Kept(dog), None)
    assert result.data == {"dog": None}
    assert ended == ["ended"]


async def test_what_somebody_else_cancels_is_an_error_of_its_field_alone() -> None:
    shared = asyncio.get_running_loop().create_future()
    given = [shared, canceller(shared)]
    plan = Plan(WORLD._schema, parse("{ a: text b: text }"), None)
    async with asyncio.timeout(5):
        result = await plan.execute(None, Kept(lambda: given.pop(0)), None)
    assert result.data == {"a": None, "b": "cancelled it"}
    assert [error.path for error in result.errors or []] == [["a"]]


async def canceller(shared: asyncio.Future[str]) -> str:
    await asyncio.sleep(0)
    shared.cancel()
    return "cancelled it"


async def test_a_plan_is_kept_with_its_document() -> None:
    document = Prepared(parse("query A { __typename } query B { __typename }"))
    other = Prepared(parse("query A { __typename }"))
    assert plan_of(WORLD._schema, document, "A") is plan_of(WORLD._schema, document, "A")
    assert plan_of(WORLD._schema, document, "A") is not plan_of(WORLD._schema, document, "B")
    assert plan_of(WORLD._schema, other, "A") is not plan_of(WORLD._schema, document, "A")


async def test_what_graphql_core_executes_is_counted() -> None:
    def count() -> float:
        return REGISTRY.get_sample_value("qingyi_operations_interpreted_total", {"why": "condition"}) or 0

    before = count()
    plan = plan_of(
        WORLD._schema, Prepared(parse("query ($i: Boolean = true) { __typename @include(if: $i) }")), None
    )
    await plan.execute(None, None, {"i": True})
    assert count() == before
    await plan.execute(None, None, {"i": None})
    assert count() == before + 1


@strawberry.type
class Leaf:
    @strawberry.field
    async def first(self) -> int:
        return 1

    @strawberry.field
    async def second(self) -> int:
        return 2


@strawberry.type
class Branch:
    @strawberry.field
    async def leaf(self) -> Leaf:
        await asyncio.sleep(0)
        return Leaf()

    @strawberry.field
    async def bad(self) -> int:
        await asyncio.sleep(0)
        raise ValueError

    @strawberry.field
    async def branch(self) -> "Branch | None":
        return Branch()


@strawberry.type
class Root:
    @strawberry.field
    async def branch(self) -> Branch | None:
        return Branch()


async def test_what_was_not_begun_when_its_place_was_lost_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A coroutine that nobody awaited and nobody closed complains when it is collected."""
    complaints: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    source = "{ branch { bad leaf { first second } x: leaf { first second } branch { leaf { first } bad } } }"
    plan = Plan(strawberry.Schema(Root)._schema, parse(source), None)
    gc.collect()
    complaints.clear()
    for _ in range(3):
        result = await plan.execute(None, None, None)
        assert result.data == {"branch": None}
        await asyncio.sleep(0)
        gc.collect()
    assert complaints == []

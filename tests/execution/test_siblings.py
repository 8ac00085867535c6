"""Fields that are resolved for a whole list in one step answer as they do row by row."""

import asyncio
import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import strawberry
from graphql import parse
from support.executors import both

from graph.execution import Plan


@dataclass
class Told:
    """What the edges give, by the name of the row; how often many were asked for at once."""

    given: dict[str, Any] = field(default_factory=dict)
    steps: int = 0
    fails: Exception | None = None
    late: bool = True
    short: bool = False


def edge(name: str) -> Callable[..., Any]:
    def found(row: Any, told: Told) -> Any:
        whose = getattr(row, "name", "?")
        value = told.given.get(f"{name} of {whose}", "made")
        return Row(name=f"{name} of {whose}") if value == "made" else value

    async def resolve(root: Any, info: strawberry.Info) -> Any:
        await asyncio.sleep(0)
        if info.context.fails is not None:
            raise info.context.fails
        value = found(root, info.context)
        if isinstance(value, Exception):
            raise value
        return await value() if callable(value) else value

    def many(rows: Any, info: Any) -> Any:
        info.context.steps += 1
        return later(rows, info.context) if info.context.late else values(rows, info.context)

    async def later(rows: Any, told: Told) -> Any:
        await asyncio.sleep(0)
        return values(rows, told)

    def values(rows: Any, told: Told) -> Any:
        if told.fails is not None:
            raise told.fails
        made = [found(row, told) for row in rows][told.short :]
        return [value() if callable(value) else value for value in made]

    resolve.resolve_many = many  # type: ignore[attr-defined]  # as the schema sets it
    return resolve


@strawberry.type
class Row:
    name: str
    friend: "Row | None" = strawberry.field(resolver=edge("friend"))
    parent: "Row" = strawberry.field(resolver=edge("parent"))
    score: int | None = strawberry.field(resolver=edge("score"))
    rows: "list[Row] | None" = strawberry.field(resolver=edge("rows"))

    @strawberry.field
    async def alone(self, info: strawberry.Info) -> str:
        await asyncio.sleep(0)
        if info.context.given.get(f"alone of {self.name}"):
            raise ValueError(self.name)
        return self.name


@strawberry.type
class Edge:
    node: Row


@strawberry.type
class Query:
    @strawberry.field
    async def rows(self) -> list[Row]:
        return [Row(name=name) for name in "abc"]

    @strawberry.field
    def some(self) -> list[Row | None] | None:
        return [Row(name="a"), None, Row(name="b")]

    @strawberry.field
    def edges(self) -> list[Edge] | None:
        return [Edge(node=Row(name=name)) for name in "ab"]


WORLD = strawberry.Schema(query=Query)
DOCUMENTS = [
    "{ rows { name friend { name } } }",
    "{ rows { friend { friend { name alone } parent { name } } name } }",
    "{ some { parent { name parent { friend { name } } } alone } }",
    "{ edges { node { name parent { name } score } } }",
    "{ rows { score a: friend { name } b: friend { parent { name } } } }",
    "{ some { rows { name friend { name } } __typename } }",
]
GIVEN: list[dict[str, Any]] = [
    {},
    {"friend of a": None, "score of b": 7, "score of a": "no number"},
    {"friend of a": ValueError("no friend"), "parent of parent of a": ValueError("nobody")},
    {"parent of a": None},
    {"parent of friend of a": None, "alone of b": True},
    {"parent of b": 5, "friend of c": object()},
    {"rows of a": [Row(name="x"), Row(name="y")], "rows of b": [], "rows of c": [None]},
    {"rows of a": [Row(name="x"), None], "friend of x": ValueError("x")},
]


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("source", DOCUMENTS)
async def test_the_answers_are_the_same(source: str, given: dict[str, Any], late: bool) -> None:
    given = {f"score of {name}": None for name in "abc"} | {f"rows of {name}": None for name in "abc"} | given
    pair = await both(WORLD, source, context=lambda: Told(given, late=late))
    pair.must_agree_but_for_races()


@pytest.mark.parametrize("late", [True, False])
async def test_an_error_of_the_step_is_an_error_of_each_row(late: bool) -> None:
    pair = await both(
        WORLD, "{ rows { friend { name } } }", context=lambda: Told(fails=ValueError("away"), late=late)
    )
    pair.must_agree()
    assert len(pair.displayed.errors or []) == 3


async def test_what_is_still_awaited_among_the_values_is_awaited() -> None:
    async def late() -> Row:
        await asyncio.sleep(0)
        return Row(name="late")

    pair = await both(WORLD, "{ rows { friend { name } } }", context=lambda: Told({"friend of b": late}))
    pair.must_agree()
    assert pair.displayed.data["rows"][1] == {"friend": {"name": "late"}}


async def test_a_step_with_too_few_values_gives_no_row_the_value_of_another() -> None:
    plan = Plan(WORLD._schema, parse("{ rows { friend { name } } }"), None)
    await plan.execute(None, Told(), None)
    answer = await plan.execute(None, Told(short=True), None)
    assert answer.data == {"rows": [{"friend": None}] * 3}
    assert len(answer.errors or []) == 3


async def test_it_is_one_step_for_each_field_however_many_rows() -> None:
    told = Told()
    plan = Plan(
        WORLD._schema,
        parse("{ rows { friend { parent { name } } } edges { node { parent { name } } } }"),
        None,
    )
    await plan.execute(None, Told(), None)
    await plan.execute(None, told, None)
    assert told.steps == 3


def step(*, fails: bool) -> Callable[..., Any]:
    async def resolve(root: Any) -> str:
        if fails:
            raise ValueError("broken")
        return "found"

    async def found(rows: Any) -> Any:
        return ["found"] * len(rows)

    def many(rows: Any, _info: Any) -> Any:
        if fails:
            raise ValueError("broken")
        return found(rows)

    resolve.resolve_many = many  # type: ignore[attr-defined]  # as above
    return resolve


@strawberry.type
class Fragile:
    name: str
    slow: str = strawberry.field(resolver=step(fails=False))
    broken: str = strawberry.field(resolver=step(fails=True))


@strawberry.type
class Fragiles:
    @strawberry.field
    def rows(self) -> list[Fragile] | None:
        return [Fragile(name="a"), Fragile(name="b")]


async def test_a_step_that_is_given_up_before_it_began_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    complaints: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    plan = Plan(strawberry.Schema(Fragiles)._schema, parse("{ rows { name slow broken } }"), None)
    gc.collect()
    complaints.clear()
    for _ in range(3):
        answer = await plan.execute(None, None, None)
        assert answer.data == {"rows": None}
        assert [error.message for error in answer.errors or []] == ["broken"]
        gc.collect()
    assert complaints == []

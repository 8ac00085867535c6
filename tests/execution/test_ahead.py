"""What a resolver is told of the fields that are asked for below its own, also behind interfaces and unions."""

from collections.abc import Mapping
from typing import Annotated, Any

import pytest
import strawberry
from graphql import parse
from support.executors import graphql_schema

from graph.execution import Ahead, Plan

Told = Mapping[str, set[str]]


@strawberry.type
class Person:
    name: str
    age: int


@strawberry.interface
class Animal:
    name: str


@strawberry.type
class Dog(Animal):
    owner: Person | None = None
    breed: str = "Pug"


@strawberry.type
class Cat(Animal):
    lives: int = 9
    friends: list[Animal] = strawberry.field(default_factory=list)

    @strawberry.field
    def servant(self) -> Person:
        return Person(name="Anna", age=30)


def _told(ahead: Ahead | None) -> Told | None:
    return None if ahead is None else {kind: set(ahead.of(kind)) for kind in ("Dog", "Cat", "Person")}


@strawberry.type
class Query:
    @strawberry.field
    def animal(self, info: strawberry.Info) -> Animal:
        return self._found(info)

    @strawberry.field
    def pets(self, info: strawberry.Info) -> list[Annotated[Dog | Cat, strawberry.union("Pet")] | None]:
        return [self._found(info), None]

    def _found(self, info: Any) -> Dog:
        self.told.append(info._raw_info.ahead(_told))
        return Dog(name="Rex", owner=Person(name="Anna", age=30))

    told: strawberry.Private[list[Told | None]]


SCHEMA = graphql_schema(strawberry.Schema(Query, types=[Dog, Cat]))


async def told(source: str, **variables: Any) -> list[Told | None]:
    """At the first, the second and the third time."""
    plan = Plan(SCHEMA, parse(source), None)
    root = Query(told=[])
    answers = [await plan.execute(root, None, variables) for _ in range(3)]
    assert [answer.errors for answer in answers] == [None] * 3
    assert answers[0].data == answers[1].data == answers[2].data
    return root.told


@pytest.mark.parametrize(
    ("source", "dog", "cat", "person"),
    [
        ("{ animal { name } }", {"name"}, {"name"}, set()),
        ("{ animal { ... on Dog { breed } name } }", {"name", "breed"}, {"name"}, set()),
        ("{ animal { ... on Animal { n: name } ...F } } fragment F on Cat { lives }", {"name"}, {"name", "lives"}, set()),
        ("{ pets { __typename ... on Dog { owner { age } } ... on Cat { servant { name } } } }",
         {"__typename", "owner"}, {"__typename", "servant"}, {"age"}),
        ("{ pets { ... on Cat { friends { ... on Dog { breed owner { name } } } } } }",
         {"breed", "owner"}, {"friends"}, {"name"}),
        ("{ animal { ... on Dog { breed } } ...Q } fragment Q on Query { animal { ... on Dog { owner { name } } } }",
         {"breed", "owner"}, set(), {"name"}),
    ],
)  # fmt: skip
async def test_each_type_that_may_stand_there_is_told_what_is_asked_of_it(
    source: str, dog: set[str], cat: set[str], person: set[str]
) -> None:
    assert await told(source) == [None] + [{"Dog": dog, "Cat": cat, "Person": person}] * 2


async def test_what_is_skipped_is_not_among_it() -> None:
    source = "query ($all: Boolean!) { animal { name ... on Dog @include(if: $all) { breed } } }"
    for everything, dog in ((True, {"name", "breed"}), (False, {"name"})):
        assert (await told(source, all=everything))[1:] == [
            {"Dog": dog, "Cat": {"name"}, "Person": set()}
        ] * 2


async def test_nothing_is_written_for_types_of_which_no_object_came() -> None:
    plan = Plan(SCHEMA, parse("{ animal { name ... on Dog { breed } ... on Cat { lives } } }"), None)
    for _ in range(3):
        await plan.execute(Query(told=[]), None, None)
    assert "def Dog" in plan.source()
    assert "def Cat" not in plan.source()

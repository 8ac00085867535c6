"""Which type an object of an interface or a union is: said at once, later, wrongly, or by its class again and again."""

import asyncio
from typing import Any

import pytest
import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, build_schema
from support.executors import agreed

SDL = """
interface Named { name: String }
type Dog implements Named { name: String age: Int }
type Cat implements Named { name: String lives: Int }
type Other { name: String }
type Query { named: Named all: [Named] sure: [Named!] dog: Dog }
"""
SOURCE = "{ named { __typename name ... on Dog { age } } all { name ... on Cat { lives } } sure { name } dog { age } }"


def world(**said: Any) -> GraphQLSchema:
    """`said` gives by a type's name what it says of itself; an interface gives a name, an object yes or no."""
    schema = build_schema(SDL)
    for name, says in said.items():
        kind = schema.type_map[name]
        if isinstance(kind, GraphQLInterfaceType):
            kind.resolve_type = lambda value, _info, _kind, says=says: says(value)
        elif isinstance(kind, GraphQLObjectType):
            kind.is_type_of = lambda value, _info, says=says: says(value)
    return schema


def root() -> dict[str, Any]:
    dog, cat = {"kind": "Dog", "name": "d", "age": 3}, {"kind": "Cat", "name": "c", "lives": 9}
    return {"named": dog, "all": [cat, dog, None], "sure": [dog, cat], "dog": dog}


async def later(value: Any) -> Any:
    await asyncio.sleep(0)
    if isinstance(value, Exception):
        raise value
    return value


@pytest.mark.parametrize(
    "said",
    [
        "Dog", None, 5, "Nothing", "Other", "Named", "String", ValueError("raised"), ["Dog"],
    ],
    ids=repr,
)  # fmt: skip
async def test_names_that_an_interface_says(said: Any) -> None:
    def says(value: Any) -> Any:
        if isinstance(said, Exception):
            raise said
        return value["kind"] if said == "Dog" else said

    await agreed(world(Named=says), SOURCE, root=root())
    await agreed(
        world(Named=lambda value: later(value["kind"] if said == "Dog" else said)), SOURCE, root=root()
    )


def is_a(kind: str) -> Any:
    return lambda value: value["kind"] == kind


def is_later_a(kind: str) -> Any:
    return lambda value: later(value["kind"] == kind)


@pytest.mark.parametrize(
    "dog", [is_a("Dog"), is_later_a("Dog"), lambda _: False, lambda _: later(ValueError("no"))]
)
@pytest.mark.parametrize("cat", [is_a("Cat"), is_later_a("Cat"), lambda _: later(False)])
async def test_objects_that_say_whether_they_are_it(dog: Any, cat: Any) -> None:
    await agreed(world(Dog=dog, Cat=cat), SOURCE, root=root())


@strawberry.interface
class Being:
    name: str


@strawberry.type
class Human(Being):
    age: int = 1


@strawberry.type
class Ghost(Being):
    since: int = 2


class Child(Human):
    """Of the type of its parent."""


@strawberry.type
class Query:
    @strawberry.field
    def beings(self, info: strawberry.Info) -> list[Being]:
        return info.context()

    @strawberry.field
    async def being(self, info: strawberry.Info) -> Being | None:
        return info.context()[0]


BEINGS = strawberry.Schema(Query, types=[Human, Ghost])


@pytest.mark.parametrize(
    "made",
    [
        lambda: [Human(name="h"), Ghost(name="g"), Child(name="c"), Human(name="i")],
        lambda: [strawberry.cast(Ghost, Human(name="cast")), Human(name="h"), Human(name="i")],
        lambda: [
            Human(name="h"),
            strawberry.cast(Ghost, Human(name="cast")),
            Ghost(name="g"),
            Ghost(name="g"),
        ],
        lambda: [Human(name="h"), "nobody"],
    ],
)
async def test_what_a_class_says_of_its_objects(made: Any) -> None:
    """Asked often enough that classes are known."""
    for source in (
        "{ being { name ... on Human { age } ... on Ghost { since } } }",
        "{ beings { __typename name } }",
    ):
        twice = f"{source[1:-1]} again: {source[1:-1].strip()}"
        await agreed(BEINGS, f"{{ {twice} }}", context=lambda: made)

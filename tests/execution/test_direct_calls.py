"""Resolvers that are called straight, without Strawberry's wrapping, get what Strawberry would give them."""

from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.relay import GlobalID
from support.executors import both, graphql_schema

from graph.execution.strawberry_types import called_directly


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.input
class Wish:
    colour: Colour = Colour.RED
    how_many: int | None = None
    more: "list[Wish] | None" = None
    note: strawberry.Maybe[str | None]


class Never(BasePermission):
    message = "never"

    def has_permission(self, *_: Any, **__: Any) -> bool:
        return False


class Shouted(FieldExtension):
    async def resolve_async(self, next_: Any, source: Any, info: strawberry.Info, **given: Any) -> Any:
        return str(await next_(source, info, **given)).upper()


@strawberry.type
class Thing:
    name: str

    @strawberry.field
    def own(self, how_often: int = 2) -> str:
        return self.name * how_often

    @strawberry.field
    @staticmethod
    def told(parent: strawberry.Parent["Thing"], info: strawberry.Info) -> str:
        return f"{parent.name} {info.field_name} {info.python_name} {info.variable_values}"


def _by_root(root: Thing) -> str:
    return f"root {root.name}"


@strawberry.type
class Query:
    rooted: str = strawberry.field(resolver=_by_root)

    @strawberry.field
    def scalars(
        self,
        text: str | None = None,
        number: int = 7,
        key: strawberry.ID | None = strawberry.UNSET,
        colour: Colour | None = None,
        renamed: Annotated[str, strawberry.argument(name="else")] = "nothing",
    ) -> str:
        return repr((text, number, key, colour, renamed))

    @strawberry.field
    async def inputs(self, wish: Wish | None = None, wishes: list[Wish] | None = None) -> str:
        return repr((wish, wishes))

    @strawberry.field
    def lists(self, numbers: list[int] | None = None, colours: list[Colour | None] | None = None) -> str:
        return repr((numbers, colours))

    @strawberry.field
    def maybe(self, text: strawberry.Maybe[str | None]) -> str:
        return repr(text)

    @strawberry.field
    def global_id(self, key: GlobalID) -> str:
        return repr((key.type_name, key.node_id))

    @strawberry.field
    async def late(self, info: strawberry.Info, text: str = "…") -> list[Thing]:
        return [Thing(name=f"{text}{info.path.key}"), Thing(name="b")]

    @strawberry.field
    def refused(self, text: str = "") -> str:
        raise ValueError(text)

    @strawberry.field(permission_classes=[Never])
    async def forbidden(self, text: str = "") -> str:
        raise AssertionError(text)

    @strawberry.field(extensions=[Shouted()])
    async def extended(self, text: str = "") -> str:
        return text


SCHEMA = strawberry.Schema(Query)
WISHES = "$wish: Wish, $wishes: [Wish!], $colour: Colour, $text: String, $numbers: [Int!]"


@pytest.mark.parametrize(
    "asked",
    [
        "scalars",
        'scalars(text: null, number: 3, key: "k", colour: BLUE, else: "x")',
        "scalars(text: $text, colour: $colour)",
        "inputs",
        "inputs(wish: null, wishes: [])",
        'inputs(wish: { howMany: 2, more: [{ colour: BLUE, note: null }, {}], note: "n" })',
        "inputs(wish: $wish, wishes: $wishes)",
        "lists(numbers: [1, 2], colours: [RED, null])",
        "lists(numbers: $numbers)",
        'a: maybe b: maybe(text: null) c: maybe(text: "t") d: maybe(text: $text)',
        'a: globalId(key: "VGhpbmc6MQ==") b: globalId(key: "not one")',
        'late(text: "t") { name own other: own(howOften: 3) told } rooted',
        'a: refused(text: "why") b: forbidden extended(text: "loud") c: scalars',
    ],
)
@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"text": None, "colour": None, "wish": None, "wishes": None, "numbers": None},
        {"text": "文", "colour": "BLUE", "wish": {"note": "n"}, "wishes": [{"howMany": 1}], "numbers": [3]},
    ],
)
async def test_answers_are_the_same(asked: str, variables: dict[str, Any]) -> None:
    used = ", ".join(each for each in WISHES.split(", ") if each.split(":")[0] in asked)
    source = f"query {f'({used})' if used else ''} {{ {asked} }}"
    given = {name: value for name, value in variables.items() if f"${name}:" in used}
    (await both(SCHEMA, source, root=Thing(name="r"), variables=given)).must_agree()


async def test_lists_are_each_callers_own() -> None:
    taken: list[list[int]] = []

    @strawberry.type
    class Query:
        @strawberry.field
        def taking(self, numbers: list[int]) -> int:
            taken.append(numbers)
            numbers.append(0)
            return len(numbers)

    schema = strawberry.Schema(Query)
    (
        await both(
            schema,
            "query ($n: [Int!]!) { a: taking(numbers: $n) b: taking(numbers: $n) }",
            variables={"n": [5]},
        )
    ).must_agree()
    assert len({id(each) for each in taken}) == len(taken)


@pytest.mark.parametrize(
    ("kind", "name", "straight"),
    [
        ("Query", "scalars", True),
        ("Query", "inputs", True),
        ("Query", "late", True),
        ("Query", "rooted", True),
        ("Thing", "told", True),
        ("Query", "forbidden", False),
        ("Query", "extended", False),
        ("Thing", "name", False),
    ],
)
def test_what_strawberry_has_a_say_in_is_left_to_it(kind: str, name: str, *, straight: bool) -> None:
    schema = graphql_schema(SCHEMA)
    field = schema.type_map[kind].fields[name]  # type: ignore[attr-defined]  # an object's
    assert (called_directly(schema, field) is not None) == straight


def test_a_resolver_that_somebody_wrapped_is_left_as_it_is() -> None:
    schema = graphql_schema(strawberry.Schema(Query))
    field = schema.type_map["Query"].fields["scalars"]  # type: ignore[attr-defined]  # as above
    field.resolve = lambda *_, **__: "another"
    assert called_directly(schema, field) is None

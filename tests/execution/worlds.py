"""A small world of every kind of type, whose values a test may choose."""

import asyncio
import enum
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import strawberry


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


strawberry.enum(Colour)


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Money:
    fen: int
    note: str | None = None


@strawberry.type
class Dog(Named):
    age: int | None = None
    colour: Colour = Colour.RED
    born: date | None = None
    weight: float = 1.5
    good: bool = True
    tags: list[str] = strawberry.field(default_factory=list)
    grid: list[list[int]] | None = None
    price: Money | None = None
    prices: list[Money | None] | None = None

    @strawberry.field
    def loud(self, info: strawberry.Info, times: int = 1, suffix: str | None = None) -> str:
        return self.name.upper() * times + (suffix or "") + info.field_name

    @strawberry.field
    async def friend(self) -> "Dog | None":
        await asyncio.sleep(0)
        return Dog(name=f"friend of {self.name}")

    @strawberry.field
    async def must(self) -> str:
        await asyncio.sleep(0)
        if self.name == "bad":
            raise ValueError("must not")
        return self.name


@strawberry.type
class Cat(Named):
    lives: int = 9


Pet = Annotated[Dog | Cat, strawberry.union("Pet")]


@strawberry.input
class Wish:
    name: str
    colour: Colour = Colour.BLUE
    near: list[int | None] | None = None
    born: date | None = None


@dataclass
class Kept:
    """The context: what resolvers give, and how often they were called."""

    value: Any = None
    calls: int = 0


async def later(value: Any) -> Any:
    await asyncio.sleep(0)
    if isinstance(value, Exception):
        raise value
    return value


def given(info: strawberry.Info) -> Any:
    """What the test chose; a function is called, so that it makes its values anew."""
    info.context.calls += 1
    value = info.context.value
    return value() if callable(value) else value


@strawberry.type
class Query:
    @strawberry.field
    def text(self, info: strawberry.Info) -> str | None:
        return given(info)

    @strawberry.field
    def sure(self, info: strawberry.Info) -> str:
        return given(info)

    @strawberry.field
    async def soon(self, info: strawberry.Info) -> str | None:
        return await later(given(info))

    @strawberry.field
    def number(self, info: strawberry.Info) -> int | None:
        return given(info)

    @strawberry.field
    def real(self, info: strawberry.Info) -> float | None:
        return given(info)

    @strawberry.field
    def yes(self, info: strawberry.Info) -> bool | None:
        return given(info)

    @strawberry.field
    def key(self, info: strawberry.Info) -> strawberry.ID | None:
        return given(info)

    @strawberry.field
    def colour(self, info: strawberry.Info) -> Colour | None:
        return given(info)

    @strawberry.field
    def day(self, info: strawberry.Info) -> date | None:
        return given(info)

    @strawberry.field
    def dog(self, info: strawberry.Info) -> Dog | None:
        return given(info)

    @strawberry.field
    async def dogs(self, info: strawberry.Info) -> list[Dog] | None:
        return await later(given(info))

    @strawberry.field
    def some_dogs(self, info: strawberry.Info) -> list[Dog | None] | None:
        return given(info)

    @strawberry.field
    def named(self, info: strawberry.Info) -> Named | None:
        return given(info)

    @strawberry.field
    def pets(self, info: strawberry.Info) -> list[Pet | None] | None:
        return given(info)

    @strawberry.field
    def texts(self, info: strawberry.Info) -> list[str | None] | None:
        return given(info)

    @strawberry.field
    def sure_texts(self, info: strawberry.Info) -> list[str] | None:
        return given(info)

    @strawberry.field
    def echo(
        self,
        text: str | None = "default",
        number: int | None = None,
        colour: Colour | None = None,
        wish: Wish | None = None,
        wishes: list[Wish] | None = None,
        days: list[date] | None = None,
    ) -> str:
        return repr((text, number, colour, wish, wishes, days))

    @strawberry.field
    def needs(self, number: int, wish: Wish) -> str:
        return repr((number, wish))

    @strawberry.field
    def told(self, info: strawberry.Info, of: int = 0) -> list[str]:
        raw = info._raw_info
        return [
            info.field_name,
            info.python_name,
            repr(info.path),
            repr(info.variable_values),
            repr([node.loc.start for node in raw.field_nodes if node.loc]),
            str(raw.return_type),
            raw.parent_type.name,
            repr(sorted(raw.fragments)),
            repr(info.selected_fields),
            repr(info.root_value),
            str(info.operation.operation),
        ]


async def counted(info: strawberry.Info, name: str) -> str:
    order: list[str] = info.context.value
    order.append(f"{name} begins")
    await asyncio.sleep(0.001 if name == "first" else 0)
    order.append(f"{name} ends")
    return name


@strawberry.type
class Done:
    name: str

    @strawberry.field
    async def slowly(self, info: strawberry.Info) -> str:
        return await counted(info, f"below {self.name}")


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def step(self, info: strawberry.Info, name: str) -> Done:
        return Done(name=await counted(info, name))

    @strawberry.mutation
    async def fails(self, info: strawberry.Info) -> Done:
        await counted(info, "fails")
        raise ValueError("no")

    @strawberry.mutation
    async def may_fail(self, info: strawberry.Info) -> Done | None:
        await counted(info, "may fail")
        raise ValueError("no")


async def arriving(*values: Any) -> AsyncIterator[Any]:
    for value in values:
        await asyncio.sleep(0)
        if isinstance(value, Exception):
            raise value
        yield value


WORLD = strawberry.Schema(query=Query, mutation=Mutation, types=[Dog, Cat])

"""graphql-core's completion of values: nulls, lists, leaves, objects and abstract types, right and wrong."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from execution.worlds import WORLD, Cat, Colour, Dog, Kept, Money, arriving, later
from strawberry import UNSET, cast
from support.executors import agreed

DOG = "{ name age colour born weight good tags grid price { fen note } prices { fen } }"


class Text(str):
    __slots__ = ()


class Odd:
    def __str__(self) -> str:
        return "odd"

    __repr__ = __str__  # names of tests are made of it


def whole_dog(**others: Any) -> Dog:
    given: dict[str, Any] = {
        "name": "Rex", "age": 3, "born": date(2020, 2, 29), "tags": ["a", "b"], "grid": [[1], []],
        "price": Money(fen=5), "prices": [Money(fen=1, note="n"), None],
    }  # fmt: skip
    return Dog(**{**given, **others})


LEAVES = [
    "x", "", 0, 1, -1, 2**31, -(2**31), 1.0, 1.5, float("inf"), float("nan"), True, False, None, UNSET, Text("t"), b"b",
    Decimal(2), Decimal("2.5"), "3", Colour.RED, "red", "RED", date(2026, 1, 1), [], {}, Odd(), ValueError("given"),
]  # fmt: skip


@pytest.mark.parametrize("value", LEAVES, ids=repr)
async def test_leaves(value: Any) -> None:
    for field in ("text", "sure", "soon", "number", "real", "yes", "key", "colour", "day"):
        await agreed(WORLD, f"{{ other: __typename found: {field} }}", context=lambda: Kept(value))


@pytest.mark.parametrize("value", LEAVES, ids=repr)
@pytest.mark.parametrize(
    "attribute", ["name", "age", "colour", "born", "weight", "good", "tags", "grid", "price", "prices"]
)
async def test_attributes(value: Any, attribute: str) -> None:
    """Of one among others, so that a display meets something unexpected in the midst."""

    def dogs() -> Kept:
        return Kept([whole_dog(), whole_dog(**{attribute: value}), whole_dog()])

    await agreed(WORLD, f"{{ dogs {DOG} }}", context=dogs)
    await agreed(WORLD, f"{{ someDogs {DOG} }}", context=dogs)
    await agreed(WORLD, "{ someDogs { must " + DOG[1:] + " }", context=dogs)


@pytest.mark.parametrize("value", LEAVES, ids=repr)
async def test_items_of_attributes(value: Any) -> None:
    for dog in ({"tags": ["a", value]}, {"grid": [[1], [value]]}, {"grid": [value]}, {"prices": [value]}):
        await agreed(WORLD, f"{{ dog {DOG} }}", context=lambda dog=dog: Kept(whole_dog(**dog)))


@pytest.mark.parametrize(
    "values",
    [
        ["a", None], [None, 1], (), ("a",), {"a"}, "text", {"a": 1}, 5, ["a", ValueError("in the list")], iter(["a", "b"]),
    ],
    ids=lambda values: repr(values).partition(" at ")[0],
)  # fmt: skip
async def test_lists(values: Any) -> None:
    for field in ("texts", "sureTexts"):
        given = values
        await agreed(
            WORLD, f"{{ found: {field} text: __typename }}",
            context=lambda given=given: Kept(lambda: iter(["a", "b"]) if hasattr(given, "__next__") else given),
        )  # fmt: skip


@pytest.mark.parametrize(
    "values", [("a", "b"), ("a", None), (), ("a", RuntimeError("midway")), (5,)], ids=repr
)
async def test_asynchronous_iterables(values: tuple[Any, ...]) -> None:
    for field in ("texts", "sureTexts"):
        await agreed(WORLD, f"{{ {field} }}", context=lambda: Kept(lambda: arriving(*values)))


@pytest.mark.parametrize("value", ["a", None, ValueError("late"), 7], ids=repr)
async def test_pending_items_and_attributes(value: Any) -> None:
    for field in ("texts", "sureTexts"):
        await agreed(WORLD, f"{{ {field} }}", context=lambda: Kept(lambda: ["x", later(value), later("y")]))
    await agreed(WORLD, "{ dog { age name } }", context=lambda: Kept(lambda: Dog(name=later(value))))


async def test_futures_are_awaited_as_they_are() -> None:
    def dog() -> Dog:
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.set_result, "late")
        done = asyncio.get_running_loop().create_future()
        done.set_result(4)
        return Dog(name=future, age=done)

    result = await agreed(WORLD, "{ dog { age name } }", context=lambda: Kept(dog))
    assert result.data == {"dog": {"age": 4, "name": "late"}}


@pytest.mark.parametrize(
    "value", [Dog(name="a"), Cat(name="b"), None, "text", 5, Money(fen=1), {"name": "c"}], ids=repr
)
async def test_abstract_types(value: Any) -> None:
    fragments = "... on Dog { age loud } ... on Cat { lives }"
    await agreed(WORLD, f"{{ named {{ __typename name {fragments} }} }}", context=lambda: Kept(value))
    await agreed(
        WORLD, f"{{ pets {{ __typename {fragments} }} }}", context=lambda: Kept([Cat(name="c"), value])
    )
    await agreed(WORLD, "{ dog { name good } }", context=lambda: Kept(value))


async def test_objects_that_only_look_like_the_type() -> None:
    class Lazy:
        reads = 0

        @property
        def fen(self) -> int:
            Lazy.reads += 1
            return 7

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(name)

    class Plain:
        fen = 8
        note = "of the class"

    for found in (Lazy(), Plain(), Money(fen=1), object()):
        await agreed(
            WORLD, "{ dog { price { fen } } }", context=lambda found=found: Kept(Dog(name="a", price=found))
        )
        await agreed(
            WORLD,
            "{ dog { price { fen note } } }",
            context=lambda found=found: Kept(Dog(name="a", price=found)),
        )


async def test_a_subclass_and_a_cast() -> None:
    class Puppy(Dog):
        pass

    await agreed(WORLD, f"{{ dogs {DOG} }}", context=lambda: Kept([whole_dog(), Puppy(name="p")]))
    await agreed(
        WORLD,
        f"{{ someDogs {DOG} named {{ name }} }}",
        context=lambda: Kept([whole_dog(), cast(Cat, whole_dog())]),
    )


async def test_what_runs_code_when_it_is_read_is_read_once() -> None:
    class Counting:
        note: Any = ()  # no text: a display gives up after it has read `fen`

        def __init__(self) -> None:
            self.reads = 0

        @property
        def fen(self) -> int:
            self.reads += 1
            return 7

    made: list[Counting] = []

    def dogs() -> Kept:
        made.append(Counting())
        return Kept([Dog(name="a", price=made[-1])])

    await agreed(WORLD, "{ dogs { price { fen note } } }", context=dogs)
    assert [found.reads for found in made] == [1, 1, 1]


async def test_objects_that_are_awaited() -> None:
    class Late:
        fen = 1

        def __await__(self) -> Any:
            return later(Money(fen=2)).__await__()

    result = await agreed(
        WORLD, "{ dog { price { fen } } }", context=lambda: Kept(Dog(name="a", price=Late()))
    )
    assert result.data == {"dog": {"price": {"fen": 2}}}

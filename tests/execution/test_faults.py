"""Any resolver may raise, give something of a wrong type, give it late, or never be reached: the answers stay the same."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from inspect import CORO_CLOSED, getcoroutinestate
from random import Random
from typing import Any

import pytest
from graphql import (
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    build_schema,
    is_leaf_type,
    parse,
    validate,
)
from support.documents import a_document
from support.executors import both

SDL = """
interface Thing { id: ID! thing: Thing sure: Thing! }
type Leaf implements Thing { id: ID! thing: Thing sure: Thing! text: String! number: Int list: [Int!] }
type Tree implements Thing {
  id: ID! thing: Thing sure: Thing! trees: [Tree!] many: [Tree]! whole: [Tree!]! leaf: Leaf leaves: [Leaf!] grid: [[Int!]!]
}
union Any = Leaf | Tree
type Query { tree: Tree! may: Tree any: Any all: [Any!] things: [Thing] text: String }
"""

VALUES: dict[str, Any] = {"ID": "id", "String": "text", "Int": 7}
ODD: list[Any] = [
    None,
    "odd",
    5,
    [],
    [None],
    {},
    object(),
    1.5,
    2**40,
    ValueError("a value that is an error"),
]


class Node:
    """An object of a type."""

    def __init__(self, kind: str) -> None:
        self.kind = kind


def made(schema: GraphQLSchema, kind: GraphQLOutputType, chance: Random) -> Any:
    """A value that fits."""
    if isinstance(kind, GraphQLNonNull):
        return made(schema, kind.of_type, chance)
    if isinstance(kind, GraphQLList):
        return [made(schema, kind.of_type, chance) for _ in range(chance.randint(0, 3))]
    if is_leaf_type(kind):
        return VALUES[kind.name]
    if isinstance(kind, GraphQLObjectType):
        return Node(kind.name)
    return Node(chance.choice(schema.get_possible_types(kind)).name)


class Injector:
    """Resolves by the path alone, so that both executors meet the same fault at the same place."""

    def __init__(self, schema: GraphQLSchema, seed: int, share: float, *, pending: bool) -> None:
        self.schema = schema
        self.seed = seed
        self.share = share
        self.pending = pending
        self.calls: Counter[str] = Counter()
        self.begun: list[Coroutine[Any, Any, Any]] = []

    def resolve(self, _source: Any, info: Any) -> Any:
        path = str(info.path.as_list())
        self.calls[path] += 1
        chance = Random(f"{self.seed} {path}")
        odd = chance.random() < self.share
        value = chance.choice(ODD) if odd else made(self.schema, info.return_type, chance)
        raises = odd and chance.random() < 0.5
        if self.pending and chance.random() < 0.4:
            return self._later(value, raises, path, chance.randint(0, 4))
        if raises:
            raise ValueError(path)
        if self.pending and not odd and isinstance(value, list) and chance.random() < 0.3:
            return [self._later(item, raises=False, path=path, turns=chance.randint(0, 3)) for item in value]
        return value

    def _later(self, value: Any, raises: bool, path: str, turns: int) -> Coroutine[Any, Any, Any]:
        self.begun.append(self._arriving(value, raises, path, turns))
        return self.begun[-1]

    async def _arriving(self, value: Any, raises: bool, path: str, turns: int) -> Any:
        for _ in range(turns):
            await asyncio.sleep(0)
        if raises:
            raise ValueError(path)
        return value


def a_schema() -> GraphQLSchema:
    schema = build_schema(SDL)
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for found in kind.fields.values():
                found.resolve = lambda source, info: info.context.resolve(source, info)
        if hasattr(kind, "resolve_type"):
            kind.resolve_type = lambda value, _info, _kind: getattr(value, "kind", None)
        if isinstance(kind, GraphQLObjectType) and kind.name in {"Leaf", "Tree"}:
            kind.is_type_of = _is(kind.name)
    return schema


def _is(name: str) -> Callable[[Any, Any], bool]:
    return lambda value, _info: getattr(value, "kind", None) == name


SCHEMA = a_schema()


async def compared(seeds: range, *, share: float, pending: bool) -> int:
    """How many answers had errors."""
    with_errors = 0
    for seed in seeds:
        source, variables = a_document(SCHEMA, seed, {"Boolean": [True, False]}, depth=3)
        if validate(SCHEMA, parse(source)):
            continue
        injectors: list[Injector] = []

        def injector(seed: int = seed, injectors: list[Injector] = injectors) -> Injector:
            injectors.append(Injector(SCHEMA, seed, share, pending=pending))
            return injectors[-1]

        pair = await both(SCHEMA, source, context=injector, variables=variables)
        if pending:
            pair.must_agree_but_for_races()
        else:
            pair.must_agree()
            assert injectors[1].calls == injectors[0].calls
        assert all(max(found.calls.values(), default=0) <= 1 for found in injectors[1:])
        assert {getcoroutinestate(begun) for found in injectors[1:] for begun in found.begun} <= {CORO_CLOSED}
        for begun in injectors[0].begun:
            begun.close()  # graphql-core leaves some behind
        with_errors += bool(pair.core.errors)
    return with_errors


@pytest.mark.parametrize("share", [0.0, 0.02, 0.2])
async def test_faults_at_once(share: float) -> None:
    with_errors = await compared(range(50), share=share, pending=False)
    assert (with_errors > 0) == (share > 0)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.2])
async def test_faults_that_come_late(share: float) -> None:
    with_errors = await compared(range(50), share=share, pending=True)
    assert (with_errors > 0) == (share > 0)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("pending", [True, False])
async def test_many_faults(pending: bool) -> None:
    assert await compared(range(1_000, 3_000), share=0.05, pending=pending)

"""One document on both executors, and what must be equal about the two answers."""

import asyncio
import gc
import inspect
import warnings
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLSchema, execute, parse, validate
from graphql.pyutils import is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph.execution import Plan

Said = tuple[str, tuple[Any, ...] | None, tuple[Any, ...]]


def graphql_schema(schema: strawberry.Schema | GraphQLSchema) -> GraphQLSchema:
    return schema if isinstance(schema, GraphQLSchema) else schema._schema


async def by_core(
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    root: Any = None,
    context: Any = None,
    variables: dict[str, Any] | None = None,
    name: str | None = None,
) -> ExecutionResult:
    async with _forgetting():
        result = execute(
            schema,
            document,
            root,
            context,
            variables,
            name,
            executor_class=StrawberryGraphQLCoreExecutionContext,
        )
        found: ExecutionResult = await result if is_awaitable(result) else result
        for error in found.errors or ():
            _without_frames(error)
        return found


def _without_frames(error: BaseException | None) -> None:
    """What was raised holds the frames that it came through, and so whatever was left waiting in them."""
    while error is not None:
        error.__traceback__ = None
        _without_frames(getattr(error, "original_error", None))
        error = error.__cause__ or error.__context__


@asynccontextmanager
async def _forgetting() -> AsyncIterator[None]:
    """
    graphql-core cancels what waits beside a failed field, sometimes before it began, and then neither its own coroutine
    nor the resolver's was ever awaited. They are collected here, and nothing else is meanwhile, so that no other code and
    no later test has to answer for them.
    """
    gc.freeze()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
            yield
            await asyncio.sleep(0)  # until then the loop holds what was cancelled
            gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()


def said(result: ExecutionResult) -> list[Said]:
    """The errors as clients are told them."""
    return [
        (
            found.message,
            None if found.path is None else tuple(found.path),
            tuple((place.line, place.column) for place in found.locations or ()),
        )
        for found in result.errors or []
    ]


def is_null_at(data: Any, path: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Where on the way to a path the data end in null."""
    for depth, key in enumerate(path):
        if data is None:
            return path[:depth]
        data = data[key]
    return path if data is None else None


@dataclass(frozen=True, slots=True)
class Pair:
    """Both answers; the compiled one was made twice, carefully and with displays."""

    core: ExecutionResult
    careful: ExecutionResult
    displayed: ExecutionResult

    def must_agree(self) -> None:
        for compiled in (self.careful, self.displayed):
            assert repr(compiled.data) == repr(self.core.data)
            assert Counter(said(compiled)) == Counter(said(self.core))

    def must_agree_but_for_races(self) -> None:
        """
        Where a null bubbles to, errors beside the first may come before or after it, and after it they are dropped. So of
        each place that is null it is asked that both name an error, and of other errors that they are the same.
        """
        for compiled in (self.careful, self.displayed):
            assert repr(compiled.data) == repr(self.core.data)
            assert _placed(compiled) == _placed(self.core)


def _placed(result: ExecutionResult) -> tuple[set[Said], set[tuple[Any, ...]]]:
    """Errors that stand where they are null themselves, and where others bubbled to."""
    alone, bubbled = set(), set()
    for error in said(result):
        path = error[1]
        null = None if path is None else is_null_at(result.data, path)
        if path is None or null == path:
            alone.add(error)
        elif null is not None:
            bubbled.add(null)
    return {error for error in alone if not any((error[1] or ())[: len(at)] == at for at in bubbled)}, bubbled


async def both(
    schema: strawberry.Schema | GraphQLSchema,
    source: str,
    *,
    root: Any = None,
    context: Any = None,
    variables: dict[str, Any] | None = None,
    name: str | None = None,
    valid: bool = True,
    plan: Plan | None = None,
) -> Pair:
    """The same document, root, context and variables; a context that can be called is made anew for each."""
    whole = graphql_schema(schema)
    document = parse(source)
    if valid:
        assert validate(whole, document) == []
    plan = plan or Plan(whole, document, name)
    new = context if inspect.isfunction(context) else lambda: context
    core = await by_core(whole, document, root=root, context=new(), variables=variables, name=name)
    careful = await plan.execute(root, new(), variables)
    displayed = await plan.execute(root, new(), variables)
    return Pair(core, careful, displayed)


async def agreed(schema: Any, source: str, **given: Any) -> ExecutionResult:
    """Both answers are the same; gives it."""
    pair = await both(schema, source, **given)
    pair.must_agree()
    return pair.displayed

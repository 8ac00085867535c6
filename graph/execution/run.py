"""
One execution: the errors so far, and what is pending.

A value that arrives is completed at once, by whoever waited for it. Of what that leaves pending, the same task awaits one
and the others get a task each; so a chain of resolvers costs one task, and what is pending alone costs none.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from inspect import CORO_CREATED, getcoroutinestate, iscoroutine
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.execution.values import VariableValues

from graph.execution.place import Place

if TYPE_CHECKING:
    from graph.execution.fields import Field
    from graph.execution.siblings import Siblings

GoOn = Callable[[Any, Place], Any]
"""Completes a value that arrived: gives what belongs into its place, or raises."""
Pending = tuple[Awaitable[Any], Place, GoOn]


class CancelledByOthers(Exception):
    """What a field waited for was cancelled by somebody else."""


class Request(NamedTuple):
    """What is the same for all executions of an operation."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]


class Run:
    """The state of one execution; `again` says that the operation was asked before."""

    __slots__ = ("_fresh", "_tasks", "again", "context", "errors", "failed", "request", "root", "siblings",
                 "variables")  # fmt: skip

    def __init__(
        self, request: Request, root: Any, context: Any, variables: VariableValues, *, again: bool
    ) -> None:
        self.request = request
        self.root = root
        self.context = context
        self.variables = variables
        self.again = again
        self.errors: list[GraphQLError] = []
        self.failed = False
        """There are no data at all: an error reached the root, or nobody waits any more."""
        self.siblings: list[Siblings] = []
        """Objects that are in their places, and have fields left open."""
        self._fresh: list[Pending] = []
        self._tasks: dict[asyncio.Future[Any], tuple[Awaitable[Any], Place]] = {}

    async def operation(self, fields: Sequence["Field"], *, serially: bool) -> ExecutionResult:
        """Run the root's fields: side by side, or each with all that is below it before the next."""
        data: dict[str, Any] = {}
        try:
            for field in fields:
                if serially and not self.failed:
                    await self._settled()
                if not self.failed:
                    field.execute(self, self.root, None, data)
            await self._settled()
        except GraphQLError as error:
            self.fail(error)
        finally:
            if self._fresh or self._tasks:
                await self._end()
        return ExecutionResult(None if self.failed else data, self.errors or None)

    def later(self, awaited: Awaitable[Any], place: Place, go_on: GoOn) -> None:
        """The value of `place` is not here yet; null stands there until it is."""
        place.container[place.key] = None
        shared = asyncio.isfuture(awaited)  # others may wait for it when it is given up here
        self._fresh.append((asyncio.shield(awaited) if shared else awaited, place, go_on))

    def track(self, place: Place, values: Iterable[Awaitable[Any]]) -> None:
        """What is awaited before the answer is given, whatever comes of it."""
        self._tasks |= {asyncio.ensure_future(value): (value, place) for value in values}

    def count(self, error: GraphQLError) -> None:
        """An error of the answer; what was pending below its place is given up."""
        self.errors.append(error)
        self._give_up()

    def fail(self, raised: Exception) -> None:
        """An error that reached the root."""
        if not self.failed:
            assert isinstance(raised, GraphQLError)
            self.failed = True
            self.count(raised)

    async def _settled(self) -> None:
        """Until nothing is pending."""
        while fresh := self._found():
            if len(fresh) == 1 and not self._tasks:
                await self._arrive(*fresh[0])
            else:
                self._begin(fresh)
                while self._tasks:
                    await self._some_end()

    async def _some_end(self) -> None:
        done, _ = await asyncio.wait(self._tasks)
        for task in done:
            del self._tasks[task]
            if not task.cancelled():
                task.exception()  # looked at, so that nobody complains that it was not

    def _begin(self, pending: Iterable[Pending]) -> None:
        for each in pending:
            self._tasks[asyncio.ensure_future(self._chain(each))] = each[:2]

    async def _chain(self, pending: Pending) -> None:
        """The value, and so on with what it leaves pending."""
        task = _task()
        while True:
            self._tasks[task] = pending[:2]
            await self._arrive(*pending)
            fresh = self._found()
            if not fresh:
                return
            pending, *others = fresh
            self._begin(others)

    async def _arrive(self, awaited: Awaitable[Any], place: Place, go_on: GoOn) -> None:
        try:
            value = await awaited
            if self.errors and place.lost():
                return
            place.container[place.key] = go_on(value, place)
        except asyncio.CancelledError:
            if _task().cancelling():
                raise
            place.fail(CancelledByOthers())
        except Exception as raised:  # noqa: BLE001  # whatever a resolver raises belongs into the answer
            place.fail(raised)

    def _found(self) -> list[Pending]:
        """What is newly pending, after all that can be done at once."""
        while self.siblings:
            siblings, self.siblings = self.siblings, []
            for found in siblings:
                found.fill()
        fresh, self._fresh = self._fresh, []
        if not self.errors:
            return fresh
        give_up(awaited for awaited, place, _ in fresh if place.lost())
        return [found for found in fresh if not found[1].lost()]

    def _give_up(self) -> None:
        """Cancel what is pending below a place that became null."""
        for task, (awaited, place) in self._tasks.items():
            if place.lost() and task is not _task():
                task.cancel()
                give_up([awaited])

    async def _end(self) -> None:
        """Nothing that was begun here outlives the request."""
        self.failed = True
        give_up(awaited for awaited, _, _ in self._fresh)
        self._give_up()
        while self._tasks:
            await self._some_end()


def _task() -> asyncio.Task[Any]:
    found = asyncio.current_task()
    assert found is not None
    return found


def give_up(values: Iterable[Any]) -> None:
    """What was not begun yet never is."""
    for value in values:
        if iscoroutine(value) and getcoroutinestate(value) == CORO_CREATED:
            value.close()

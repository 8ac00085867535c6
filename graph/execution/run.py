"""
One execution: the errors so far, and what is pending.

A value that arrives is completed at once, by whoever waited for it. Of what that leaves pending, the same task awaits one
and the others get a task each; so a chain of resolvers costs one task, and what is pending alone costs none.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from inspect import CORO_CREATED, getcoroutinestate, iscoroutine
from types import CoroutineType
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.execution.values import VariableValues

from graph.execution.place import GoOn, Place

if TYPE_CHECKING:
    from graph.execution.fields import Field
    from graph.execution.siblings import Siblings

Pending = tuple[Awaitable[Any], Place, GoOn]


class Request(NamedTuple):
    """What is the same for all executions of an operation."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]


@dataclass(slots=True, eq=False)
class Run:
    """The state of one execution."""

    request: Request
    root: Any
    context: Any
    variables: VariableValues
    again: bool
    """The operation was asked before."""
    errors: list[GraphQLError] = field(default_factory=list)
    failed: bool = False
    """There are no data at all: an error reached the root, or nobody waits any more."""
    siblings: "list[Siblings]" = field(default_factory=list)
    """Objects that are in their places, and have fields left open."""
    _fresh: list[Pending] = field(default_factory=list)
    _waiting: dict[asyncio.Task[None], Pending] = field(default_factory=dict)
    _group: asyncio.TaskGroup | None = None

    async def operation(self, fields: Sequence["Field"], *, serially: bool) -> ExecutionResult:
        """Run the root's fields: side by side, or each with all that is below it before the next."""
        data: dict[str, Any] = {}
        try:
            for each in fields:
                if serially:
                    await self._settled()
                if not self.failed:
                    each.execute(self, self.root, None, data)
            if self._fresh or self.siblings:
                await self._settled()
        except GraphQLError as error:
            self.fail(error)
        finally:
            give_up(self._fresh)
        return ExecutionResult(None if self.failed else data, self.errors or None)

    def later(self, awaited: Awaitable[Any], place: Place, go_on: GoOn) -> None:
        """The value of `place` is not here yet."""
        if awaited.__class__ is not CoroutineType and asyncio.isfuture(awaited):
            awaited = asyncio.shield(awaited)  # others may wait for it when it is given up here
        self._fresh.append((awaited, place, go_on))

    def count(self, error: GraphQLError) -> None:
        """An error of the answer; what is pending below its place is given up."""
        self.errors.append(error)
        for task, pending in self._waiting.items():
            if pending[1].lost() and task is not asyncio.current_task():
                task.cancel()
                give_up([pending])

    def fail(self, raised: Exception) -> None:
        """An error that reached the root."""
        if not self.failed:
            self.failed = True
            self.count(raised)  # type: ignore[arg-type]  # located on its way

    async def _settled(self) -> None:
        """Until nothing is pending."""
        while fresh := self._found():
            if len(fresh) == 1:
                await _arrive(*fresh[0])
                continue
            try:
                async with asyncio.TaskGroup() as self._group:
                    self._begin(fresh)
            finally:
                give_up(self._waiting.values())
                self._waiting.clear()

    def _found(self) -> list[Pending]:
        """What is newly pending, after all that can be done at once."""
        while self.siblings:
            self.siblings.pop(0).fill()
        fresh, self._fresh = self._fresh, []
        if self.errors:
            give_up(each for each in fresh if each[1].lost())
            return [each for each in fresh if not each[1].lost()]
        return fresh

    def _begin(self, pending: Iterable[Pending]) -> None:
        assert self._group is not None
        for each in pending:
            self._waiting[self._group.create_task(self._chain(*each))] = each

    async def _chain(self, awaited: Awaitable[Any], place: Place, go_on: GoOn) -> None:
        """The value, and so on with what it leaves pending."""
        task = asyncio.current_task()
        assert task is not None
        await _arrive(awaited, place, go_on)
        while fresh := self._found():
            self._begin(fresh[1:])
            self._waiting[task] = fresh[0]
            await _arrive(*fresh[0])
        del self._waiting[task]


async def _arrive(awaited: Awaitable[Any], place: Place, go_on: GoOn) -> None:
    try:
        value = await awaited
        if not (place.run.errors and place.lost()):
            place.container[place.key] = go_on(value, place)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        place.fail(RuntimeError("What it waited for was cancelled by others."))
    except Exception as raised:  # noqa: BLE001  # whatever a resolver raises belongs into the answer
        place.fail(raised)


def give_up(pending: Iterable[Pending]) -> None:
    """What was not begun yet never is."""
    for awaited, _, _ in pending:
        if iscoroutine(awaited) and getcoroutinestate(awaited) == CORO_CREATED:
            awaited.close()

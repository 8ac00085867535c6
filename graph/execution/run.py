"""
One execution: the errors so far, what is awaited, and the loop that goes on where something arrived.

Everything that is pending in a request is awaited in one place, so an object or a list that holds something pending costs
no coroutine and no task of its own. A task is made only for a coroutine that is pending beside others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.error import located_error
from graphql.execution.values import VariableValues
from graphql.pyutils import gather_with_cancel, is_awaitable
from graphql.type import GraphQLResolveInfoHelpers

from graph.execution.place import Place

if TYPE_CHECKING:
    from graph.execution.fields import Field

GoOn = Callable[["Run", Any, Place], Any]
"""Completes a value that arrived: gives what belongs into its place, or raises."""


class CancelledByOthers(Exception):
    """What a field waited for was cancelled by somebody else."""


class Pending:
    """Stands in its place until the value arrives."""

    def __repr__(self) -> str:
        return "PENDING"


PENDING = Pending()


class Request(NamedTuple):
    """What is the same for all executions of an operation."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]


class _Waiting:
    """A value that is awaited."""

    __slots__ = ("awaited", "go_on", "own", "place", "run")

    def __init__(self, run: "Run", awaited: Any, place: Place, go_on: GoOn) -> None:
        self.run = run
        self.awaited = awaited
        self.place = place
        self.go_on = go_on
        self.own = False

    def start(self) -> None:
        if not asyncio.isfuture(self.awaited):
            self.awaited = asyncio.ensure_future(self.awaited)
            self.own = True
        if self.awaited.done():
            self.arrived(self.awaited)
        else:
            self.awaited.add_done_callback(self.arrived)

    def arrived(self, _future: Any) -> None:
        self.run.arrived(self)


class Run:
    """The state of one execution."""

    __slots__ = (
        "_dropped", "_fresh", "_ready", "_torn", "_waiting", "_waker",
        "again", "context", "errors", "failed", "request", "root", "variables",
    )  # fmt: skip

    def __init__(
        self, request: Request, root: Any, context: Any, variables: VariableValues, *, again: bool = False
    ) -> None:
        self.request = request
        self.again = again
        """The operation was asked before."""
        self.root = root
        self.context = context
        self.variables = variables
        self.errors: list[GraphQLError] = []
        self.failed = False
        """There are no data at all: an error reached the root."""
        self._fresh: list[_Waiting] = []
        self._waiting: set[_Waiting] = set()
        self._ready: list[_Waiting] = []
        self._dropped: list[asyncio.Future[Any]] = []
        self._torn = False
        self._waker: asyncio.Future[None] | None = None

    async def operation(self, fields: Sequence["Field"], *, serially: bool) -> ExecutionResult:
        """Run the root's fields: side by side, or each with all that is below it before the next."""
        data: dict[str, Any] = {}
        try:
            for field in fields:
                field.execute(self, self.root, None, data)
                if serially:
                    await self._drain()
                    if self.failed:
                        break
            await self._drain()
        except GraphQLError as error:
            self._fail_whole(error)
        finally:
            if self._fresh or self._waiting or self._dropped:
                await self._end()
        return ExecutionResult(None if self.failed else data, self.errors or None)

    def later(self, awaited: Awaitable[Any], place: Place, go_on: GoOn) -> Pending:
        """The value of `place` is not here yet."""
        self._fresh.append(_Waiting(self, awaited, place, go_on))
        return PENDING

    def caught(self, raised: Exception, place: Place) -> None:
        """Count the error where null may stand, else raise it with its place."""
        error = located_error(raised, place.field.nodes, place.keys())
        if not place.nullable:
            raise error
        self._count(error, place)

    def helpers(self) -> GraphQLResolveInfoHelpers:
        return GraphQLResolveInfoHelpers(gather=lambda values: gather_with_cancel(*values), track=self._track)

    def arrived(self, waiting: _Waiting) -> None:
        self._ready.append(waiting)
        if self._waker is not None and not self._waker.done():
            self._waker.set_result(None)

    def _track(self, values: Sequence[Any]) -> None:
        self._dropped += [asyncio.ensure_future(value) for value in values if is_awaitable(value)]

    def _count(self, error: GraphQLError, place: Place) -> None:
        if not self.failed and not place.lost():
            place.failed = self._torn = True
            self.errors.append(error)

    def _fail_whole(self, error: GraphQLError) -> None:
        if not self.failed:
            self.failed = self._torn = True
            self.errors.append(error)

    def _fail(self, raised: Exception, place: Place) -> None:
        """As `caught`, where no caller is left to raise to."""
        error = located_error(raised, place.field.nodes, place.keys())
        above: Place | None = place
        while above is not None and not above.nullable:
            above = above.above
        if above is None:
            self._fail_whole(error)
        else:
            self._count(error, above)
            above.container[above.key] = None

    async def _drain(self) -> None:
        """Until nothing is pending."""
        while self._fresh or self._waiting:
            if self._torn:
                self._sweep()
            if len(self._fresh) == 1 and not self._waiting:
                await self._alone(self._fresh.pop())
                continue
            fresh, self._fresh = self._fresh, []
            self._waiting.update(fresh)
            for waiting in fresh:
                waiting.start()
            if self._waiting and not self._ready:
                self._waker = asyncio.get_running_loop().create_future()
                await self._waker
                self._waker = None
            ready, self._ready = self._ready, []
            for waiting in ready:
                self._settle(waiting)

    async def _alone(self, waiting: _Waiting) -> None:
        """What is pending alone needs no task."""
        try:
            value = await waiting.awaited
            made = waiting.go_on(self, value, waiting.place)
        except Exception as raised:  # noqa: BLE001  # whatever a resolver raises belongs into the answer
            self._fail(raised, waiting.place)
        else:
            waiting.place.container[waiting.place.key] = made

    def _settle(self, waiting: _Waiting) -> None:
        future, place = waiting.awaited, waiting.place
        if waiting not in self._waiting or (self._torn and self._is_lost(place)):
            self._waiting.discard(waiting)
            _ = (
                future.cancelled() or future.exception()
            )  # looked at, so that nobody complains that it was not
            return
        self._waiting.discard(waiting)
        try:
            made = waiting.go_on(self, _result(future), place)
        except Exception as raised:  # noqa: BLE001  # as above
            self._fail(raised, place)
        else:
            place.container[place.key] = made

    def _is_lost(self, place: Place) -> bool:
        return self.failed or place.lost()

    def _sweep(self) -> None:
        """Give up what is pending below a place that became null."""
        self._torn = False
        fresh, self._fresh = self._fresh, []
        for waiting in fresh:
            if self._is_lost(waiting.place):
                give_up([waiting.awaited])
            else:
                self._fresh.append(waiting)
        for waiting in [found for found in self._waiting if self._is_lost(found.place)]:
            self._waiting.discard(waiting)
            self._drop(waiting)

    def _drop(self, waiting: _Waiting) -> None:
        if waiting.own:
            waiting.awaited.cancel()
            self._dropped.append(waiting.awaited)

    async def _end(self) -> None:
        """Nothing that was begun here outlives the request."""
        give_up(waiting.awaited for waiting in self._fresh)
        for waiting in self._waiting:
            self._drop(waiting)
        await asyncio.gather(*self._dropped, return_exceptions=True)


def _result(future: asyncio.Future[Any]) -> Any:
    if future.cancelled():  # what was cancelled here is not waited for any more
        raise CancelledByOthers
    return future.result()


def give_up(values: Iterable[Any]) -> None:
    """What was not begun yet never is."""
    for value in values:
        if iscoroutine(value):
            value.close()

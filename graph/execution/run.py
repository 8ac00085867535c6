"""
One execution: where values go in the answer, what becomes of errors, and what is pending.

A value that arrives is completed at once, by whoever waited for it. Of what that leaves pending, the same task awaits one
and the others get a task each; so a chain of resolvers costs one task, and what is pending alone costs none.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import CORO_CREATED, getcoroutinestate, iscoroutine
from operator import attrgetter
from types import CoroutineType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard, TypeVar

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode
from graphql.error import located_error
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, gather_with_cancel, is_awaitable
from graphql.type import GraphQLResolveInfoHelpers

if TYPE_CHECKING:
    from graph.execution.fields import Ahead, Field
    from graph.execution.siblings import Siblings

P = TypeVar("P")
GoOn = Callable[
    [Any, "Place"], Any
]  # completes a value that is here: gives what belongs into its place, or raises
Pending = tuple[Awaitable[Any], "Place", GoOn]
_NEVER_AWAITED = frozenset({type(None), bool, int, float, str, list, tuple, dict})


def awaited(value: Any) -> TypeGuard[Awaitable[Any]]:
    kind = value.__class__
    return kind is CoroutineType or (kind not in _NEVER_AWAITED and is_awaitable(value))


@dataclass(slots=True, eq=False)
class Place:
    """
    A key of an object or an index of a list, linked to the place of what holds it.

    Containers are filled in place: an error that bubbles writes null at the nearest place above that may hold it. To
    resolvers a place is the info, with all that graphql-core's GraphQLResolveInfo says, worked out when it is asked for.
    """

    run: "Run"
    above: "Place | None"
    container: Any
    key: str | int
    field: "Field"
    nullable: bool
    failed: bool = False
    """An error was counted here: what comes later below is dropped."""

    def when(self, found: Any, go_on: GoOn) -> Any:
        """What is made of something found; null stands here for as long as it is awaited."""
        return self.run.later(found, self, go_on) if awaited(found) else go_on(found, self)

    def caught(self, raised: Exception) -> None:
        """Null and an error where null may stand, else raises the error with its place."""
        error = located_error(raised, self.field.nodes, self.whole_path().as_list())
        if not self.nullable:
            raise error
        self.container[self.key] = None
        if not self.lost():
            self.failed = True
            self.run.count(error)

    def fail(self, raised: Exception) -> None:
        """The same where no caller is left to raise to: the error bubbles from here."""
        try:
            return self.caught(raised)
        except GraphQLError as error:
            raised = error
        return (self.above or self.run).fail(raised)

    def lost(self) -> bool:
        """Was this place, or one above it, given up?"""
        return self.failed or (self.run.failed if self.above is None else self.above.lost())

    def whole_path(self) -> Path:
        """From the root, as graphql-core links it."""
        above = None if self.above is None else self.above.whole_path()
        return Path(above, self.key, self.field.parent.name if isinstance(self.key, str) else None)

    @property
    def path(self) -> Path:
        """Of an item it is the path of its list."""
        of_item = self.above if isinstance(self.key, int) else None
        return self.whole_path() if of_item is None else of_item.path

    field_name = property(attrgetter("field.name"))
    field_nodes = property(attrgetter("field.nodes"))
    return_type = property(attrgetter("field.definition.type"))
    parent_type = property(attrgetter("field.parent"))
    schema = property(attrgetter("run.request.schema"))
    fragments = property(attrgetter("run.request.fragments"))
    operation = property(attrgetter("run.request.operation"))
    root_value = property(attrgetter("run.root"))
    context = property(attrgetter("run.context"))
    variable_values = property(attrgetter("run.variables.coerced"))  # by name, as from Strawberry's executor
    is_awaitable = staticmethod(is_awaitable)
    abort_signal = operation_extensions = property(lambda _: None)

    def ahead(self, make: "Callable[[Ahead | None], P]") -> P:
        """What is made of what is asked for below: once for an operation that is asked again and again, else of None."""
        return self.field.ahead(make) if self.run.again else make(None)

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        def track(values: Iterable[Any]) -> None:
            """They are awaited before the answer is given, whatever comes of them."""
            begun = asyncio.gather(*filter(is_awaitable, values), return_exceptions=True)
            Place(self.run, self.above, {}, self.key, self.field, nullable=True).when(begun, lambda *_: None)

        return GraphQLResolveInfoHelpers(lambda values: gather_with_cancel(*values), track)


class Request(NamedTuple):
    """What is the same for all executions of an operation."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, Any]


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
    _group: Any = None

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
        for each in pending:
            self._waiting[self._group.create_task(self._chain(*each))] = each

    async def _chain(self, awaited: Awaitable[Any], place: Place, go_on: GoOn) -> None:
        """The value, and so on with what it leaves pending."""
        task: Any = asyncio.current_task()
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
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
        place.fail(RuntimeError("What it waited for was cancelled by others."))
    except Exception as raised:  # noqa: BLE001  # whatever a resolver raises belongs into the answer
        place.fail(raised)


def give_up(pending: Iterable[Pending]) -> None:
    """What was not begun yet never is."""
    for awaited, _, _ in pending:
        if iscoroutine(awaited) and getcoroutinestate(awaited) == CORO_CREATED:
            awaited.close()

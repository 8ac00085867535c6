"""Where a value goes in the answer, and so what a resolver is told and what becomes of an error."""

from asyncio import gather
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from types import CoroutineType
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

from graphql import GraphQLError
from graphql.error import located_error
from graphql.pyutils import Path, gather_with_cancel, is_awaitable
from graphql.type import GraphQLResolveInfoHelpers

if TYPE_CHECKING:
    from graph.execution.fields import Ahead, Field
    from graph.execution.run import Run

P = TypeVar("P")
GoOn = Callable[[Any, "Place"], Any]
"""Completes a value that is here: gives what belongs into its place, or raises."""
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
        place: Place | None = self
        while place is not None:
            try:
                return place.caught(raised)
            except GraphQLError as error:
                raised, place = error, place.above
        return self.run.fail(raised)

    def lost(self) -> bool:
        """Was this place, or one above it, given up?"""
        place: Place | None = self
        while place is not None:
            if place.failed:
                return True
            place = place.above
        return self.run.failed

    def whole_path(self) -> Path:
        """From the root, as graphql-core links it."""
        above = None if self.above is None else self.above.whole_path()
        return Path(above, self.key, self.field.parent.name if isinstance(self.key, str) else None)

    @property
    def path(self) -> Path:
        """Of an item it is the path of its list."""
        in_list = isinstance(self.key, int) and self.above is not None
        return self.above.path if in_list else self.whole_path()  # type: ignore[union-attr]  # just looked at

    field_name = property(attrgetter("field.name"))
    field_nodes = property(attrgetter("field.nodes"))
    return_type = property(attrgetter("field.definition.type"))
    parent_type = property(attrgetter("field.parent"))
    schema = property(attrgetter("run.request.schema"))
    fragments = property(attrgetter("run.request.fragments"))
    operation = property(attrgetter("run.request.operation"))
    root_value = property(attrgetter("run.root"))
    context = property(attrgetter("run.context"))
    variable_values = property(attrgetter("run.variables.coerced"))
    """As Strawberry's executor gives them: coerced, by name."""
    is_awaitable = staticmethod(is_awaitable)
    abort_signal = operation_extensions = property(lambda _: None)

    def ahead(self, make: "Callable[[Ahead | None], P]") -> P:
        """What is made of what is asked for below: once for an operation that is asked again and again, else of None."""
        return self.field.ahead(make) if self.run.again else make(None)

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        return GraphQLResolveInfoHelpers(
            gather=lambda values: gather_with_cancel(*values),
            track=lambda values: self._track(filter(is_awaitable, values)),
        )

    def _track(self, values: Iterable[Awaitable[Any]]) -> None:
        """They are awaited before the answer is given, whatever comes of them."""
        begun = gather(*values, return_exceptions=True)

        async def ended() -> None:
            await begun

        Place(self.run, self.above, {}, self.key, self.field, nullable=True).when(ended(), lambda *_: None)

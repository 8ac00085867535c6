"""Where a value goes in the answer, and what a resolver is told about it."""

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from graphql import GraphQLResolveInfo
from graphql.pyutils import Path, is_awaitable
from graphql.type import GraphQLResolveInfoHelpers

if TYPE_CHECKING:
    from graph.execution.ahead import Ahead
    from graph.execution.fields import Field
    from graph.execution.run import Run

P = TypeVar("P")


class Place:
    """
    A key of an object or an index of a list, linked to the place of what holds it.

    Containers are filled in place: an error that bubbles writes null at the nearest place above that may hold it.
    """

    __slots__ = ("above", "container", "failed", "field", "key", "nullable")

    def __init__(
        self, above: "Place | None", container: Any, key: str | int, field: "Field", nullable: bool
    ) -> None:
        self.above = above
        self.container = container
        self.key = key
        self.field = field
        self.nullable = nullable
        self.failed = False
        """An error was counted here: what comes later below is dropped."""

    def keys(self) -> list[str | int]:
        """The path from the root."""
        found = []
        place: Place | None = self
        while place is not None:
            found.append(place.key)
            place = place.above
        return found[::-1]

    def path(self) -> Path:
        """The same as graphql-core links it."""
        above = None if self.above is None else self.above.path()
        return Path(above, self.key, self.field.parent.name if isinstance(self.key, str) else None)

    def lost(self) -> bool:
        """Was this place, or one above it, given up?"""
        place: Place | None = self
        while place is not None:
            if place.failed:
                return True
            place = place.above
        return False


class ResolveInfo:
    """What graphql-core's GraphQLResolveInfo says, worked out only when it is asked for."""

    __slots__ = ("_field", "_place", "_run")

    def __init__(self, run: "Run", field: "Field", place: Place) -> None:
        self._run = run
        self._field = field
        self._place = place

    is_awaitable: Callable[[Any], bool] = staticmethod(is_awaitable)
    abort_signal = None
    operation_extensions = None

    field_name = property(attrgetter("_field.name"))
    field_nodes = property(attrgetter("_field.nodes"))
    return_type = property(attrgetter("_field.definition.type"))
    parent_type = property(attrgetter("_field.parent"))
    schema = property(attrgetter("_run.request.schema"))
    fragments = property(attrgetter("_run.request.fragments"))
    operation = property(attrgetter("_run.request.operation"))
    root_value = property(attrgetter("_run.root"))
    context = property(attrgetter("_run.context"))
    variable_values = property(attrgetter("_run.variables.coerced"))
    """As Strawberry's executor gives them: coerced, by name."""

    def ahead(self, make: "Callable[[Ahead | None], P]") -> P:
        """What is made of what is asked for below: once for an operation that is asked again and again, else of None."""
        return self._field.ahead(make) if self._run.again else make(None)

    @property
    def path(self) -> Path:
        place = self._place
        while isinstance(place.key, int) and place.above is not None:
            place = place.above  # of an item the field's path is told
        return place.path()

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        return self._run.helpers()


def told(run: "Run", field: "Field", place: Place) -> GraphQLResolveInfo[Any]:
    """The info for a resolver."""
    info: Any = ResolveInfo(run, field, place)
    return info  # type: ignore[no-any-return]  # has all that the named tuple has

"""
How values become parts of the answer, carefully: with places, nulls that bubble, and whatever may be pending.

This is the "value completion" of the GraphQL specification, one class for each kind of type. Where an object or a list of
objects has a display (`graph.execution.writing`), that is tried first.
"""

from collections.abc import AsyncIterable, Callable
from contextlib import suppress
from typing import Any, cast

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLLeafType,
    GraphQLObjectType,
    Undefined,
    default_type_resolver,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import inspect, is_iterable

from graph.execution.fields import Field, awaited
from graph.execution.place import Place, told
from graph.execution.run import Run, give_up
from graph.execution.siblings import Siblings

Display = Callable[[Any], dict[str, Any]]
"""Makes an object of the answer from attributes alone; raises anything where one is not as expected."""

_CORE = cast("Any", Executor)
"""graphql-core's own words for what is wrong are taken from there, once something is."""


class Value:
    """A value of a type; `nullable` is said of the type itself, whether errors bubble or not."""

    __slots__ = ("nullable",)

    def __init__(self, *, nullable: bool) -> None:
        self.nullable = nullable

    def complete(self, run: Run, value: Any, place: Place) -> Any:
        """What stands in the answer; raises what is wrong."""
        if value is None or value is Undefined:
            if self.nullable:
                return None
            field = place.field
            raise TypeError(f"Cannot return null for non-nullable field {field.parent}.{field.name}.")
        if isinstance(value, Exception):
            raise value
        return self.some(run, value, place)

    def some(self, run: Run, value: Any, place: Place) -> Any:
        """The same for what is not null."""
        raise NotImplementedError


class Leaf(Value):
    """A scalar or an enum."""

    __slots__ = ("kind",)

    def __init__(self, kind: GraphQLLeafType, *, nullable: bool) -> None:
        super().__init__(nullable=nullable)
        self.kind = kind

    def some(self, run: Run, value: Any, place: Place) -> Any:  # noqa: ARG002  # as the others
        return _CORE.complete_leaf_value(self.kind, value)


class ListOf(Value):
    """A list; its items may be pending, and it may be an asynchronous iterable."""

    __slots__ = ("item", "item_nullable")

    def __init__(self, item: Value, *, nullable: bool, propagates: bool) -> None:
        super().__init__(nullable=nullable)
        self.item = item
        self.item_nullable = item.nullable or not propagates

    def some(self, run: Run, value: Any, place: Place) -> Any:
        if value.__class__ is list:
            whole = self._displayed(run, value, place)
            if whole is not None:
                return whole
        elif hasattr(value, "__aiter__"):
            return run.later(self._arriving(run, value, place), place, lambda _run, made, _place: made)
        elif not is_iterable(value):
            field = place.field
            raise GraphQLError(
                f"Expected Iterable, but did not find one for field '{field.parent}.{field.name}'."
            )
        made: list[Any] = []
        items = iter(value)
        try:
            for item in items:
                self._add(run, item, len(made), place, made)
        except Exception:
            with suppress(Exception):
                give_up(items)
            raise
        return made

    def _displayed(self, run: Run, values: list[Any], place: Place) -> list[Any] | None:
        item = self.item
        if not isinstance(item, ObjectOf) or item.display is None:
            return None
        display = item.display
        made: list[Any]
        try:
            made = [display(value) for value in values]
        except Exception:  # noqa: BLE001  # looked at carefully instead
            return None
        if item.resolved and made:
            nullable = self.item_nullable
            siblings = Siblings(
                values, made, place, lambda index: Place(place, made, index, place.field, nullable)
            )
            siblings.fill(run, item.alone, item.together)
        return made

    async def _arriving(self, run: Run, values: AsyncIterable[Any], place: Place) -> list[Any]:
        made: list[Any] = []
        iterator = aiter(values)
        try:
            async for value in iterator:
                self._add(run, value, len(made), place, made)
        except Exception:
            close = getattr(iterator, "aclose", None)
            if close is not None:
                await close()
            raise
        return made

    def _add(self, run: Run, item: Any, index: int, above: Place, made: list[Any]) -> None:
        place = Place(above, made, index, above.field, self.item_nullable)
        try:
            if awaited(item):
                made.append(run.later(item, place, self.item.complete))
            else:
                made.append(self.item.complete(run, item, place))
        except Exception as raised:  # noqa: BLE001  # whatever it is belongs into the answer
            run.caught(raised, place)
            made.append(None)


class ObjectOf(Value):
    """An object, of which the operation asks for some fields."""

    __slots__ = ("alone", "display", "fields", "kind", "resolved", "together")

    def __init__(self, kind: GraphQLObjectType, fields: list[Field], *, nullable: bool) -> None:
        super().__init__(nullable=nullable)
        self.kind = kind
        self.fields = fields
        self.display: Display | None = None
        """Makes all but `resolved`, which have a null there to be filled."""
        self.resolved: list[Field] = []
        self.alone: list[Field] = []
        """Those of `resolved` that each object has resolved for itself."""
        self.together: list[Field] = []
        """Those that many have resolved in one step."""

    def some(self, run: Run, value: Any, place: Place) -> Any:
        if self.display is None:
            return self._checked(run, value, place)
        try:
            made = self.display(value)
        except Exception:  # noqa: BLE001  # looked at carefully instead
            return self._checked(run, value, place)
        for field in self.resolved:
            field.execute(run, value, place, made)
        return made

    def _checked(self, run: Run, value: Any, place: Place) -> Any:
        if self.kind.is_type_of is None:
            return self._each(run, value, place)
        found = self.kind.is_type_of(value, told(run, place.field, place))
        if awaited(found):
            return run.later(
                found, place, lambda run, found, place: self._if(run, value, place, fits=bool(found))
            )
        return self._if(run, value, place, fits=bool(found))

    def _if(self, run: Run, value: Any, place: Place, *, fits: bool) -> Any:
        if not fits:
            message = f"Expected value of type '{self.kind}' but got: {inspect(value)}."
            raise GraphQLError(message, list(place.field.nodes))
        return self._each(run, value, place)

    def _each(self, run: Run, value: Any, place: Place) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for field in self.fields:
            field.execute(run, value, place, made)
        return made


class AbstractOf(Value):
    """An interface or a union: each object says of which type it is."""

    __slots__ = ("kind", "object_of")

    def __init__(
        self, kind: GraphQLAbstractType, object_of: Callable[[GraphQLObjectType], ObjectOf], *, nullable: bool
    ) -> None:
        super().__init__(nullable=nullable)
        self.kind = kind
        self.object_of = object_of

    def some(self, run: Run, value: Any, place: Place) -> Any:
        resolve = self.kind.resolve_type or default_type_resolver
        name = resolve(value, told(run, place.field, place), self.kind)
        if awaited(name):
            return run.later(name, place, lambda run, name, place: self._named(run, name, value, place))
        return self._named(run, name, value, place)

    def _named(self, run: Run, name: Any, value: Any, place: Place) -> Any:
        found = run.request.schema.get_type(name) if isinstance(name, str) else None
        if not isinstance(found, GraphQLObjectType) or not run.request.schema.is_sub_type(self.kind, found):
            details = [FieldDetails(node, None) for node in place.field.nodes]
            found = _CORE.ensure_valid_runtime_type(
                run.request, name, self.kind, details, told(run, place.field, place), value
            )
        return self.object_of(cast("GraphQLObjectType", found)).some(run, value, place)

"""
How values become parts of the answer: the "value completion" of the GraphQL specification, one class for each kind of type.

Where a value has a display (`graph.execution.writing`), that is tried first. What follows it here is the careful way, with
places, nulls that bubble, and whatever may be pending.
"""

from collections.abc import AsyncIterable, Callable, Sequence
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

from graph.execution.fields import Field
from graph.execution.place import Place, awaited
from graph.execution.run import give_up
from graph.execution.siblings import Siblings

_CORE = cast("Any", Executor)
"""graphql-core's own words for what is wrong are taken from there, once something is."""


class Value:
    """A value of a type; `nullable` is said of the type itself, whether errors bubble or not."""

    __slots__ = ("display", "nullable", "open")

    def __init__(self, *, nullable: bool) -> None:
        self.nullable = nullable
        self.display: Callable[[Any], Any] | None = None
        """Makes the part of the answer from attributes alone, but for `open`; raises anything where one is not as expected."""
        self.open: Sequence[Field] = ()
        """An object's fields that its display leaves null, as they need more than attributes."""

    def complete(self, value: Any, place: Place) -> Any:
        """What stands in the answer; raises what is wrong."""
        if self.display is not None:
            try:
                made = self.display(value)
            except Exception:  # noqa: BLE001, S110  # looked at carefully instead
                pass
            else:
                for field in () if made is None else self.open:
                    field.execute(place.run, value, place, made)
                return made
        if value is None or value is Undefined:
            if self.nullable:
                return None
            field = place.field
            raise TypeError(f"Cannot return null for non-nullable field {field.parent}.{field.name}.")
        if isinstance(value, Exception):
            raise value
        return self.some(value, place)

    def some(self, value: Any, place: Place) -> Any:
        """The same for what is not null, carefully."""
        raise NotImplementedError


class Leaf(Value):
    """A scalar or an enum."""

    __slots__ = ("kind",)

    def __init__(self, kind: GraphQLLeafType, *, nullable: bool) -> None:
        super().__init__(nullable=nullable)
        self.kind = kind

    def some(self, value: Any, place: Place) -> Any:  # noqa: ARG002  # as the others
        return _CORE.complete_leaf_value(self.kind, value)


class ListOf(Value):
    """A list; its items may be pending, and it may be an asynchronous iterable."""

    __slots__ = ("item", "item_nullable")

    def __init__(self, item: Value, *, nullable: bool, propagates: bool) -> None:
        super().__init__(nullable=nullable)
        self.item = item
        self.item_nullable = item.nullable or not propagates

    def some(self, value: Any, place: Place) -> Any:
        if value.__class__ is list and self.item.open:
            made = self._opened(value, place)
            if made is not None:
                return made
        elif hasattr(value, "__aiter__"):
            return place.run.later(self._arriving(value, place), place, lambda made, _: made)
        elif not is_iterable(value):
            field = place.field
            raise GraphQLError(
                f"Expected Iterable, but did not find one for field '{field.parent}.{field.name}'."
            )
        made, items = [], iter(value)
        try:
            for item in items:
                self._add(item, made, place)
        except Exception:
            with suppress(Exception):
                give_up(items)
            raise
        return made

    def _opened(self, values: list[Any], place: Place) -> list[Any] | None:
        """Objects that are filled all together; None if one of them needs care."""
        assert self.item.display is not None
        try:
            made = [self.item.display(value) for value in values]
        except Exception:  # noqa: BLE001  # looked at carefully instead
            return None
        Siblings(self.item.open, values, made, place, lambda index: self._place(index, made, place)).begin()
        return made

    async def _arriving(self, values: AsyncIterable[Any], place: Place) -> list[Any]:
        made: list[Any] = []
        iterator = aiter(values)
        try:
            async for value in iterator:
                self._add(value, made, place)
        except Exception:
            close = getattr(iterator, "aclose", None)
            if close is not None:
                await close()
            raise
        return made

    def _add(self, item: Any, made: list[Any], above: Place) -> None:
        made.append(None)
        self._place(len(made) - 1, made, above).put(item, self.item)

    def _place(self, index: int, made: list[Any], above: Place) -> Place:
        return Place(above.run, above, made, index, above.field, self.item_nullable)


class ObjectOf(Value):
    """An object, of which the operation asks for some fields."""

    __slots__ = ("fields", "kind")

    def __init__(self, kind: GraphQLObjectType, fields: list[Field], *, nullable: bool) -> None:
        super().__init__(nullable=nullable)
        self.kind = kind
        self.fields = fields

    def some(self, value: Any, place: Place) -> Any:
        if self.kind.is_type_of is None:
            return self._each(value, place)
        info: Any = place
        fits = self.kind.is_type_of(value, info)
        if awaited(fits):
            return place.run.later(fits, place, lambda fits, place: self._if(fits, value, place))
        return self._if(fits, value, place)

    def _if(self, fits: Any, value: Any, place: Place) -> Any:
        if not fits:
            message = f"Expected value of type '{self.kind}' but got: {inspect(value)}."
            raise GraphQLError(message, list(place.field.nodes))
        return self._each(value, place)

    def _each(self, value: Any, place: Place) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for field in self.fields:
            field.execute(place.run, value, place, made)
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

    def some(self, value: Any, place: Place) -> Any:
        resolve = self.kind.resolve_type or default_type_resolver
        info: Any = place
        name = resolve(value, info, self.kind)
        if awaited(name):
            return place.run.later(name, place, lambda name, place: self._named(name, value, place))
        return self._named(name, value, place)

    def _named(self, name: Any, value: Any, place: Place) -> Any:
        request = place.run.request
        found = request.schema.get_type(name) if isinstance(name, str) else None
        if not isinstance(found, GraphQLObjectType) or not request.schema.is_sub_type(self.kind, found):
            details = [FieldDetails(node, None) for node in place.field.nodes]
            found = _CORE.ensure_valid_runtime_type(request, name, self.kind, details, place, value)
        return self.object_of(cast("GraphQLObjectType", found)).complete(value, place)

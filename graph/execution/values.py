"""
How values become parts of the answer: the "value completion" of the GraphQL specification, one class for each kind of type.

Where a value has a display (`graph.execution.writing`), that is tried first. What follows it here is the careful way, with
places, nulls that bubble, and whatever may be pending.
"""

from collections.abc import AsyncIterable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import GraphQLError, GraphQLLeafType, GraphQLObjectType, Undefined, default_type_resolver
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import inspect, is_iterable

from graph.execution.fields import Field
from graph.execution.run import Place, give_up
from graph.execution.siblings import Siblings
from graph.execution.strawberry_types import CAST, class_names

_CORE = cast("Any", Executor)  # for its own words for what is wrong, once something is


@dataclass(slots=True, eq=False)
class Value:
    """A value of a type."""

    nullable: bool
    display: Callable[[Any], Any] | None = field(default=None, init=False)
    """Makes the part of the answer from attributes alone, but for `open`; raises anything where one is not as expected."""
    open: Sequence[Field] = field(default=(), init=False)
    """An object's fields that its display leaves null, as they need more than attributes."""

    def complete(self, value: Any, place: Place) -> Any:
        """What stands in the answer; raises what is wrong."""
        if self.display is not None:
            try:
                made = self.display(value)
            except Exception:  # noqa: BLE001, S110  # looked at carefully instead
                pass
            else:
                for each in () if made is None else self.open:
                    each.execute(place.run, value, place, made)
                return made
        if value is None or value is Undefined:
            if self.nullable:
                return None
            raise TypeError(f"Cannot return null for non-nullable field {place.field.full_name}.")
        if isinstance(value, Exception):
            raise value
        return self.some(value, place)

    def displayed(self, values: Sequence[Any]) -> list[Any] | None:
        """The displays of many; None if one of them needs care."""
        if self.display is not None:
            with suppress(Exception):
                return [self.display(value) for value in values]
        return None

    def some(self, value: Any, place: Place) -> Any:
        """The same for what is not null, carefully."""
        raise NotImplementedError


@dataclass(slots=True, eq=False)
class Leaf(Value):
    """A scalar or an enum."""

    kind: GraphQLLeafType

    def some(self, value: Any, place: Place) -> Any:  # noqa: ARG002  # as the others
        return _CORE.complete_leaf_value(self.kind, value)


@dataclass(slots=True, eq=False)
class ListOf(Value):
    """A list; its items may be pending, and it may be an asynchronous iterable."""

    item: Value

    def some(self, value: Any, place: Place) -> Any:
        shown = self.item.displayed(value) if value.__class__ is list and self.item.open else None
        if shown is not None:
            Siblings(self.item, value, shown, place, lambda index: self._place(index, shown, place))
            return shown
        if hasattr(value, "__aiter__"):
            return place.when(self._arriving(value, place), lambda made, _: made)
        if not is_iterable(value):
            name = place.field.full_name
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{name}'.")
        made: list[Any] = []
        items = iter(value)
        try:
            for item in items:
                self._add(item, made, place)
        except Exception:
            with suppress(Exception):
                give_up((item, place, self.item.complete) for item in items)
            raise
        return made

    async def _arriving(self, values: AsyncIterable[Any], place: Place) -> list[Any]:
        made: list[Any] = []
        iterator = aiter(values)
        try:
            async for value in iterator:
                self._add(value, made, place)
        except Exception:
            if hasattr(iterator, "aclose"):
                await iterator.aclose()
            raise
        return made

    def _add(self, item: Any, made: list[Any], above: Place) -> None:
        place = self._place(len(made), made, above)
        made.append(None)
        try:
            made[-1] = place.when(item, self.item.complete)
        except Exception as raised:  # noqa: BLE001  # whatever it is belongs into the answer
            place.caught(raised)

    def _place(self, index: int, made: list[Any], above: Place) -> Place:
        return Place(above.run, above, made, index, above.field, self.item.nullable)


@dataclass(slots=True, eq=False)
class ObjectOf(Value):
    """An object, of which the operation asks for some fields."""

    kind: GraphQLObjectType
    fields: list[Field]

    def some(self, value: Any, place: Place) -> Any:
        is_type_of: Any = self.kind.is_type_of

        def filled(fits: Any, place: Place) -> dict[str, Any]:
            if not fits:
                message = f"Expected value of type '{self.kind}' but got: {inspect(value)}."
                raise GraphQLError(message, list(place.field.nodes))
            made: dict[str, Any] = {}
            for each in self.fields:
                each.execute(place.run, value, place, made)
            return made

        return filled(True, place) if is_type_of is None else place.when(is_type_of(value, place), filled)


@dataclass(slots=True, eq=False)
class AbstractOf(Value):
    """An interface or a union: each object says of which type it is."""

    kind: Any
    object_of: Callable[..., ObjectOf]
    """Builds what a type needs, when an object of it comes, to be `executed`, or when somebody looks ahead."""
    known: dict[str, ObjectOf] = field(default_factory=dict, init=False)
    _named_by: dict[type[Any], ObjectOf] = field(default_factory=dict, init=False)
    """By classes that say it for all their objects."""

    def some(self, value: Any, place: Place) -> Any:
        known = self._named_by.get(value.__class__)
        if known is not None and getattr(value, CAST, None) is None:
            return known.complete(value, place)
        resolve: Any = self.kind.resolve_type or default_type_resolver
        name = resolve(value, place, self.kind)
        return place.when(name, lambda name, place: self._named(name, value, place))

    def _named(self, name: Any, value: Any, place: Place) -> Any:
        made = self.known.get(name) if isinstance(name, str) else None
        if made is None:
            details = [FieldDetails(node, None) for node in place.field.nodes]
            found = _CORE.ensure_valid_runtime_type(place.run.request, name, self.kind, details, place, value)
            made = self.known[name] = self.object_of(found, executed=True)
        if made.display is not None and class_names(self.kind, value):
            self._named_by[value.__class__] = made
        return made.complete(value, place)

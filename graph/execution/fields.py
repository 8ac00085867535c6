"""A field of an operation: what it calls, with what, and how its value becomes part of the answer."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLFieldResolver,
    GraphQLObjectType,
    default_field_resolver,
    is_non_null_type,
)
from graphql.pyutils import is_awaitable

from graph.execution.ahead import Ahead
from graph.execution.arguments import arguments
from graph.execution.place import Place, told
from graph.execution.strawberry_types import attribute_of, many_of

if TYPE_CHECKING:
    from graph.execution.run import Run
    from graph.execution.values import Value

TYPENAME = "__typename"

P = TypeVar("P")
_NEVER_AWAITED = frozenset({type(None), bool, int, float, str, list, tuple, dict})


def awaited(value: Any) -> TypeGuard[Awaitable[Any]]:
    return value.__class__ not in _NEVER_AWAITED and is_awaitable(value)


class Field:
    """One key of an object, with all places of the document that ask for it."""

    __slots__ = ("_ahead", "arguments", "attribute", "column", "constant", "definition", "key", "many", "name", "nodes",
                 "nullable", "parent", "resolve", "value")  # fmt: skip

    value: "Value"
    """Set by who builds the field, as what is below may need the field."""

    def __init__(
        self,
        key: str,
        nodes: list[FieldNode],
        parent: GraphQLObjectType,
        definition: GraphQLField,
        *,
        propagates: bool,
    ) -> None:
        self.key = key
        self.nodes = nodes
        self.name = nodes[0].name.value
        self.parent = parent
        self.definition = definition
        self.nullable = not (propagates and is_non_null_type(definition.type))
        self.resolve: GraphQLFieldResolver = definition.resolve or default_field_resolver
        self.arguments = arguments(definition, nodes[0])
        self.attribute = attribute_of(definition)
        self.many = many_of(definition) if self.arguments is None else None
        """Resolves for many objects at once."""
        self.column: Callable[[list[Any], list[Any]], None] | None = None
        """Puts plain values into as many objects; raises anything where one is not as expected."""
        self.constant = parent.name if self.name == TYPENAME else None
        self._ahead: dict[Any, Any] = {}

    def ahead(self, make: Callable[[Ahead | None], P]) -> P:
        """What is made of what the operation asks for below, made once."""
        found: P | None = self._ahead.get(make)
        if found is None:
            found = self._ahead[make] = make(Ahead(self))
        return found

    def execute(self, run: "Run", source: Any, above: Place | None, into: dict[str, Any]) -> None:
        """Put the field's value into the object; raises what must bubble."""
        if self.constant is not None:
            into[self.key] = self.constant
            return
        place = Place(above, into, self.key, self, self.nullable)
        try:
            self._put(run, self._found(run, source, place), place)
        except Exception as raised:  # noqa: BLE001  # whatever a resolver raises belongs into the answer
            run.caught(raised, place)
            into[self.key] = None

    def put(self, run: "Run", found: Any, place: Place) -> None:
        """The same where the value was resolved together with others."""
        try:
            self._put(run, found, place)
        except Exception as raised:  # noqa: BLE001  # as above
            run.caught(raised, place)
            place.container[place.key] = None

    def _put(self, run: "Run", found: Any, place: Place) -> None:
        if awaited(found):
            place.container[place.key] = run.later(found, place, self.value.complete)
        else:
            place.container[place.key] = self.value.complete(run, found, place)

    def _found(self, run: "Run", source: Any, place: Place) -> Any:
        if self.attribute is not None:
            return getattr(source, self.attribute)
        info = told(run, self, place)
        given = self.arguments
        if given is None:
            return self.resolve(source, info)
        return self.resolve(source, info, **(given if isinstance(given, dict) else given(run.variables)))

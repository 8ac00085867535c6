"""A field of an operation: what it calls, with what, and what is asked for below it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from graphql import FieldNode, GraphQLObjectType, GraphQLSchema, default_field_resolver
from graphql.type import GraphQLField, is_non_null_type

from graph.execution.arguments import arguments
from graph.execution.run import Place, Run
from graph.execution.strawberry_types import called_directly, found_by, is_looked_through

if TYPE_CHECKING:
    from graph.execution.values import Value

P = TypeVar("P")


@dataclass(eq=False)
class Field:
    """One key of an object, with all places of the document that ask for it."""

    schema: GraphQLSchema
    key: str
    nodes: list[FieldNode]
    parent: GraphQLObjectType
    definition: GraphQLField
    value: "Value" = field(init=False)
    """Set by who builds the field, as what is below may need the field."""

    def __post_init__(self) -> None:
        self.name = self.nodes[0].name.value
        self.full_name = f"{self.parent.name}.{self.name}"
        self.nullable = not is_non_null_type(self.definition.type)
        self.arguments = arguments(self.definition, self.nodes[0])
        self.attribute, many = found_by(self.definition)
        self.constant = self.parent.name if self.name == "__typename" else None
        called = called_directly(self.schema, self.definition)
        self._resolve: Any = called or self.definition.resolve or default_field_resolver
        self._many: Any = many if self.arguments is None else None
        self.together = self._many is not None or self.attribute is not None
        """Its values for many objects are had in one step."""
        self._ahead: dict[Any, Any] = {}

    def execute(self, run: Run, source: Any, above: Place | None, into: dict[str, Any]) -> None:
        """Put the field's value into the object; raises what must bubble."""
        if self.constant is not None:
            into[self.key] = self.constant
            return
        place = Place(run, above, into, self.key, self, self.nullable)
        try:
            into[self.key] = place.when(self._found(source, place), self.value.complete)
        except Exception as raised:  # noqa: BLE001  # whatever a resolver raises belongs into the answer
            place.caught(raised)

    def _found(self, source: Any, place: Place) -> Any:
        if self.attribute is not None:
            return getattr(source, self.attribute)
        if self.arguments is None:
            return self._resolve(source, place)
        return self._resolve(source, place, **self.arguments(place.run.variables))

    def of_all(self, sources: Sequence[Any], place: Place) -> Any:
        """The values for many objects, of a field that has them `together`."""
        if self.attribute is not None:
            return [getattr(source, self.attribute) for source in sources]
        return self._many(sources, place)

    def ahead(self, make: "Callable[[Ahead | None], P]") -> P:
        """What is made of what the operation asks for below, made once."""
        made: P = self._ahead.get(make) or self._ahead.setdefault(make, make(Ahead(self)))
        return made


class Ahead:
    """What a resolver's value will be asked for, as far as attributes lead and resolvers are looked through."""

    def __init__(self, asked: Field) -> None:
        self._below = frozenset(_below(asked.value, asked.schema))

    def of(self, kind: str) -> frozenset[str]:
        """The fields of all objects of a type, by their names in the schema."""
        return frozenset(name for found, name in self._below if found == kind)


def _below(value: Any, schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Types with their fields; behind an interface those of each type that may stand there."""
    while hasattr(value, "item"):
        value = value.item
    if hasattr(value, "object_of"):
        for kind in schema.get_possible_types(value.kind):
            yield from _below(value.object_of(kind, executed=False), schema)
    for found in getattr(value, "fields", ()):
        yield value.kind.name, found.name
        if found.attribute is not None or is_looked_through(found.definition):
            yield from _below(found.value, schema)

"""Builds what executes an operation, for one set of values of its conditions."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLObjectType,
    GraphQLOutputType,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from graph.execution.collecting import Collecting
from graph.execution.fields import Field
from graph.execution.run import Request
from graph.execution.values import AbstractOf, Leaf, ListOf, ObjectOf, Value
from graph.execution.writing import Writing

_NO_PROPAGATION = "experimental_disableErrorPropagation"


class Variant:
    """An operation for one set of values of its conditions."""

    def __init__(self, request: Request, conditions: Mapping[str, bool]) -> None:
        self._request = request
        self._collecting = Collecting(request, conditions)
        self._propagates = all(
            found.name.value != _NO_PROPAGATION for found in request.operation.directives or ()
        )
        self.uses = 0
        self.written = False
        """It was asked for before: what is made for it once is worth its while."""
        self.source = ""
        """The Python that was written so far, to be read by people."""
        root = request.schema.get_root_type(request.operation.operation)
        assert root is not None  # looked at when the plan was made
        self.fields = self._fields(root, self._collecting.roots(root))

    def write(self) -> None:
        """Write the displays. It costs as much as some executions, so that what is asked once does without."""
        self.written = True
        self._write([field.value for field in self.fields])

    def _write(self, values: Sequence[Value]) -> None:
        with suppress(RecursionError):  # what is so deep does without
            writing = Writing(values)
            writing.install()
            self.source += writing.source

    def _fields(self, kind: GraphQLObjectType, collected: Mapping[str, list[FieldNode]]) -> list[Field]:
        made = []
        for key, nodes in collected.items():
            definition = self._request.schema.get_field(kind, nodes[0].name.value)
            if definition is not None:
                field = Field(key, nodes, kind, definition, propagates=self._propagates)
                field.value = self._value(definition.type, nodes)
                made.append(field)
        return made

    def _value(self, kind: GraphQLOutputType, nodes: list[FieldNode]) -> Value:
        nullable = not is_non_null_type(kind)
        named: Any = kind if nullable else cast("Any", kind).of_type
        if is_leaf_type(named):
            return Leaf(named, nullable=nullable)
        if is_list_type(named):
            item = self._value(named.of_type, nodes)
            return ListOf(item, nullable=nullable, propagates=self._propagates)
        if is_abstract_type(named):
            return self._abstract(named, nodes, nullable=nullable)
        return self._object(named, nodes, nullable=nullable)

    def _object(self, kind: GraphQLObjectType, nodes: list[FieldNode], *, nullable: bool) -> ObjectOf:
        return ObjectOf(kind, self._fields(kind, self._collecting.below(nodes, kind)), nullable=nullable)

    def _abstract(self, kind: GraphQLAbstractType, nodes: list[FieldNode], *, nullable: bool) -> AbstractOf:
        known: dict[str, ObjectOf] = {}
        written: set[str] = set()

        def object_of(found: GraphQLObjectType) -> ObjectOf:
            """What a type needs is built when an object of it comes, and written when one comes again."""
            name = found.name
            made = known.get(name)
            if made is None:
                made = known[name] = self._object(found, nodes, nullable=False)
            elif name not in written and self.written:
                written.add(name)
                self._write([made])
            return made

        return AbstractOf(kind, object_of, nullable=nullable)

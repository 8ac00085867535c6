"""Builds what executes an operation, for one set of values of its conditions."""

from collections.abc import Mapping
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

from graph.execution.collecting import Collecting, Conditions
from graph.execution.fields import Field
from graph.execution.run import Request
from graph.execution.values import AbstractOf, Leaf, ListOf, ObjectOf, Value
from graph.execution.writing import Writing

USES_BEFORE_WRITING = 1
"""Writing Python costs as much as some executions: what is asked once does without."""

_NO_PROPAGATION = "experimental_disableErrorPropagation"


class Variant:
    """An operation for one set of values of its conditions."""

    def __init__(self, request: Request, conditions: Conditions) -> None:
        self._collecting = Collecting(request.schema, request.operation, request.fragments, conditions)
        self._request = request
        self._propagates = all(
            found.name.value != _NO_PROPAGATION for found in request.operation.directives or ()
        )
        self._objects: list[ObjectOf] = []
        self._uses = 0
        self.written = False
        """It was asked for before: what is made for it once is worth its while."""
        self.source = ""
        """The Python that was written so far, to be read by people."""
        root = request.schema.get_root_type(request.operation.operation)
        assert root is not None  # looked at when the plan was made
        self.fields = self._fields(root, self._collecting.roots(root))

    def used(self) -> None:
        """Count a use; the second one has the displays written."""
        if not self.written:
            self._uses += 1
            if self._uses > USES_BEFORE_WRITING:
                self.write()

    def write(self) -> None:
        self.written = True
        self._write(self._objects)

    def _write(self, objects: list[ObjectOf]) -> None:
        writing = Writing(objects)
        self.source += writing.source
        writing.install()

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
        fields = self._fields(kind, self._collecting.below(nodes, kind))
        made = ObjectOf(kind, fields, nullable=nullable)
        self._objects.append(made)
        return made

    def _abstract(self, kind: GraphQLAbstractType, nodes: list[FieldNode], *, nullable: bool) -> AbstractOf:
        known: dict[str, ObjectOf] = {}

        def object_of(found: GraphQLObjectType) -> ObjectOf:
            """What a type needs is built when an object of it comes."""
            made = known.get(found.name)
            if made is None:
                before = len(self._objects)
                made = known[found.name] = self._object(found, nodes, nullable=False)
                if self.written:
                    self._write(self._objects[before:])
            return made

        return AbstractOf(kind, object_of, nullable=nullable)

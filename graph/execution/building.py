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
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from graph.execution.fields import Field
from graph.execution.run import Request
from graph.execution.values import AbstractOf, Leaf, ListOf, ObjectOf, Value
from graph.execution.writing import Writing


class Variant:
    """An operation for one set of values of its conditions, by which graphql-core collects the fields."""

    def __init__(self, request: Request, conditions: Mapping[str, bool]) -> None:
        self._request = request
        fragments = {name: FragmentDetails(found) for name, found in request.fragments.items()}
        self._collected_by = request.schema, fragments, VariableValues({}, dict(conditions))
        self.uses = 0
        self.written = False
        """It was asked for before: what is made for it once is worth its while."""
        self.source = ""
        """The Python that was written so far, to be read by people."""
        root = request.schema.get_root_type(request.operation.operation)
        assert root is not None  # looked at when the plan was made
        self.fields = self._fields(root, collect_fields(*self._collected_by, root, request.operation))

    def write(self) -> None:
        """Write the displays. It costs as much as some executions, so that what is asked once does without."""
        self.written = True
        self._write([field.value for field in self.fields])

    def _write(self, values: Sequence[Value]) -> None:
        with suppress(RecursionError):  # what is so deep does without
            writing = Writing(values)
            writing.install()
            self.source += writing.source

    def _fields(self, kind: GraphQLObjectType, collected: CollectedFields) -> list[Field]:
        made = []
        for key, details in collected.grouped_field_set.items():
            nodes = [found.node for found in details]
            definition = self._request.schema.get_field(kind, nodes[0].name.value)
            if definition is not None:
                field = Field(key, nodes, kind, definition)
                field.value = self._value(definition.type, nodes)
                made.append(field)
        return made

    def _value(self, kind: GraphQLOutputType, nodes: list[FieldNode]) -> Value:
        nullable = not is_non_null_type(kind)
        named: Any = kind if nullable else cast("Any", kind).of_type
        if is_leaf_type(named):
            return Leaf(nullable, named)
        if is_list_type(named):
            return ListOf(nullable, self._value(named.of_type, nodes))
        if is_abstract_type(named):
            return self._abstract(named, nodes, nullable=nullable)
        return self._object(named, nodes, nullable=nullable)

    def _object(self, kind: GraphQLObjectType, nodes: list[FieldNode], *, nullable: bool) -> ObjectOf:
        details = [FieldDetails(node, None) for node in nodes]
        collected = collect_subfields(*self._collected_by, self._request.operation, kind, details)
        return ObjectOf(nullable, kind, self._fields(kind, collected))

    def _abstract(self, kind: GraphQLAbstractType, nodes: list[FieldNode], *, nullable: bool) -> AbstractOf:
        known: dict[str, ObjectOf] = {}
        written: set[str] = set()

        def object_of(found: GraphQLObjectType) -> ObjectOf:
            """What a type needs is built when an object of it comes, and written when one comes again."""
            made = known.get(found.name)
            if made is None:
                made = known[found.name] = self._object(found, nodes, nullable=False)
            elif self.written and found.name not in written:
                written.add(found.name)
                self._write([made])
            return made

        return AbstractOf(nullable, kind, object_of)

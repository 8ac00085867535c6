"""Builds what executes an operation, for one set of values of its conditions."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from graphql import FieldNode, GraphQLObjectType, GraphQLOutputType, get_nullable_type
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from graphql.type import is_abstract_type, is_leaf_type, is_list_type, is_non_null_type

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
        self.asked = self.written = False
        """Written when it is asked for again: then it is worth its while, as writing costs as much as some executions."""
        self.source = ""
        """The Python that was written so far, to be read by people."""
        root = request.schema.get_root_type(request.operation.operation)
        assert root is not None  # looked at when the plan was made
        collected = collect_fields(*self._collected_by, root, request.operation)
        self.fields = self._fields(root, collected.grouped_field_set)

    def write(self, values: Sequence[Value] = ()) -> None:
        """Write displays, for the whole operation unless something else is given."""
        self.written = True
        with suppress(RecursionError):  # what is so deep does without
            self.source += Writing().write(values or [field.value for field in self.fields])

    def _fields(self, kind: GraphQLObjectType, collected: Mapping[str, list[FieldDetails]]) -> list[Field]:
        made = []
        for key, details in collected.items():
            nodes = [found.node for found in details]
            definition = self._request.schema.get_field(kind, nodes[0].name.value)
            if definition is not None:
                field = Field(self._request.schema, key, nodes, kind, definition)
                field.value = self._value(definition.type, nodes)
                made.append(field)
        return made

    def _value(self, kind: GraphQLOutputType, nodes: list[FieldNode]) -> Value:
        nullable = not is_non_null_type(kind)
        named: Any = get_nullable_type(kind)
        if is_leaf_type(named):
            return Leaf(nullable, named)
        if is_list_type(named):
            return ListOf(nullable, self._value(named.of_type, nodes))
        if is_abstract_type(named):
            return AbstractOf(nullable, named, partial(self._object_of, nodes))
        return self._object(named, nodes, nullable=nullable)

    def _object(self, kind: GraphQLObjectType, nodes: list[FieldNode], *, nullable: bool) -> ObjectOf:
        details = [FieldDetails(node, None) for node in nodes]
        collected = collect_subfields(*self._collected_by, self._request.operation, kind, details)
        return ObjectOf(nullable, kind, self._fields(kind, collected.grouped_field_set))

    def _object_of(self, nodes: list[FieldNode], kind: GraphQLObjectType, *, executed: bool) -> ObjectOf:
        made = self._object(kind, nodes, nullable=False)
        if executed and self.written:
            self.write([made])
        return made

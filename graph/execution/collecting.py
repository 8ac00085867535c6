"""Which variables decide what an operation asks for, and what graphql-core collects by them (GraphQL, 6.3.2)."""

from collections.abc import Iterable, Iterator, Mapping

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

Conditions = Mapping[str, bool]
"""The variables that @skip and @include look at, by name."""

_CONDITIONAL = {"skip", "include"}
_INCREMENTAL = {"defer", "stream"}


class NotTaken(Exception):
    """The operation is left to graphql-core; the reason is one word."""


def _variable(directive: DirectiveNode) -> str | None:
    """The variable that a condition is; NotTaken for what validation would have refused."""
    for argument in directive.arguments or ():
        if argument.name.value == "if" and isinstance(argument.value, BooleanValueNode):
            return None
        if argument.name.value == "if" and isinstance(argument.value, VariableNode):
            return argument.value.name.value
    raise NotTaken("invalid")


def _selections(roots: Iterable[SelectionSetNode]) -> Iterator[SelectionNode]:
    stack = list(roots)
    while stack:
        for selection in stack.pop().selections:
            yield selection
            inner: SelectionSetNode | None = getattr(selection, "selection_set", None)
            if inner is not None:
                stack.append(inner)


def conditions(document: DocumentNode) -> frozenset[str]:
    """The variables that @skip and @include look at; NotTaken for directives that deliver later."""
    found = set()
    roots = [node.selection_set for node in document.definitions if hasattr(node, "selection_set")]
    for selection in _selections(roots):
        for directive in selection.directives or ():
            if directive.name.value in _INCREMENTAL:
                raise NotTaken(directive.name.value)
            if directive.name.value in _CONDITIONAL:
                found.add(_variable(directive))
    return frozenset(name for name in found if name is not None)


class Collecting:
    """Collects by the values of the conditions: nodes by key, in the order in which the answer has them."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        conditions: Conditions,
    ) -> None:
        details = {name: FragmentDetails(found) for name, found in fragments.items()}
        self._given = schema, details, VariableValues({}, dict(conditions))
        self._operation = operation

    def roots(self, kind: GraphQLObjectType) -> dict[str, list[FieldNode]]:
        return self._nodes(collect_fields(*self._given, kind, self._operation).grouped_field_set)

    def below(self, nodes: Iterable[FieldNode], kind: GraphQLObjectType) -> dict[str, list[FieldNode]]:
        details = [FieldDetails(node, None) for node in nodes]
        found = collect_subfields(*self._given, self._operation, kind, details)
        return self._nodes(found.grouped_field_set)

    def _nodes(self, grouped: Mapping[str, list[FieldDetails]]) -> dict[str, list[FieldNode]]:
        return {key: [found.node for found in details] for key, details in grouped.items()}

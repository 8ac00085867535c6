"""Which variables decide what an operation asks for, and what graphql-core collects by them (GraphQL, 6.3.2)."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import BooleanValueNode, DirectiveNode, DocumentNode, FieldNode, GraphQLObjectType, VariableNode
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from graph.execution.run import Request


class NotTaken(Exception):
    """The operation is left to graphql-core; the reason is one word."""


def conditions(document: DocumentNode) -> list[str]:
    """The variables that @skip and @include look at; NotTaken for directives that deliver later."""
    found = set()
    inner: list[Any] = list(document.definitions)
    while inner:
        selection_set = getattr(inner.pop(), "selection_set", None)
        for selection in selection_set.selections if selection_set else ():
            inner.append(selection)
            for directive in selection.directives or ():
                if directive.name.value in {"defer", "stream"}:
                    raise NotTaken(directive.name.value)
                if directive.name.value in {"skip", "include"}:
                    found.add(_variable(directive))
    return sorted(name for name in found if name is not None)


def _variable(directive: DirectiveNode) -> str | None:
    """The variable that a condition is; NotTaken for what validation would have refused."""
    for argument in directive.arguments or ():
        if argument.name.value == "if" and isinstance(argument.value, BooleanValueNode):
            return None
        if argument.name.value == "if" and isinstance(argument.value, VariableNode):
            return argument.value.name.value
    raise NotTaken("invalid")


class Collecting:
    """Collects by the values of the conditions: nodes by key, in the order in which the answer has them."""

    def __init__(self, request: Request, conditions: Mapping[str, bool]) -> None:
        details = {name: FragmentDetails(found) for name, found in request.fragments.items()}
        self._given = request.schema, details, VariableValues({}, dict(conditions))
        self._operation = request.operation

    def roots(self, kind: GraphQLObjectType) -> dict[str, list[FieldNode]]:
        return _nodes(collect_fields(*self._given, kind, self._operation).grouped_field_set)

    def below(self, nodes: Iterable[FieldNode], kind: GraphQLObjectType) -> dict[str, list[FieldNode]]:
        details = [FieldDetails(node, None) for node in nodes]
        return _nodes(collect_subfields(*self._given, self._operation, kind, details).grouped_field_set)


def _nodes(grouped: Mapping[str, list[FieldDetails]]) -> dict[str, list[FieldNode]]:
    return {key: [found.node for found in details] for key, details in grouped.items()}

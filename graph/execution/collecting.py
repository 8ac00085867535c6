"""Which fields an operation asks of an object: fragments put in their places, equal keys merged (GraphQL, 6.3.2)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)
from graphql.utilities import type_from_ast

Conditions = Mapping[str, bool]
"""The variables that @skip and @include look at, by name."""

_CONDITIONAL = {"skip": False, "include": True}
_INCREMENTAL = ("defer", "stream")


class NotTaken(Exception):
    """The operation is left to graphql-core; the reason is one word."""


def _condition(directive: DirectiveNode) -> bool | str:
    """A value, or the variable's name; NotTaken for what validation would have refused."""
    for argument in directive.arguments or ():
        if argument.name.value == "if" and isinstance(argument.value, BooleanValueNode):
            return argument.value.value
        if argument.name.value == "if" and isinstance(argument.value, VariableNode):
            return argument.value.name.value
    raise NotTaken("invalid")


def _selection_sets(roots: Iterable[SelectionSetNode]) -> Iterator[SelectionNode]:
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
    for selection in _selection_sets(roots):
        for directive in selection.directives or ():
            if directive.name.value in _INCREMENTAL:
                raise NotTaken(directive.name.value)
            if directive.name.value in _CONDITIONAL:
                condition = _condition(directive)
                if isinstance(condition, str):
                    found.add(condition)
    return frozenset(found)


class Collecting:
    """Collects by the values of the conditions."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], conditions: Conditions
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._conditions = conditions

    def fields(
        self, kind: GraphQLObjectType, selection_sets: Iterable[SelectionSetNode]
    ) -> dict[str, list[FieldNode]]:
        """By key, in the order in which the answer has them."""
        found: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        for selection_set in selection_sets:
            self._collect(kind, selection_set, found, spread)
        return found

    def _collect(
        self,
        kind: GraphQLObjectType,
        selection_set: SelectionSetNode,
        found: dict[str, list[FieldNode]],
        spread: set[str],
    ) -> None:
        for selection in selection_set.selections:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                found.setdefault((selection.alias or selection.name).value, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                if self._applies(selection.type_condition, kind):
                    self._collect(kind, selection.selection_set, found, spread)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
                fragment = self._fragments.get(selection.name.value)
                if fragment is not None and self._applies(fragment.type_condition, kind):
                    spread.add(selection.name.value)
                    self._collect(kind, fragment.selection_set, found, spread)

    def _included(self, selection: SelectionNode) -> bool:
        for directive in selection.directives or ():
            wanted = _CONDITIONAL.get(directive.name.value)
            if wanted is not None:
                condition = _condition(directive)
                if (self._conditions[condition] if isinstance(condition, str) else condition) is not wanted:
                    return False
        return True

    def _applies(self, condition: Node | None, kind: GraphQLObjectType) -> bool:
        if condition is None:
            return True
        found: Any = type_from_ast(self._schema, condition)  # type: ignore[call-overload]
        return found is kind or (is_abstract_type(found) and self._schema.is_sub_type(found, kind))

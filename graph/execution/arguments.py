"""Variables and arguments: checked by graphql-core's own functions, which are called only where a value may differ."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    GraphQLError,
    GraphQLField,
    GraphQLInputType,
    GraphQLSchema,
    IntValueNode,
    NullValueNode,
    OperationDefinitionNode,
    StringValueNode,
    Undefined,
    VariableNode,
    get_argument_values,
    get_variable_values,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.utilities import coerce_input_value

ERRORS_MOST = 50
"""Of variables that do not fit; graphql-core's own default."""

Given = Mapping[str, Any]
Arguments = Callable[[VariableValues], dict[str, Any]]

_PLAIN = (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    IntValueNode,
    NullValueNode,
    StringValueNode,
    type(None),
)


def _leaf(kind: GraphQLInputType) -> bool:
    return is_leaf_type(kind.of_type if is_non_null_type(kind) else kind)


class Variables:
    """The variables of an operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        signatures = [get_variable_signature(schema, found) for found in self._definitions]
        known = [found for found in signatures if isinstance(found, GraphQLVariableSignature)]
        self._signatures = known if len(known) == len(signatures) else None

    def coerced(self, given: Given) -> VariableValues | list[GraphQLError]:
        """By name, or what is wrong with them."""
        return self._leaves(given) or get_variable_values(
            self._schema, self._definitions, dict(given), max_errors=ERRORS_MOST
        )

    def _leaves(self, given: Given) -> VariableValues | None:
        """The same for scalars and enums that are given and fit; None leaves it to graphql-core."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        if self._signatures is None:
            return None
        for signature in self._signatures:
            value = given.get(signature.name, Undefined)
            if value is Undefined:
                if signature.default is not None or is_non_null_type(signature.type):
                    return None
                sources[signature.name] = VariableValueSource(signature)
                continue
            fits = _leaf(signature.type) or value is None
            found = coerce_input_value(value, signature.type) if fits else Undefined
            if found is Undefined:
                return None
            sources[signature.name] = VariableValueSource(signature, value)
            coerced[signature.name] = found
        return VariableValues(sources, coerced)


def arguments(definition: GraphQLField, node: FieldNode) -> Arguments | dict[str, Any] | None:
    """
    What a resolver is called with: None for nothing, a mapping when it is the same each time, else how to make it. Lists and
    inputs are made anew each time, as a resolver may keep or change them.
    """
    if not definition.args and not node.arguments:
        return None
    given = {found.name.value: found.value for found in node.arguments or ()}

    def made(variables: VariableValues) -> dict[str, Any]:
        return get_argument_values(definition, node, variables)

    written = {name: found for name, found in definition.args.items() if isinstance(given.get(name), _PLAIN)}
    always = _once(GraphQLField(definition.type, args=written), node)
    if always is None:
        return made
    if len(written) == len(definition.args):
        return always
    picks = [
        (argument.out_name or name, found.name.value, is_non_null_type(argument.type))
        for name, argument in definition.args.items()
        if isinstance(found := given.get(name), VariableNode)
    ]
    if len(picks) + len(written) < len(definition.args):
        return made

    def picked(variables: VariableValues) -> dict[str, Any]:
        found = dict(always)
        for name, variable, never_null in picks:
            value = variables.coerced.get(variable, Undefined)
            if value is Undefined or (value is None and never_null):
                return made(variables)
            found[name] = value
        return found

    return picked


def _once(definition: GraphQLField, node: FieldNode) -> dict[str, Any] | None:
    """The arguments; None where they do not fit, which is said when the field is executed, or could be changed."""
    try:
        made = get_argument_values(definition, node)
    except GraphQLError:
        return None
    return None if any(isinstance(value, list | dict) for value in made.values()) else made

"""Variables and arguments: checked by graphql-core's own functions, which are called only where a value may differ."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    Undefined,
    VariableNode,
    get_argument_values,
    get_variable_values,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource

ERRORS_MOST = 50
"""Of variables that do not fit; graphql-core's own default."""

Given = Mapping[str, Any]
Arguments = Callable[[VariableValues], dict[str, Any]]


class Variables:
    """The variables of an operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        found = [get_variable_signature(schema, each) for each in self._definitions]
        known = [each for each in found if isinstance(each, GraphQLVariableSignature)]
        self._simple = [(each, is_non_null_type(each.type), _leaf(each.type)) for each in known]
        self._all_known = len(known) == len(found)

    def coerced(self, given: Given) -> VariableValues | list[GraphQLError]:
        """By name, or what is wrong with them."""
        if not self._definitions:
            return VariableValues({}, {})
        try:
            simply = self._leaves(given) if self._all_known else None
        except Exception:  # noqa: BLE001  # graphql-core says what is wrong
            simply = None
        return simply or get_variable_values(
            self._schema, self._definitions, dict(given), max_errors=ERRORS_MOST
        )

    def _leaves(self, given: Given) -> VariableValues | None:
        """The same for scalars and enums that are given and fit; None or whatever it raises leaves it to graphql-core."""
        made = VariableValues({}, {})
        for signature, never_null, leaf in self._simple:
            name = signature.name
            value = given.get(name, Undefined)
            if value is Undefined:
                if never_null or signature.default is not None:
                    return None
                made.sources[name] = VariableValueSource(signature)
                continue
            if value is None:
                found = Undefined if never_null else None
            else:
                found = Undefined if leaf is None else leaf.coerce_input_value(value)
            if found is Undefined:
                return None
            made.sources[name] = VariableValueSource(signature, value)
            made.coerced[name] = found
        return made


def _leaf(kind: Any) -> Any:
    """The scalar or enum that a type is, whether null is allowed or not."""
    inner = kind.of_type if is_non_null_type(kind) else kind
    return inner if is_leaf_type(inner) else None


def arguments(definition: GraphQLField, node: FieldNode) -> Arguments | None:
    """
    How to make what a resolver is called with; None where there is nothing. Lists and inputs are made anew each time, as a
    resolver may keep or change them.
    """
    if not definition.args and not node.arguments:
        return None

    def made(variables: VariableValues) -> dict[str, Any]:
        return get_argument_values(definition, node, variables)

    given = {found.name.value: found.value for found in node.arguments or ()}
    if any(isinstance(found, ListValueNode | ObjectValueNode) for found in given.values()):
        return made
    rest = {
        name: found
        for name, found in definition.args.items()
        if not isinstance(given.get(name), VariableNode)
    }
    try:
        always = get_argument_values(GraphQLField(definition.type, args=rest), node)
    except GraphQLError:  # said when the field is executed
        return made
    if any(isinstance(found, list | dict) for found in always.values()):
        return made
    picks = [
        (argument.out_name or name, found.name.value, is_non_null_type(argument.type))
        for name, argument in definition.args.items()
        if isinstance(found := given.get(name), VariableNode)
    ]

    def picked(variables: VariableValues) -> dict[str, Any]:
        found = always.copy()
        for name, variable, never_null in picks:
            value = variables.coerced.get(variable, Undefined)
            if value is Undefined or (value is None and never_null):
                return made(variables)
            found[name] = value
        return found

    return picked if picks else lambda _: always

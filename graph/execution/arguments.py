"""Variables and arguments: checked by graphql-core's own functions, which are called only where a value may differ."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from graphql import GraphQLError, Undefined, get_argument_values, get_variable_values
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.language import FieldNode, ListValueNode, ObjectValueNode, OperationDefinitionNode, VariableNode
from graphql.type import GraphQLField, GraphQLSchema, get_nullable_type, is_leaf_type, is_non_null_type


class Variables:
    """The variables of an operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        known: list[Any] = [get_variable_signature(schema, found) for found in self._definitions]
        self._known = [(each, is_non_null_type(each.type), get_nullable_type(each.type)) for each in known]

    def coerced(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """By name, or what is wrong with them."""
        if not self._definitions:
            return VariableValues({}, {})
        with suppress(Exception):  # graphql-core says what is wrong
            if (simply := self._leaves(given)) is not None:
                return simply
        return get_variable_values(self._schema, self._definitions, dict(given), max_errors=50)

    def _leaves(self, given: Mapping[str, Any]) -> VariableValues | None:
        """The same for scalars and enums that are given and fit; None or whatever it raises leaves it to graphql-core."""
        made = VariableValues({}, {})
        for signature, never_null, kind in self._known:
            value = found = given.get(signature.name, Undefined)
            if value is None or value is Undefined:
                if never_null or (value is Undefined and signature.default is not None):
                    return None
            else:
                found = kind.coerce_input_value(value) if is_leaf_type(kind) else Undefined
                if found is Undefined:
                    return None
            made.sources[signature.name] = VariableValueSource(signature, value)
            if found is not Undefined:
                made.coerced[signature.name] = found
        return made


def arguments(definition: GraphQLField, node: FieldNode) -> Callable[..., dict[str, Any]] | None:
    """
    How to make what a resolver is called with; None where there is nothing. Lists and inputs are made anew each time, as a
    resolver may keep or change them.
    """
    if not definition.args and not node.arguments:
        return None
    made = partial(get_argument_values, definition, node)
    given = {found.name.value: found.value for found in node.arguments or ()}
    variable = {name: found.name.value for name, found in given.items() if isinstance(found, VariableNode)}
    rest = {name: found for name, found in definition.args.items() if name not in variable}
    if any(isinstance(found, ListValueNode | ObjectValueNode) for found in given.values()):
        return made
    try:
        always = get_argument_values(GraphQLField(definition.type, args=rest), node)
    except GraphQLError:  # said when the field is executed
        return made
    if any(isinstance(found, list | dict) for found in always.values()):
        return made
    picks = [
        (argument.out_name or name, variable[name], is_non_null_type(argument.type))
        for name, argument in definition.args.items()
        if name in variable
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

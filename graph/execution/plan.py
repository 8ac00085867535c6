"""
An operation, compiled once and executed as often as it is asked.

What is not taken on is executed by graphql-core: subscriptions, @defer and @stream, arguments of fragments, and whatever
validation would have refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLSchema, OperationType, execute
from graphql.language import BooleanValueNode, FragmentDefinitionNode, OperationDefinitionNode, VariableNode
from graphql.pyutils import is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph.execution.arguments import Variables
from graph.execution.building import Variant
from graph.execution.run import Request, Run

VARIANTS_MOST = 16
"""Kept for each operation; the one not used for longest is built again when it is asked for."""


class NotTaken(Exception):
    """The operation is left to graphql-core; the reason is one word."""


@dataclass(eq=False)
class Plan:
    """One operation of a document that was validated against the schema, to be kept with the document."""

    schema: GraphQLSchema
    document: DocumentNode
    operation_name: str | None
    fell: Callable[[str], None] | None = None
    """Told whenever graphql-core executes it, and why."""
    reason: str | None = field(default=None, init=False)
    """Why graphql-core executes it each time; None for what is compiled."""

    def __post_init__(self) -> None:
        try:
            self._request = _request(self.schema, self.document, self.operation_name)
            self._conditions = _conditions(self.document)
            self._variables = Variables(self.schema, self._request.operation)
            self._serially = self._request.operation.operation is OperationType.MUTATION
            self._variant = lru_cache(VARIANTS_MOST)(self._new_variant)
            if not self._conditions:
                self._variant()
        except NotTaken as not_taken:
            self.reason = str(not_taken)
        except RecursionError:
            self.reason = "depth"

    async def execute(self, root: Any, context: Any, variables: Mapping[str, Any] | None) -> ExecutionResult:
        """The answer, as graphql-core would give it. Whatever a resolver raises is among its errors."""
        if self.reason is not None:
            return await self._by_core(self.reason, root, context, variables)
        coerced = self._variables.coerced(variables or {})
        if isinstance(coerced, list):
            return ExecutionResult(None, coerced)
        values = [coerced.coerced.get(name) for name in self._conditions]
        if values and not all(isinstance(value, bool) for value in values):
            return await self._by_core("condition", root, context, variables)
        variant = self._variant(*values)
        if variant.asked and not variant.written:
            variant.write()
        variant.asked = True
        run = Run(self._request, root, context, coerced, again=variant.written)
        return await run.operation(variant.fields, serially=self._serially)

    def source(self, values: Mapping[str, bool] | None = None) -> str:
        """The Python that makes parts of the answer, to be read by people; by the values of the conditions."""
        variant = self._variant(*[(values or {})[name] for name in self._conditions])
        if not variant.written:
            variant.write()
        return variant.source

    def _new_variant(self, *values: bool) -> Variant:
        return Variant(self._request, dict(zip(self._conditions, values, strict=True)))

    async def _by_core(self, why: str, root: Any, context: Any, variables: Any) -> ExecutionResult:
        if self.fell is not None:
            self.fell(why)
        asked = self.schema, self.document, root, context, dict(variables or {}), self.operation_name
        result = execute(*asked, executor_class=StrawberryGraphQLCoreExecutionContext)
        return await result if is_awaitable(result) else result  # type: ignore[return-value]  # an ExecutionResult, as nothing incremental was asked for


def _request(schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Request:
    """NotTaken for what cannot be executed here, or not at all."""
    operations = [found for found in document.definitions if isinstance(found, OperationDefinitionNode)]
    fragments = {
        found.name.value: found for found in document.definitions if isinstance(found, FragmentDefinitionNode)
    }
    if name is not None:
        operations = [found for found in operations if found.name and found.name.value == name]
    if not operations or (name is None and len(operations) > 1):
        raise NotTaken("operation")
    operation = operations[-1]  # of equal names, as graphql-core
    if operation.operation is OperationType.SUBSCRIPTION:
        raise NotTaken("subscription")
    if schema.get_root_type(operation.operation) is None:
        raise NotTaken("root")
    if operation.directives:
        raise NotTaken("directives")
    if any(fragment.variable_definitions for fragment in fragments.values()):
        raise NotTaken("fragment_arguments")
    return Request(schema, operation, fragments)


def _conditions(document: DocumentNode) -> list[str]:
    """The variables that @skip and @include look at; NotTaken for directives that deliver later."""
    found = set()
    nodes: list[Any] = list(document.definitions)
    while nodes:
        selection_set = getattr(nodes.pop(), "selection_set", None)
        for selection in selection_set.selections if selection_set else ():
            nodes.append(selection)
            for directive in selection.directives or ():
                if directive.name.value in {"defer", "stream"}:
                    raise NotTaken(directive.name.value)
                if directive.name.value in {"skip", "include"}:
                    given = [argument.value for argument in directive.arguments or ()]
                    if len(given) != 1 or not isinstance(given[0], BooleanValueNode | VariableNode):
                        raise NotTaken("invalid")  # validation would have refused it
                    found |= {value.name.value for value in given if isinstance(value, VariableNode)}
    return sorted(found)

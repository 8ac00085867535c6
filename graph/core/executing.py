"""Operations executed by plans, which are kept with their documents."""

from collections.abc import Mapping
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema
from prometheus_client import Counter

from graph.core.anybody import AnybodysContext
from graph.core.context import Context
from graph.core.documents import Prepared
from graph.core.sharing import Sharing
from graph.execution import Plan, compile_operation

INTERPRETED = Counter(
    "qingyi_operations_interpreted",
    "Operations that graphql-core executed, by why they were not compiled.",
    ["why"],
)
_UNNAMED = "Of several operations, operationName must name one."


async def executed(
    schema: GraphQLSchema,
    prepared: Prepared,
    operation_name: str | None,
    variables: Mapping[str, Any],
    context: Context,
) -> ExecutionResult:
    """What came of the operation. UnknownOperation for a name that the document does not have."""
    if operation_name not in prepared.plans:
        prepared.operation(operation_name)
        if prepared.errors:
            return ExecutionResult(None, list(prepared.errors))
        if operation_name is None and prepared.several:
            return ExecutionResult(None, [GraphQLError(_UNNAMED)])
    return await plan_of(schema, prepared, operation_name).execute(None, context, variables)


def may_be_shared(prepared: Prepared, operation_name: str | None, question: int) -> bool:
    """
    May one execution answer all who ask this `question` of the operation? As far as it is known. UnknownOperation as `executed`.
    """
    if prepared.errors or not prepared.kept:
        return False
    if operation_name not in prepared.sharing:
        prepared.sharing[operation_name] = Sharing() if prepared.reads(operation_name) else None
    sharing = prepared.sharing[operation_name]
    return sharing is not None and sharing.may_be(question)


async def executed_for_all(
    schema: GraphQLSchema,
    prepared: Prepared,
    operation_name: str | None,
    variables: Mapping[str, Any],
    context: AnybodysContext,
    question: int,
) -> Any:
    """The data of an operation that may be shared, the same whoever asks; None where they are not, or where there is an error."""
    result = await executed(schema, prepared, operation_name, variables, context)
    sharing = prepared.sharing[operation_name]
    assert sharing is not None
    if context.is_personal or result.errors:
        sharing.was_not(question, again=context.wrote and not context.looked)
        return None
    sharing.was()
    return result.data


def plan_of(schema: GraphQLSchema, prepared: Prepared, operation_name: str | None) -> Plan:
    """The plan of an operation, made when it is first asked for and kept with its document."""
    found = prepared.plans.get(operation_name)
    if found is None:
        assert prepared.document is not None
        found = prepared.plans[operation_name] = compile_operation(
            schema, prepared.document, operation_name, lambda why: INTERPRETED.labels(why).inc()
        )
    return found

"""Plans of operations kept with their documents, in the place where Strawberry calls graphql-core."""

from collections import OrderedDict
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLSchema
from prometheus_client import Counter

from graph.execution import Plan, compile_operation

PLANS_MOST = 1_000

INTERPRETED = Counter(
    "qingyi_operations_interpreted",
    "Operations that graphql-core executed, by why they were not compiled.",
    ["why"],
)

_plans: OrderedDict[tuple[int, str | None], tuple[DocumentNode, Plan]] = OrderedDict()
"""By the document itself, which is kept here too: its number is nobody else's meanwhile."""


def plan_of(schema: GraphQLSchema, document: DocumentNode, operation_name: str | None) -> Plan:
    """The plan of an operation, made when it is first asked for."""
    key = (id(document), operation_name)
    known = _plans.get(key)
    if known is not None:
        _plans.move_to_end(key)
        return known[1]
    made = compile_operation(schema, document, operation_name, lambda why: INTERPRETED.labels(why).inc())
    _plans[key] = (document, made)
    if len(_plans) > PLANS_MOST:
        _plans.popitem(last=False)
    return made


async def execute(
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    operation_name: str | None,
    root_value: Any,
    context_value: Any,
    variable_values: dict[str, Any] | None,
    **_others: Any,
) -> ExecutionResult:
    """In place of graphql-core's `execute`, with the arguments that Strawberry gives it."""
    plan = plan_of(schema, document, operation_name)
    return await plan.execute(root_value, context_value, variable_values)

"""
Executes GraphQL operations over a Strawberry schema, compiled once into Python instead of interpreted for each leaf.

    plan = Plan(schema, document, operation_name)   # kept with the document
    result = await plan.execute(root, context, variables)        # data and errors, as graphql-core gives them

Knows nothing of what the schema is about. How it works, with a picture: docs/decisions/0026.
"""

from graph.execution.fields import Ahead
from graph.execution.plan import Plan

__all__ = ["Ahead", "Plan"]

"""Limits on a document that depend on who asks: its tokens, and whether it may ask for the schema."""

from collections.abc import Iterator

from graphql import NoSchemaIntrospectionCustomRule
from strawberry.extensions import SchemaExtension

from domain.core.actors import PartnerActor
from graph.core.context import Context

TOKENS_MOST = 1_000
TOKENS_MOST_PARTNER = 5_000


class Limits(SchemaExtension):
    """Tokens: 1,000, for partners 5,000. Introspection where the deployment allows it."""

    def on_operation(self) -> Iterator[None]:
        execution = self.execution_context
        context: Context = execution.context
        partner = isinstance(context.actor, PartnerActor)
        execution.parse_options["max_tokens"] = TOKENS_MOST_PARTNER if partner else TOKENS_MOST
        if not context.introspection:
            execution.validation_rules = (*execution.validation_rules, NoSchemaIntrospectionCustomRule)
        yield

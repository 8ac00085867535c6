"""
Limits on a document: how long, how deep, how many aliases, and whether it may ask for the schema.

A document can cost far more than its length: fragments that spread others twice double with each step, and equal names are
compared in pairs. All that is refused here in one pass over the document, before validation looks at it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    validate,
)
from graphql.validation import ASTValidationRule
from strawberry.extensions import SchemaExtension

from domain.core.actors import PartnerActor
from graph.core.context import Context

TOKENS_MOST = 1_000
TOKENS_MOST_PARTNER = 5_000
DEPTH_MOST = 12
ALIASES_MOST = 15
OPERATIONS_MOST = 20
PAIRS_MOST = 20_000
"""Of equal names in a document, which validation compares in pairs: 141 times the same field, or 141 fragments spread."""
CHAIN_MOST = 50
"""Fragments that spread one another in a row."""

DOCUMENTS_CACHED = 1_000
CACHED_CHARACTERS = 10_000
"""A longer document is not kept: what strangers send must not fill the memory."""


_UNCOUNTED = -1_000_000
"""Depth below introspection: graphql-core has a rule of its own for that."""


@dataclass(slots=True)
class _Extent:
    """Of one definition, by itself: how deep its fields lie, its aliases, and which fragments it spreads how deep."""

    depth: int = 0
    aliases: int = 0
    spreads: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Whole:
    """The same with all fragments in their places; `chain` is the longest row of them."""

    depth: int
    aliases: int
    chain: int


def _extent(root: SelectionSetNode, names: Counter[str]) -> _Extent:
    found = _Extent()
    stack = [(root, 0)]
    while stack:
        selections, depth = stack.pop()
        for selection in selections.selections:
            if isinstance(selection, FragmentSpreadNode):
                names["..."] += 1  # any two fragments in one place are compared
                found.spreads.append((selection.name.value, depth))
                continue
            below = depth
            if isinstance(selection, FieldNode):
                names[(selection.alias or selection.name).value] += 1
                found.aliases += selection.alias is not None
                found.depth = max(found.depth, depth)
                below = _UNCOUNTED if selection.name.value.startswith("__") else depth + 1
            inner: SelectionSetNode | None = getattr(selection, "selection_set", None)
            if inner is not None:
                stack.append((inner, below))
    return found


def _whole(extent: _Extent, known: Mapping[str, _Whole]) -> _Whole:
    spread = [(known[name], depth) for name, depth in extent.spreads if name in known]
    return _Whole(
        depth=max([extent.depth, *(depth + whole.depth for whole, depth in spread)]),
        aliases=extent.aliases + sum(whole.aliases for whole, _ in spread),
        chain=1 + max((whole.chain for whole, _ in spread), default=0),
    )


def _wholes(extents: Mapping[str, _Extent]) -> dict[str, _Whole]:
    """Each fragment once, those that it spreads before it; a circle is cut (validation refuses it)."""
    known: dict[str, _Whole] = {}
    begun: set[str] = set()
    stack = list(extents)
    while stack:
        name = stack.pop()
        if name in known:
            continue
        missing = [] if name in begun else [other for other, _ in extents[name].spreads]
        missing = [other for other in missing if other in extents and other not in begun]
        begun.add(name)
        if missing:
            stack += [name, *missing]
        else:
            known[name] = _whole(extents[name], known)
    return known


def excesses(document: DocumentNode) -> list[GraphQLError]:
    """What is too much about a document; takes time in proportion to its length, whatever it holds."""
    names: Counter[str] = Counter()
    fragments: dict[str, _Extent] = {}
    operations: list[_Extent] = []
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = _extent(definition.selection_set, names)
        elif isinstance(definition, OperationDefinitionNode):
            operations.append(_extent(definition.selection_set, names))
    known = _wholes(fragments)
    wholes = [_whole(operation, known) for operation in operations]
    measured = (
        ("operations", len(operations), OPERATIONS_MOST),
        ("depth", max((whole.depth for whole in wholes), default=0), DEPTH_MOST),
        ("aliases", sum(whole.aliases for whole in wholes), ALIASES_MOST),
        ("row of fragments", max((whole.chain for whole in known.values()), default=0), CHAIN_MOST),
        ("pairs of equal names", sum(count * count for count in names.values()), PAIRS_MOST),
    )
    return [
        GraphQLError(f"The document has too much of one thing: {what}, at most {most:,}.")
        for what, much, most in measured
        if much > most
    ]


@lru_cache(maxsize=DOCUMENTS_CACHED)
def _parsed(query: str, tokens_most: int) -> DocumentNode:
    return parse(query, max_tokens=tokens_most)


Rules = tuple[type[ASTValidationRule], ...]


def _validate(schema: GraphQLSchema, document: DocumentNode, rules: Rules) -> list[GraphQLError]:
    return excesses(document) or validate(schema, document, rules)


_validated = lru_cache(maxsize=DOCUMENTS_CACHED)(_validate)


def _unnamed(document: DocumentNode) -> Iterable[GraphQLError]:
    """Of several operations one must be named (GraphQL, 6.1)."""
    operations = [found for found in document.definitions if isinstance(found, OperationDefinitionNode)]
    if len(operations) > 1:
        yield GraphQLError("Of several operations, operationName must name one.")


class Limits(SchemaExtension):
    """Tokens: 1,000, for partners 5,000. Introspection where the deployment allows it. Short documents are kept."""

    def on_operation(self) -> Iterator[None]:
        execution = self.execution_context
        context: Context = execution.context
        partner = isinstance(context.actor, PartnerActor)
        execution.parse_options["max_tokens"] = TOKENS_MOST_PARTNER if partner else TOKENS_MOST
        if not context.introspection:
            execution.validation_rules = (*execution.validation_rules, NoSchemaIntrospectionCustomRule)
        yield

    def on_parse(self) -> Iterator[None]:
        execution = self.execution_context
        query = execution.query or ""
        if len(query) <= CACHED_CHARACTERS:
            execution.graphql_document = _parsed(query, execution.parse_options["max_tokens"])
        yield

    def on_validate(self) -> Iterator[None]:
        execution = self.execution_context
        document = execution.graphql_document
        assert document is not None
        check = _validated if len(execution.query or "") <= CACHED_CHARACTERS else _validate
        errors = check(execution.schema._schema, document, execution.validation_rules)  # noqa: SLF001
        if not errors and execution._provided_operation_name is None:  # noqa: SLF001  # the property falls back to the first
            errors = list(_unnamed(document))
        execution.pre_execution_errors = errors
        yield

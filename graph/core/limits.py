"""
Limits on a document: how long, how deep, how many aliases.

A document can cost far more than its length: fragments that spread others twice double with each step, and equal names are
compared in pairs. All that is refused here in one pass over the document, before validation looks at it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
)

TOKENS_MOST = 1_000
TOKENS_MOST_PARTNER = 5_000
DEPTH_MOST = 12
ALIASES_MOST = 15
OPERATIONS_MOST = 20
PAIRS_MOST = 20_000
"""Of equal names in a document, which validation compares in pairs: 141 times the same field, or 141 fragments spread."""
CHAIN_MOST = 50
"""Fragments that spread one another in a row."""

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

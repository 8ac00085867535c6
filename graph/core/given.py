"""
Which fields of an input the client gave: with an id, one that is absent keeps its value and null clears it, and the
defaults of the schema are for creation. Coerced inputs no longer tell; the document and the raw variables do.
"""

from functools import lru_cache

from graphql import FieldNode, ObjectValueNode, VariableNode
from strawberry.utils.str_converters import to_snake_case

from graph.core.context import Info

_snake_case = lru_cache(maxsize=1_000)(to_snake_case)


def given_fields(info: Info, argument: str = "input") -> frozenset[str]:
    """Names, in Python's spelling, of the fields that stand in the argument."""
    node: FieldNode = info._raw_info.field_nodes[0]  # noqa: SLF001  # strawberry gives no other way to the document
    for given in node.arguments or ():
        if given.name.value != argument:
            continue
        if isinstance(given.value, VariableNode):
            raw = info.context.raw_variables.get(given.value.name.value)
            return frozenset(map(_snake_case, raw)) if isinstance(raw, dict) else frozenset()
        if isinstance(given.value, ObjectValueNode):
            return frozenset(
                _snake_case(part.name.value)
                for part in given.value.fields
                if not isinstance(part.value, VariableNode)
                or part.value.name.value in info.context.raw_variables
            )
    return frozenset()

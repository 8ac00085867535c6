"""How displays write scalars and enums: a look at the class, then the value itself, or what the type makes of it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)

from graph.execution.strawberry_types import members

_PLAIN = frozenset(
    {bool, bytes, date, datetime, Decimal, dict, float, int, list, str, time, timedelta, tuple, UUID}
)
"""Classes whose values are neither awaited, nor raised, nor null."""

# What a value must be to stand in the answer as it is (x - x is 0 for what is finite). The types are known by identity: another may have the same name.
_AS_IT_IS: dict[int, tuple[str, str]] = {
    id(GraphQLString): ("str", ""),
    id(GraphQLID): ("str", ""),
    id(GraphQLBoolean): ("bool", ""),
    id(GraphQLInt): ("int", f" and {GRAPHQL_MIN_INT} <= {{v}} <= {GRAPHQL_MAX_INT}"),
    id(GraphQLFloat): ("float", " and {v} - {v} == 0"),
}

Name = Callable[[str, Any], str]


def leaf(
    kind: GraphQLLeafType, first: str, name: str, known_as: Name, surprise: type[Exception], *, nullable: bool
) -> str:
    """An expression; `first` gives the value and `name` is what it is called from then on."""
    other = known_as(kind.name, _coerced(kind, surprise))
    if id(kind) in _AS_IT_IS:
        wanted, condition = _AS_IT_IS[id(kind)]
        null = f" or {name} is None" if nullable else ""
        return f"{name} if {first}.__class__ is {wanted}{condition.format(v=name)}{null} else {other}({name})"
    head, now = (f"None if {first} is None else ", name) if nullable else ("", first)
    enum = members(kind)
    if enum is None or not issubclass(enum, Enum):
        return f"{head}{other}({now})"
    names = known_as(kind.name, {found.name: kind.coerce_output_value(found) for found in enum})
    return f"{head}{names}[{name}._name_] if {now}.__class__ is {known_as(enum.__name__, enum)} else {other}({name})"


def _coerced(kind: GraphQLLeafType, surprise: type[Exception]) -> Callable[[Any], Any]:
    coerce = kind.coerce_output_value

    def coerced(value: Any) -> Any:
        """What the type makes of the value."""
        if value.__class__ in _PLAIN:
            made = coerce(value)
            if made is not None and made is not Undefined:
                return made
        raise surprise

    return coerced

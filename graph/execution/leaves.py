"""How displays write scalars and enums: a look at the class, then the value itself, or what the type makes of it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, NoReturn
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

_PLAIN = frozenset(
    {bool, bytes, date, datetime, Decimal, dict, float, int, list, str, time, timedelta, tuple, UUID}
)
"""Classes whose values are neither awaited, nor raised, nor null."""

_AS_IT_IS = {
    id(GraphQLString): "str",
    id(GraphQLID): "str",
    id(GraphQLBoolean): "bool",
    id(GraphQLInt): f"int and {GRAPHQL_MIN_INT} <= {{v}} <= {GRAPHQL_MAX_INT}",
    id(GraphQLFloat): "float and {v} - {v} == 0",  # 0 for what is finite
}
"""What a value's class must be, so that it stands in the answer as it is. The types are known by identity, as others may have their names."""


class NotAsExpected(Exception):
    """Something that needs care: nothing is wrong yet."""


def surprise(*_: object) -> NoReturn:
    raise NotAsExpected


def leaf(kind: GraphQLLeafType, name: Callable[[str, Any], str], *, nullable: bool) -> str:
    """
    An expression, in which `{first}` gives the value and `{v}` is what it is called from then on. `name` gives a name to
    what the expression needs.
    """
    coerced = name(kind.name, _coerced(kind))
    if id(kind) in _AS_IT_IS:
        null = " or {v} is None" if nullable else ""
        return f"{{v}} if {{first}}.__class__ is {_AS_IT_IS[id(kind)]}{null} else {coerced}({{v}})"
    head, first = ("None if {first} is None else ", "{v}") if nullable else ("", "{first}")
    enum: Any = getattr(kind, "wrapped_cls", None)  # as Strawberry's enums have it
    if enum is None or not issubclass(enum, Enum):
        return f"{head}{coerced}({first})"
    names = name(kind.name, {found.name: kind.coerce_output_value(found) for found in enum})
    return f"{head}{names}[{{v}}._name_] if {first}.__class__ is {name(enum.__name__, enum)} else {coerced}({{v}})"


def _coerced(kind: GraphQLLeafType) -> Callable[[Any], Any]:
    coerce = kind.coerce_output_value

    def coerced(value: Any) -> Any:
        """What the type makes of the value."""
        made = coerce(value) if value.__class__ in _PLAIN else None
        return surprise() if made is None or made is Undefined else made

    return coerced

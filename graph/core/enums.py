"""Enums of the domain in the schema: the same classes, given a name and a description."""

from enum import Enum
from typing import Any

import strawberry


def served(kind: type[Enum], description: str, *, name: str | None = None, **values: str) -> None:
    """Make an enum known to Strawberry, in place; `values` describes single values."""
    strawberry.enum(kind, name=name, description=description)
    definition: Any = kind
    for value in definition.__strawberry_definition__.values:
        value.description = values.get(value.name)

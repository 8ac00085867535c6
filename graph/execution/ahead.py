"""Looking ahead: which fields an operation asks for below a field, as far as attributes lead and resolvers are looked through."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from graph.execution.strawberry_types import is_looked_through

if TYPE_CHECKING:
    from graph.execution.fields import Field


class Ahead:
    """What a resolver's value will be asked for. What other resolvers are given for is theirs to look at."""

    def __init__(self, field: "Field") -> None:
        self._asked: dict[str, set[str]] = {}
        for kind, name in _below(field):
            self._asked.setdefault(kind, set()).add(name)

    def of(self, kind: str) -> frozenset[str]:
        """The fields of all objects of a type, by their names in the schema; nothing of what is behind an interface."""
        return frozenset(self._asked.get(kind, ()))


def _below(field: "Field") -> Iterator[tuple[str, str]]:
    value: Any = field.value
    while hasattr(value, "item"):
        value = value.item
    for found in getattr(value, "fields", ()):
        yield value.kind.name, found.name
        if found.attribute is not None or is_looked_through(found.definition):
            yield from _below(found)

"""
Who may use each field, as `graph/contract/access.toml` says it. A schema with a field that has no row is refused: what is not
written is no.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from domain.core.rights import Action

ANYONE, PEOPLE, HOLDER = "ANYONE", "PEOPLE", "HOLDER"
REST = "*"
STATES = "states"
_FILE = Path(__file__).parents[1] / "contract" / "access.toml"
_WORDS = {ANYONE, PEOPLE, HOLDER, *Action}
_CONTAINERS = ("Connection", "Edge", "Payload")
_ROOTS = ("Query", "Mutation", "Subscription")

Table = dict[str, dict[str, str]]


class Undeclared(Exception):
    """The schema has fields for which nobody said who may use them, or the table says what is no action."""


def access_table() -> Table:
    """By type and field: an action or one of the three words. Undeclared for any other word."""
    table: Table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    wrong = [
        f"{kind}.{name}" for kind, row in table.items() for name, word in row.items() if word not in _WORDS
    ]
    if wrong:
        raise Undeclared(f"no such action: {', '.join(sorted(wrong))}")
    return table


def declared(table: Table, kind: str, field: str) -> str | None:
    """Who may use a field; None when it has no row. A root's fields each need one of their own."""
    row = table.get(kind, {})
    return row.get(field) or (None if kind in _ROOTS else row.get(REST))


def fields_to_declare(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Types and fields that need a row."""
    for name, kind in schema.type_map.items():
        if name.startswith("__") or name.endswith(_CONTAINERS):
            continue
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            yield from ((name, field) for field in kind.fields)


def require_declared(schema: GraphQLSchema) -> None:
    """Undeclared unless every field of the schema has a row."""
    table = access_table()
    missing = [
        f"{kind}.{field}" for kind, field in fields_to_declare(schema) if declared(table, kind, field) is None
    ]
    if missing:
        raise Undeclared(f"no row in {_FILE.name}: {', '.join(missing)}")

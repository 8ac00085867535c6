"""
Every field of the served schema as a question that can be asked of one and of several at once, derived from the schema.

A type is reached from `nodes(ids:)`, or else from a field of Query, by the shortest way; on it every list takes `first`.
"""

from collections import deque
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from graph.schema import schema

SERVED = build_schema(schema.as_str())

Path = tuple[str, ...]
_VARIABLES = {"ids": "[ID!]!", "first": "Int!"}


@dataclass(frozen=True, slots=True)
class Way:
    """How several of a type are reached: what is opened, and by which fields of the answer they are found."""

    opened: tuple[str, ...]
    path: Path
    several: bool
    kind: str = ""
    """Whose ids `nodes` is given; none where the way begins at Query."""

    def to(self, selection: str) -> str:
        inner = " { ".join((*self.opened, selection)) if self.opened else selection
        whole = "{ " + inner + " }" * (1 + inner.count("{") - inner.count("}"))
        declared = [f"${name}: {kind}" for name, kind in _VARIABLES.items() if f"${name}" in whole]
        return f"query ({', '.join(declared)}) {whole}" if declared else whole

    def found(self, data: Any) -> list[Any]:
        """All that the way leads to in an answer."""
        reached = [data]
        for part in self.path:
            stepped = [one[part] for one in reached if one.get(part) is not None]
            reached = [
                one
                for each in stepped
                for one in (each if isinstance(each, list) else [each])
                if one is not None
            ]
        return [one for one in reached if len(one) > 0]


def is_node(kind: GraphQLNamedType) -> bool:
    return isinstance(kind, GraphQLObjectType) and any(face.name == "Node" for face in kind.interfaces)


def named(field: GraphQLField) -> GraphQLNamedType:
    return get_named_type(field.type)


def is_list(field: GraphQLField) -> bool:
    return "[" in str(field.type)


class Questions:
    """
    All of them; `arguments` are those of fields that need some, by `Type.field`. Where there are several no way leads through
    a field of `avoided`.
    """

    def __init__(self, arguments: dict[str, str], avoided: Container[str] = ()) -> None:
        self._arguments = arguments
        self._avoided = avoided
        self.ways = self._found()

    def _found(self) -> dict[str, Way]:
        ways: dict[str, Way] = {}
        line: deque[str] = deque()
        for kind in SERVED.type_map.values():
            if is_node(kind):
                ways[kind.name] = Way(
                    (f"nodes(ids: $ids) {{ ... on {kind.name}",), ("nodes",), True, kind.name
                )
                line.append(kind.name)
        self._follow(ways, line)
        ways["InternshipFacets"] = Way(("internships", "facets"), ("internships", "facets"), several=False)
        ways["Query"] = Way((), (), several=False)
        self._follow(ways, deque(["InternshipFacets", "Query"]))
        return ways

    def _follow(self, ways: dict[str, Way], line: deque[str]) -> None:
        while line:
            kind = line.popleft()
            for name, field in self.fields(kind):
                found = named(field)
                way = ways[kind]
                avoided = way.several and f"{kind}.{name}" in self._avoided
                if isinstance(found, GraphQLObjectType) and found.name not in ways and not avoided:
                    opened = (*way.opened, f"{name}{self.given(kind, name, '$first')}")
                    ways[found.name] = Way(opened, (*way.path, name), way.several or is_list(field), way.kind)
                    line.append(found.name)

    def fields(self, kind: str) -> Iterator[tuple[str, GraphQLField]]:
        """Those that can be asked: whatever they need is known."""
        whole = SERVED.type_map[kind]
        assert isinstance(whole, GraphQLObjectType)
        for name, field in whole.fields.items():
            needs = any(is_required_argument(argument) for argument in field.args.values())
            if not needs or f"{kind}.{name}" in self._arguments:
                yield name, field

    def given(self, kind: str, name: str, first: str) -> str:
        """The arguments of a field, in brackets."""
        whole = SERVED.type_map[kind]
        assert isinstance(whole, GraphQLObjectType)
        parts = [self._arguments.get(f"{kind}.{name}", "")]
        if "first" in whole.fields[name].args and "first:" not in parts[0]:
            parts.append(f"first: {first}")
        inner = ", ".join(part for part in parts if part)
        return f"({inner})" if inner else ""

    def leaves(self, kind: str) -> str:
        """All that have no fields of their own, as one selection."""
        found = [
            f"{name}{self.given(kind, name, '2')}"
            for name, field in self.fields(kind)
            if is_leaf_type(named(field))
        ]
        return " ".join(["__typename", *found])

    def edges(self, kind: str) -> list[str]:
        """Those that lead to other types."""
        return [name for name, field in self.fields(kind) if not is_leaf_type(named(field))]

    def edge(self, kind: str, name: str) -> str:
        """A field that leads to another type, asked for what tells one from another."""
        whole = SERVED.type_map[kind]
        assert isinstance(whole, GraphQLObjectType)
        found = named(whole.fields[name])
        known = getattr(found, "fields", {})
        told = [part for part in ("id", "code") if part in known]
        inner = ["__typename", *told]
        if "nodes" in known:
            inner += ["totalCount", "pageInfo { hasNextPage }", "nodes { __typename id }"]
        return f"{name}{self.given(kind, name, '2')} {{ {' '.join(inner)} }}"

    def lists(self) -> Iterator[tuple[str, str]]:
        """Fields that give pages."""
        for kind in self.ways:
            for name, field in self.fields(kind):
                if "first" in field.args and "nodes" in getattr(named(field), "fields", {}):
                    yield kind, name

    def tells(self, kind: str, name: str) -> bool:
        """Do the objects that a field leads to differ by an id or a code?"""
        whole = SERVED.type_map[kind]
        assert isinstance(whole, GraphQLObjectType)
        known = getattr(named(whole.fields[name]), "fields", {})
        return "id" in known or "code" in known

    def rows(self, kind: str, name: str) -> str:
        """The type of the rows of a list."""
        whole = SERVED.type_map[kind]
        assert isinstance(whole, GraphQLObjectType)
        connection: Any = named(whole.fields[name])
        return named(connection.fields["nodes"]).name

    def pages(self, kind: str, name: str) -> Iterator[tuple[str, str]]:
        """Ways to ask for a page: its rows with what they hold, and with each of what they lead to."""
        whole = SERVED.type_map[kind]
        assert isinstance(whole, GraphQLObjectType)
        connection: Any = named(whole.fields[name])
        of_rows, of_edges = named(connection.fields["nodes"]), named(connection.fields["edges"])
        opening = f"{name}{self.given(kind, name, '$first')}"
        whole_page = f"{self.leaves(connection.name)} pageInfo {{ endCursor }} edges {{ {self.leaves(of_edges.name)} }}"
        yield "its page", f"{opening} {{ {whole_page} nodes {{ id }} }}"
        yield "its rows", f"{opening} {{ nodes {{ {self.leaves(of_rows.name)} }} }}"
        for edge in self.edges(of_rows.name):
            yield edge, f"{opening} {{ nodes {{ id {self.edge(of_rows.name, edge)} }} }}"

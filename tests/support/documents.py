"""Random valid documents over a schema: aliases, fragments, conditions, variables, arguments that find something."""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

FIELDS_MOST = 5


@dataclass
class Writer:
    """Writes one document; what is found under a name or a type stands in `known`."""

    schema: GraphQLSchema
    random: Random
    known: dict[str, list[Any]]
    variables: dict[str, Any] = field(default_factory=dict)
    _declared: list[str] = field(default_factory=list)
    _fragments: list[str] = field(default_factory=list)
    _count: int = 0

    def document(self, root: GraphQLObjectType, depth: int) -> str:
        selection = self._selection(root, depth)
        declared = f"({', '.join(self._declared)})" if self._declared else ""
        return "\n".join([f"{'query' + declared if declared else ''} {selection}", *self._fragments])

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _selection(self, kind: GraphQLNamedType, depth: int) -> str:
        if is_abstract_type(kind):
            possible = list(self.schema.get_possible_types(kind))
            chosen = self.random.sample(possible, min(len(possible), 3))
            parts = [
                "__typename",
                *(f"... on {found.name} {self._selection(found, depth)}" for found in chosen),
            ]
            return "{ " + " ".join(parts) + " }"
        assert isinstance(kind, GraphQLObjectType)
        able = [
            (name, found)
            for name, found in kind.fields.items()
            if depth > 0 or is_leaf_type(get_named_type(found.type))
        ]
        chosen_fields = self.random.sample(able, min(len(able), self.random.randint(1, FIELDS_MOST)))
        parts = [self._field(name, found, depth) for name, found in chosen_fields]
        if self._chance(0.2) or not parts:
            parts.append("__typename")
        if self._chance(0.1):
            parts.append(f"... on {kind.name}{self._condition()} {{ again{self._number()}: __typename }}")
        if self._chance(0.15):
            name = f"F{self._number()}"
            self._fragments.append(f"fragment {name} on {kind.name} {{ {' '.join(parts)} }}")
            return f"{{ ...{name}{self._condition()} __typename ...{name} }}"
        return "{ " + " ".join(parts) + " }"

    def _field(self, name: str, found: GraphQLField, depth: int) -> str:
        given = [
            f"{key}: {self._given(key, argument)}"
            for key, argument in found.args.items()
            if is_required_argument(argument) or self._chance(0.3)
        ]
        alias = f"a{self._number()}: " if given or self._chance(0.7) else ""
        named = get_named_type(found.type)
        below = "" if is_leaf_type(named) else " " + self._selection(named, depth - 1)
        arguments = f"({', '.join(given)})" if given else ""
        return f"{alias}{name}{arguments}{self._condition()}{below}"

    def _condition(self) -> str:
        if not self._chance(0.08):
            return ""
        value = self.random.choice([True, False])
        word = self.random.choice(["skip", "include"])
        if self._chance(0.5):
            return f" @{word}(if: {json.dumps(value)})"
        return f" @{word}(if: {self._variable('Boolean!', value)})"

    def _variable(self, kind: str, value: Any) -> str:
        name = f"v{self._number()}"
        self._declared.append(f"${name}: {kind}")
        self.variables[name] = value
        return f"${name}"

    def _given(self, name: str, argument: GraphQLArgument) -> str:
        value = self._value(name, argument.type)
        if self._chance(0.4):
            return self._variable(str(argument.type), value)
        return _literal(value, argument.type)

    def _value(self, name: str, kind: GraphQLInputType) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._value(name, kind.of_type)
        if isinstance(kind, GraphQLList):
            return [self._value(name, kind.of_type) for _ in range(self.random.randint(0, 3))]
        if isinstance(kind, GraphQLEnumType):
            return self.random.choice(list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            return {
                key: self._value(key, part.type) for key, part in kind.fields.items() if self._fills(part)
            }
        return self.random.choice(self.known.get(name) or self.known[kind.name])

    def _fills(self, part: GraphQLInputField) -> bool:
        return is_required_input_field(part) or self._chance(0.15)


def _literal(value: Any, kind: GraphQLInputType) -> str:
    if isinstance(kind, GraphQLNonNull):
        return _literal(value, kind.of_type)
    if isinstance(kind, GraphQLList):
        return f"[{', '.join(_literal(item, kind.of_type) for item in value)}]"
    if isinstance(kind, GraphQLEnumType):
        return str(value)
    if isinstance(kind, GraphQLInputObjectType):
        return (
            "{"
            + ", ".join(f"{key}: {_literal(part, kind.fields[key].type)}" for key, part in value.items())
            + "}"
        )
    return json.dumps(value, ensure_ascii=False)


def a_document(
    schema: GraphQLSchema, seed: int, known: dict[str, list[Any]], depth: int = 3
) -> tuple[str, dict[str, Any]]:
    """The document and its variables; the same for the same seed."""
    writer = Writer(schema, Random(seed), known)
    assert schema.query_type is not None
    return writer.document(schema.query_type, depth), writer.variables

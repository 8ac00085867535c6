"""
Writes displays: Python that makes parts of the answer from attributes, an object in one dict display.

    def Stipend_4(o):
        if o.__class__ not in known_3: look_2(o)
        return {
            'minFen': v if (v := o.min_fen).__class__ is int and -2147483648 <= v <= 2147483647 else Int_5(v),
            'per': per_7[v._name_] if (v := o.per).__class__ is StipendPeriod_8 else StipendPeriod_6(v),
        }

A display reads attributes and calls nothing that a resolver is. So whatever is not as expected may raise: the same value is
then completed carefully, from the start. A class is looked at once, before its objects are trusted.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from inspect import getattr_static, ismemberdescriptor
from typing import Any, NoReturn
from uuid import UUID

from graphql import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT, GraphQLLeafType, Undefined
from graphql.type import specified_scalar_types

from graph.execution.fields import Field
from graph.execution.strawberry_types import CAST, class_decides
from graph.execution.values import AbstractOf, Leaf, ListOf, ObjectOf, Value

_PLAIN = frozenset(
    {bool, bytes, date, datetime, Decimal, dict, float, int, list, str, time, timedelta, tuple, UUID}
)
"""Classes whose values are neither awaited, nor raised, nor null."""

_AS_IT_IS = {
    "String": "str",
    "ID": "str",
    "Boolean": "bool",
    "Int": f"int and {GRAPHQL_MIN_INT} <= {{v}} <= {GRAPHQL_MAX_INT}",
    "Float": "float and {v} - {v} == 0",  # 0 for what is finite
}
"""What a value's class must be, so that it stands in the answer as it is."""


class Writing:
    """The displays of some values and of what is below them, in one piece of source."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {"surprise": _surprise}
        self._lines: list[str] = []
        self._leaves: dict[tuple[GraphQLLeafType, bool], str] = {}
        self._lists: dict[str, str] = {}
        self._made: list[tuple[Value, str, Sequence[Field]]] = []

    def write(self, values: Iterable[Value]) -> str:
        """Give the values their displays; the source is for people."""
        for value in values:
            self._by_itself(value)
        source = "\n".join(self._lines)
        exec(compile(source, "<displays>", "exec"), self._names)  # noqa: S102  # written here, of names of the schema
        for value, name, left in self._made:
            value.display, value.open = self._names[name], left
        return source

    def _by_itself(self, value: Value) -> None:
        """A display for a value that something else than a display leads to; for what is below it, if that needs more."""
        text = self._text(value, "o")
        if text is not None:
            self._made.append((value, self._function("of", ["return " + text]), ()))

    def _function(self, wish: str, lines: Iterable[str]) -> str:
        name = self._name(wish, None)
        self._lines += [f"def {name}(o):", *("    " + line for line in lines), ""]
        return name

    def _name(self, wish: str, value: Any) -> str:
        """A name by which the source reaches a value."""
        given = f"{wish}_{len(self._names)}"
        self._names[given] = value
        return given

    def _text(self, value: Value, given: str) -> str | None:
        """The expression for a value that `given` gives; None when it needs more than attributes."""
        first, name = (given, given) if given == "o" else (f"(v := {given})", "v")
        if isinstance(value, Leaf):
            key = value.kind, value.nullable
            leaf = self._leaves.get(key) or self._leaves.setdefault(key, self._leaf(*key))
            return leaf.format(first=first, v=name)
        function = self._function_of(value)
        if function is None:
            return None
        head, given = (f"None if {first} is None else ", name) if value.nullable else ("", given)
        return f"{head}{function}({given})"

    def _leaf(self, kind: GraphQLLeafType, nullable: bool) -> str:
        """In which `{first}` gives the value and `{v}` is what it is called from then on."""
        coerced = self._name(kind.name, partial(_coerced, kind.coerce_output_value))
        if kind.name in _AS_IT_IS and kind is specified_scalar_types[kind.name]:
            null = " or {v} is None" if nullable else ""
            return f"{{v}} if {{first}}.__class__ is {_AS_IT_IS[kind.name]}{null} else {coerced}({{v}})"
        head, first = ("None if {first} is None else ", "{v}") if nullable else ("", "{first}")
        members: Any = getattr(kind, "wrapped_cls", None)  # as Strawberry's enums have it
        if members is None or not issubclass(members, Enum):
            return f"{head}{coerced}({first})"
        names = self._name("names", {found.name: kind.coerce_output_value(found) for found in members})
        members = self._name("members", members)
        return f"{head}{names}[{{v}}._name_] if {first}.__class__ is {members} else {coerced}({{v}})"

    def _function_of(self, value: Value) -> str | None:
        """The name of a function that makes what is not null."""
        if isinstance(value, ObjectOf):
            return self._object(value)
        if isinstance(value, AbstractOf):
            for each in value.known.values():
                self._by_itself(each)
        if not isinstance(value, ListOf):
            return None
        item = self._text(value.item, "o")
        if item is not None and item not in self._lists:
            made = f"[{item} for o in (o if o.__class__ is list or o.__class__ is tuple else surprise())]"
            self._lists[item] = self._function("list", ["return " + made])
        return None if item is None else self._lists[item]

    def _object(self, value: ObjectOf) -> str | None:
        """One dict display, with nulls for the fields that need more; these are filled in afterwards."""
        if not class_decides(value.kind):
            for field in value.fields:
                self._by_itself(field.value)
            return None
        parts = {field: self._part(field) for field in value.fields}
        left = [field for field, part in parts.items() if part is None]
        for field in left:
            if field.attribute is None:
                self._by_itself(field.value)
        if not any(part or field.together for field, part in parts.items()):
            return None
        attributes = frozenset(field.attribute for field, part in parts.items() if part and field.attribute)
        known: set[type[Any]] = set()
        look = self._name("look", partial(_look, value.kind, attributes, known))
        lines = [f"if o.__class__ not in {self._name('known', known)}: {look}(o)"]
        if left and value.nullable:
            lines.insert(0, "if o is None: return None")
        if value.kind.is_type_of is not None:
            lines.append(f"if getattr(o, {CAST!r}, None) is not None: surprise()")
        shown = (f"    {field.key!r}: {part}," for field, part in parts.items())
        function = self._function(value.kind.name, [*lines, "return {", *shown, "}"])
        if left:
            self._made.append((value, function, left))
        return None if left else function

    def _part(self, field: Field) -> str | None:
        if field.constant is not None:
            return repr(field.constant)
        return self._text(field.value, f"o.{field.attribute}") if field.attribute is not None else None


def _surprise(*_: object) -> NoReturn:
    raise ValueError("Something needs care, and nothing is wrong yet.")


def _coerced(coerce: Callable[[Any], Any], value: Any) -> Any:
    """What a type makes of the value."""
    made = coerce(value) if value.__class__ in _PLAIN else None
    return _surprise() if made is None or made is Undefined else made


def _look(kind: Any, attributes: frozenset[str], known: set[type[Any]], value: Any) -> None:
    """Add an object's class to the known ones, or raise."""
    found = value.__class__
    null = value is None or value is Undefined or found is not type(value)
    fits = null or kind.is_type_of is None or kind.is_type_of(value, None)
    if null or not fits or not _ordinary(found, attributes):
        _surprise()
    known.add(found)


def _ordinary(kind: type[Any], attributes: Iterable[str]) -> bool:
    """Do objects of a class give these attributes without running any code of theirs?"""
    found = [getattr_static(kind, name, None) for name in attributes]
    return not (
        getattr(kind, "__getattribute__", None) != object.__getattribute__
        or hasattr(kind, "__getattr__")
        or hasattr(kind, "__await__")
        or issubclass(kind, Exception)
        or any(hasattr(type(each), "__get__") and not ismemberdescriptor(each) for each in found)
    )

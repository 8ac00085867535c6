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

import keyword
from collections.abc import Callable, Iterable
from typing import Any

from graphql import GraphQLObjectType, Undefined

from graph.execution.fields import Field
from graph.execution.leaves import leaf, surprise
from graph.execution.strawberry_types import CAST, class_decides
from graph.execution.values import Leaf, ListOf, ObjectOf, Value


class Writing:
    """The displays of some values and of what is below them, in one piece of source."""

    def __init__(self, values: Iterable[Value]) -> None:
        self._names: dict[str, Any] = {"many": _many, "surprise": surprise}
        self._lines: list[str] = []
        self._leaves: dict[tuple[int, bool], str] = {}
        self._lists: dict[str, str] = {}
        self._made: list[tuple[Value, str]] = []
        for value in values:
            self._by_itself(value)
        self.source = "\n".join(self._lines)

    def install(self) -> None:
        """Give the values their displays."""
        exec(compile(self.source, "<displays>", "exec"), self._names)  # noqa: S102  # written here, of names of the schema
        for value, name in self._made:
            value.display = self._names[name]

    def _by_itself(self, value: Value) -> None:
        """A display for a value that something else than a display leads to; for what is below it, if that needs more."""
        text = self._text(value, "o")
        if text is not None:
            self._made.append((value, self._function("of", ["return " + text])))

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
            return self._leaf(value).format(first=first, v=name)
        function = self._function_of(value)
        if function is None:
            return None
        return (
            f"None if {first} is None else {function}({name})" if value.nullable else f"{function}({given})"
        )

    def _leaf(self, value: Leaf) -> str:
        key = id(value.kind), value.nullable
        if key not in self._leaves:
            self._leaves[key] = leaf(value.kind, self._name, nullable=value.nullable)
        return self._leaves[key]

    def _function_of(self, value: Value) -> str | None:
        """The name of a function that makes what is not null."""
        if isinstance(value, ObjectOf):
            return self._object(value)
        if not isinstance(value, ListOf):
            return None
        item = self._text(value.item, "o")
        if item is not None and item not in self._lists:
            each = f"[{item} for o in (o if o.__class__ is list else many(o))]"
            self._lists[item] = self._function("list", ["return " + each])
        return None if item is None else self._lists[item]

    def _object(self, value: ObjectOf) -> str | None:
        """One dict display, with nulls for the fields that need more; these are filled in afterwards."""
        if not class_decides(value.kind):
            for field in value.fields:
                self._by_itself(field.value)
            return None
        parts = {field: self._part(field) for field in value.fields}
        value.open = [field for field, part in parts.items() if part is None]
        for field in value.open:
            if field.attribute is None:
                self._by_itself(field.value)
        if not any(part or field.together for field, part in parts.items()):
            value.open = ()
            return None
        attributes = frozenset(field.attribute for field, part in parts.items() if part and field.attribute)
        known: set[type[Any]] = set()
        look, among = self._name("look", _looking(value.kind, attributes, known)), self._name("known", known)
        lines = [f"if o.__class__ not in {among}: {look}(o)"]
        if value.open and value.nullable:
            lines.insert(0, "if o is None: return None")
        if value.kind.is_type_of is not None:
            lines.append(f"if getattr(o, {CAST!r}, None) is not None: surprise()")
        shown = (f"    {field.key!r}: {part}," for field, part in parts.items())
        function = self._function(value.kind.name, [*lines, "return {", *shown, "}"])
        if not value.open:
            return function
        self._made.append((value, function))
        return None

    def _part(self, field: Field) -> str | None:
        if field.constant is not None:
            return repr(field.constant)
        if field.attribute is None:
            return None
        plain = field.attribute.isidentifier() and not keyword.iskeyword(field.attribute)
        return self._text(
            field.value, f"o.{field.attribute}" if plain else f"getattr(o, {field.attribute!r})"
        )


def _many(value: Any) -> Any:
    """A tuple, which is as good as a list."""
    return value if value.__class__ is tuple else surprise()


def _looking(
    kind: GraphQLObjectType, attributes: frozenset[str], known: set[type[Any]]
) -> Callable[[Any], bool]:
    """A function that adds an object's class to the known ones, or raises."""
    is_type_of: Any = kind.is_type_of

    def look(value: Any) -> bool:
        found = value.__class__
        if (
            found is not type(value)
            or value is None
            or value is Undefined
            or not _ordinary(found, attributes)
            or (is_type_of is not None and not is_type_of(value, None))
        ):
            surprise()
        known.add(found)
        return True

    return look


def _ordinary(kind: type[Any], attributes: Iterable[str]) -> bool:
    """Do objects of a class give these attributes without running any code of theirs?"""
    if (
        getattr(kind, "__getattribute__", None) != object.__getattribute__
        or hasattr(kind, "__getattr__")
        or hasattr(kind, "__await__")
        or issubclass(kind, Exception)
    ):
        return False
    for name in attributes:
        found = next((owner.__dict__[name] for owner in kind.__mro__ if name in owner.__dict__), None)
        if hasattr(type(found), "__get__") and type(found).__name__ != "member_descriptor":
            return False
    return True

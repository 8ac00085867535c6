"""
Writes displays: Python that makes an object of the answer from another object's attributes, in one dict display.

    def Stipend_2(o):
        if o.__class__ not in Stipend_2_known: Stipend_2_look(o)
        return {
            'minFen': v if (v := o.min_fen).__class__ is int and -2147483648 <= v <= 2147483647 else Int_3(v),
            'per': per_4[v._name_] if (v := o.per).__class__ is StipendPeriod_4 else StipendPeriod_5(v),
        }

A display reads attributes and calls nothing that a resolver is. So whatever is not as expected may raise: the same object
is then completed carefully, from the start. A class is looked at once, before its objects are trusted.
"""

import keyword
from collections.abc import Callable, Iterable
from typing import Any

from graphql import GraphQLLeafType, GraphQLObjectType, Undefined

from graph.execution.fields import Field
from graph.execution.leaves import leaf
from graph.execution.strawberry_types import CAST, class_decides
from graph.execution.values import Leaf, ListOf, ObjectOf, Value


class NotAsExpected(Exception):
    """Something that needs care: nothing is wrong yet."""


def many(value: Any) -> Any:
    """A list or a tuple itself."""
    if value.__class__ is list or value.__class__ is tuple:
        return value
    raise NotAsExpected


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
        for owner in kind.__mro__:
            found = owner.__dict__.get(name, Undefined)
            if found is not Undefined:
                if hasattr(type(found), "__get__") and type(found).__name__ != "member_descriptor":
                    return False
                break
    return True


def _looking(
    kind: GraphQLObjectType, attributes: frozenset[str], known: set[type[Any]]
) -> Callable[[Any], None]:
    """A function that adds an object's class to the known ones, or raises NotAsExpected."""
    is_type_of: Any = kind.is_type_of

    def look(value: Any) -> None:
        found = value.__class__
        if (
            found is type(value)
            and value is not None
            and value is not Undefined
            and _ordinary(found, attributes)
            and (is_type_of is None or is_type_of(value, None))
        ):
            known.add(found)
        else:
            raise NotAsExpected

    return look


class Writing:
    """The displays of some objects, in one piece of source."""

    def __init__(self, objects: Iterable[ObjectOf]) -> None:
        self._names: dict[str, Any] = {"many": many, "NotAsExpected": NotAsExpected}
        self._displays: dict[int, str] = {}
        self._objects: list[ObjectOf] = []
        self._made: list[tuple[Field, str]] = []
        self._lines: list[str] = []
        for found in objects:  # those within others come first
            self._display(found)
        self.source = "\n".join(self._lines)

    def install(self) -> None:
        """Give the objects their displays."""
        if self._objects:
            exec(compile(self.source, "<displays>", "exec"), self._names)  # noqa: S102  # written here, of names of the schema
        for found in self._objects:
            found.display = self._names[self._displays[id(found)]]
        for field, name in self._made:
            field.column = self._names[name]

    def name(self, wish: str, value: Any) -> str:
        """A name by which the source reaches a value."""
        given = f"{wish}_{len(self._names)}"
        self._names[given] = value
        return given

    def _display(self, found: ObjectOf) -> None:
        """Those fields that are attributes with nothing behind them; the others are filled in afterwards."""
        written = [(field, self._field(field)) for field in found.fields]
        found.resolved = [field for field, expression in written if expression is None]
        found.alone = [field for field in found.resolved if field.many is None and field.attribute is None]
        found.together = [field for field in found.resolved if field not in found.alone]
        if len(found.alone) == len(found.fields) or not (
            found.kind.is_type_of is None or class_decides(found.kind)
        ):
            found.resolved = []
            return
        self._columns(found.together)
        known: set[type[Any]] = set()
        attributes = frozenset(field.attribute for field, text in written if text and field.attribute)
        name = self.name(found.kind.name, None)
        self._names |= {f"{name}_known": known, f"{name}_look": _looking(found.kind, attributes, known)}
        self._lines += [f"def {name}(o):", f"    if o.__class__ not in {name}_known: {name}_look(o)"]
        if found.kind.is_type_of is not None:
            self._lines.append(f"    if getattr(o, {CAST!r}, None) is not None: raise NotAsExpected")
        self._lines += [
            "    return {",
            *(f"        {field.key!r}: {text}," for field, text in written),
            "    }",
            "",
        ]
        self._displays[id(found)] = name
        self._objects.append(found)

    def _columns(self, fields: Iterable[Field]) -> None:
        """How the values of a field are put into many objects, where there is nothing more behind them."""
        for field in fields:
            text = self._value(field.value, "f")
            if text is not None:
                name = self.name(field.name, None)
                self._lines += [
                    f"def {name}(values, objects):",
                    f"    for f, o in zip(values, objects): o[{field.key!r}] = {text}",
                    "",
                ]
                self._made.append((field, name))

    def _field(self, field: Field) -> str | None:
        """The expression for a field's value; None when it needs more than attributes."""
        if field.constant is not None:
            return repr(field.constant)
        if field.attribute is None:
            return None
        plain = field.attribute.isidentifier() and not keyword.iskeyword(field.attribute)
        return self._value(
            field.value, f"o.{field.attribute}" if plain else f"getattr(o, {field.attribute!r})"
        )

    def _value(self, value: Value, given: str) -> str | None:
        if isinstance(value, Leaf):
            return self._leaf(value.kind, f"(v := {given})", "v", nullable=value.nullable)
        text = self._item(value, "v" if value.nullable else given)
        return f"None if (v := {given}) is None else {text}" if text and value.nullable else text

    def _item(self, value: Value, name: str) -> str | None:
        """The same for what is not null."""
        if isinstance(value, ObjectOf):
            whole = id(value) in self._displays and not value.resolved
            return f"{self._displays[id(value)]}({name})" if whole else None
        if isinstance(value, ListOf):
            item = value.item
            if isinstance(item, Leaf):
                text: str | None = self._leaf(item.kind, "i", "i", nullable=item.nullable)
            else:
                text = self._item(item, "i")
                text = f"None if i is None else {text}" if text and item.nullable else text
            return f"[{text} for i in many({name})]" if text else None
        return None

    def _leaf(self, kind: GraphQLLeafType, first: str, name: str, *, nullable: bool) -> str:
        """`first` gives the value and `name` is what it is called from then on."""
        return leaf(kind, first, name, self.name, NotAsExpected, nullable=nullable)

"""
Which columns the fields of a type are shown from, declared once for the type; a list reads those that are asked for.

    INTERNSHIPS = Views(Internship, LISTINGS, made={"id": Made(lambda row, _: encode(…, row.id), "id")},
                        reads={"organization": ("organization_id",)})
    view = INTERNSHIPS.wanted(info)                 # made once for an operation
    rows = … view.projection …; nodes = [view.show(row, today) for row in rows]

What is neither made nor a resolver's is the row's field of the same name. Neither the row nor what is shown of it has
anything else then: reading that raises, it is never empty.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from operator import attrgetter
from typing import Any, Generic, TypeVar

from strawberry.types import get_object_definition
from strawberry.utils.str_converters import to_camel_case as _camel

from domain.core.projection import Projection
from graph.core.context import Info
from graph.execution import Ahead

ANY_DAY = date.max
R = TypeVar("R")
T = TypeVar("T")


class Made(Generic[R]):
    """A field that is made of a row, on a day, from these of the row's fields."""

    __slots__ = ("columns", "make")

    def __init__(self, make: Callable[[R, date], Any], *columns: str) -> None:
        self.make = make
        self.columns = columns


class View(Generic[R, T]):
    """Some fields of a type: what is read for them, and how they are shown."""

    def __init__(self, views: "Views[R, T]", fields: Collection[str], projection: Projection[R]) -> None:
        plain = [name for name in views.plain if name in fields]
        self.projection = projection
        self._kind = views.kind
        self._plain = tuple(plain)
        # Of a single name attrgetter gives no tuple; the others change nothing.
        self._got = attrgetter(*(plain if len(plain) > 1 else [*plain, "__class__", "__class__"]))
        self._made = [(name, views.made[name].make) for name in views.made if name in fields]

    def show(self, row: R, today: date = ANY_DAY) -> T:
        """The object; what hangs on it is found by its `row`. A type of which something depends on the day is told it."""
        shown = object.__new__(self._kind)
        fields = shown.__dict__
        fields["row"] = row
        fields.update(zip(self._plain, self._got(row), strict=False))
        for name, make in self._made:
            fields[name] = make(row, today)
        return shown


class Views(Generic[R, T]):
    """All that may be seen of a type. `reads` are its resolvers' columns, `always` is read whatever is asked for."""

    def __init__(
        self,
        kind: type[T],
        projection: Projection[R],
        *,
        made: Mapping[str, Made[R]],
        reads: Mapping[str, Collection[str]],
        always: Collection[str] = ("id",),
    ) -> None:
        definition = get_object_definition(kind, strict=True)
        shown = {field.python_name for field in definition.fields if field.base_resolver is None} - {"row"}
        self.kind = kind
        self.made = made
        self.plain = sorted(shown - made.keys())
        self._columns = {**reads, **{name: found.columns for name, found in made.items()}}
        self._always = always
        self._projection = projection
        self.whole: View[R, T] = View(self, shown, projection)
        """Everything, for whoever does not know what is asked for."""

    def wanted(self, info: Info) -> View[R, T]:
        """What the operation asks of objects of this type, below the resolver's field."""
        ahead = getattr(info._raw_info, "ahead", None)  # noqa: SLF001  # graphql-core's own info cannot say it
        return self.whole if ahead is None else ahead(self._view)

    def of(self, fields: Collection[str]) -> View[R, T]:
        """Of fields by their names in Python. KeyError for one that nothing is said about."""
        columns = set(self._always)
        for field in fields:
            columns.update((field,) if field in self.plain else self._columns[field])
        return View(self, {*fields, *self._always}, self._projection.only(columns))

    def _view(self, ahead: Ahead | None) -> View[R, T]:
        if ahead is None:
            return self.whole
        asked = ahead.of(self.kind.__name__) - {"__typename"}
        fields = get_object_definition(self.kind, strict=True).fields
        return self.of([field.python_name for field in fields if _camel(field.python_name) in asked])

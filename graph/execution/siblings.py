"""
Objects of one type that stand side by side: what each needs is got for all of them in one step.

Nothing of this is needed for a right answer. Where something is not as expected, each is looked at by itself.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from graph.execution.fields import Field, awaited
from graph.execution.place import Place, told

if TYPE_CHECKING:
    from graph.execution.run import Run


class Siblings:
    """Objects, what was made of each so far, and their places, each made when it is needed. `above` is above them all."""

    __slots__ = ("_place_of", "_places", "above", "made", "parents", "sources")

    def __init__(
        self,
        sources: Sequence[Any],
        made: list[Any],
        above: Place,
        place_of: Callable[[int], Place],
        parents: tuple["Siblings", Sequence[int]] | None = None,
    ) -> None:
        self.sources = sources
        self.made = made
        self.above = above
        self.parents = parents
        self._place_of = place_of
        self._places: dict[int, Place] = {}

    def place(self, index: int) -> Place:
        found = self._places.get(index)
        if found is None:
            found = self._places[index] = self._place_of(index)
        return found

    def drop(self, run: "Run", raised: Exception, index: int) -> None:
        """An error reached an object: null stands there, or further up; raises what goes beyond them all."""
        place = self.place(index)
        try:
            run.caught(raised, place)
        except Exception as error:
            if self.parents is None:
                raise
            parents, indexes = self.parents
            parents.drop(run, error, indexes[index])
        place.container[place.key] = None
        self.made[index] = None

    def fill(self, run: "Run", alone: Sequence[Field], together: Sequence[Field]) -> None:
        """Execute what the displays left open: fields that are resolved for each object, and for all of them."""
        for index, source in enumerate(self.sources if alone else ()):
            try:
                for field in alone:
                    field.execute(run, source, self.place(index), self.made[index])
            except Exception as raised:  # noqa: BLE001  # it bubbles
                self.drop(run, raised, index)
        for field in together:
            self._resolve(run, field)

    def _resolve(self, run: "Run", field: Field) -> None:
        place = Place(self.above, {}, field.key, field, nullable=False)
        try:
            if field.attribute is not None:
                values: Any = [getattr(source, field.attribute) for source in self.sources]
            else:
                assert field.many is not None
                values = field.many(self.sources, told(run, field, place))
        except Exception as raised:  # noqa: BLE001  # each of them is told
            values = raised
        if awaited(values):
            run.later(
                _outcome(values), place, lambda run, outcome, _place: self._complete(run, field, outcome)
            )
        else:
            self._complete(run, field, values)

    def _complete(self, run: "Run", field: Field, values: Any) -> None:
        if isinstance(values, Exception):
            values = [values] * len(self.sources)
        elif not isinstance(values, list | tuple) or len(values) != len(self.sources):
            values = [ValueError("Another number of values than of objects.")] * len(self.sources)
        if self._put_column(field, values) or self._put_objects(run, field, values):
            return
        for index, found in enumerate(values):
            if self.made[index] is None:
                continue
            try:
                field.put(run, found, self._below(field, index))
            except Exception as raised:  # noqa: BLE001  # it bubbles
                self.drop(run, raised, index)

    def _below(self, field: Field, index: int) -> Place:
        return Place(self.place(index), self.made[index], field.key, field, field.nullable)

    def _put_column(self, field: Field, values: list[Any]) -> bool:
        if field.column is None:
            return False
        try:
            field.column(values, self.made)
        except Exception:  # noqa: BLE001  # looked at carefully instead
            return False
        return True

    def _put_objects(self, run: "Run", field: Field, values: list[Any]) -> bool:
        """Objects that have something left open themselves: they are siblings too."""
        value: Any = field.value
        display = getattr(value, "display", None)
        if display is None or not value.resolved:
            return False
        there = [
            index
            for index, found in enumerate(values)
            if not (found is None and value.nullable) and self.made[index] is not None
        ]
        try:
            shown = [display(values[index]) for index in there]
        except Exception:  # noqa: BLE001  # looked at carefully instead
            return False
        for index, each in zip(there, shown, strict=True):
            self.made[index][field.key] = each
        siblings = Siblings(
            [values[index] for index in there],
            shown,
            self.above,
            lambda index: self._below(field, there[index]),
            (self, there),
        )
        siblings.fill(run, value.alone, value.together)
        return True


async def _outcome(values: Awaitable[Any]) -> Any:
    """What came of it; an error is each object's own."""
    try:
        return await values
    except Exception as raised:  # noqa: BLE001  # whatever it is belongs into the answer
        return raised

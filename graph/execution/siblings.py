"""
Objects of one type that stand side by side: what each needs is got for all of them in one step.

They are in their places already, with nulls where something was left open, and nobody is left to raise to. Nothing of this
is needed for a right answer: where something is not as expected, each is looked at by itself.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from graph.execution.fields import Field
from graph.execution.place import Place, awaited


class Siblings:
    """Objects that are not null, and what was made of each so far. `above` is above them all, `at` gives the place of each."""

    __slots__ = ("_places", "above", "at", "fields", "made", "sources")

    def __init__(
        self,
        fields: Sequence[Field],
        sources: Sequence[Any],
        made: Sequence[dict[str, Any] | None],
        above: Place,
        at: Callable[[int], Place],
    ) -> None:
        self.fields = fields
        self.above = above
        self.made: dict[int, dict[str, Any]] = {at: each for at, each in enumerate(made) if each is not None}
        self.sources = [sources[index] for index in self.made]
        self.at = at
        self._places: dict[int, Place] = {}

    def begin(self) -> None:
        """They are filled as soon as they are in their places."""
        self.above.run.siblings.append(self)

    def fill(self) -> None:
        """Execute what the display left open: resolvers that want to be told each object, and then those for all of them."""
        alone = [field for field in self.fields if not field.together]
        for index, source in zip(self.made, self.sources, strict=True) if alone else ():
            try:
                for field in alone:
                    field.execute(self.above.run, source, self._place(index), self.made[index])
            except Exception as raised:  # noqa: BLE001  # it bubbles
                self._place(index).fail(raised)
        for field in self.fields:
            if field.together:
                self._resolve(field)

    def _place(self, index: int) -> Place:
        found = self._places.get(index)
        if found is None:
            found = self._places[index] = self.at(index)
        return found

    def _resolve(self, field: Field) -> None:
        place = Place(self.above.run, self.above, {}, field.key, field, nullable=False)
        try:
            values = field.of_all(self.sources, place)
        except Exception as raised:  # noqa: BLE001  # each of them is told
            values = raised
        if awaited(values):
            place.run.later(_outcome(values), place, lambda values, _: self._put(field, values))
        else:
            self._put(field, values)

    def _put(self, field: Field, values: Any) -> None:
        if not isinstance(values, list | tuple) or len(values) != len(self.sources):
            wrong = ValueError("Another number of values than of objects.")
            values = [values if isinstance(values, Exception) else wrong] * len(self.sources)
        if self._displayed(field, values):
            return
        for index, found in zip(self.made, values, strict=True):
            place = self._below(field, index)
            if not place.lost():
                try:
                    place.put(found, field.value)
                except Exception as raised:  # noqa: BLE001  # it bubbles
                    self._place(index).fail(raised)

    def _below(self, field: Field, index: int) -> Place:
        return Place(self.above.run, self._place(index), self.made[index], field.key, field, field.nullable)

    def _displayed(self, field: Field, values: Sequence[Any]) -> bool:
        value = field.value
        if value.display is None:
            return False
        try:
            made = [value.display(found) for found in values]
        except Exception:  # noqa: BLE001  # looked at carefully instead
            return False
        for into, part in zip(self.made.values(), made, strict=True):
            into[field.key] = part
        if value.open:  # they are siblings too
            indexes = list(self.made)
            Siblings(value.open, values, made, self.above, lambda at: self._below(field, indexes[at])).begin()
        return True


async def _outcome(values: Awaitable[Any]) -> Any:
    """What came of it; an error is each object's own."""
    try:
        return await values
    except Exception as raised:  # noqa: BLE001  # whatever it is belongs into the answer
        return raised

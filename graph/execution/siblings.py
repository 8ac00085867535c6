"""
Objects of one type that stand side by side: what each needs is got for all of them in one step.

They are in their places already, with nulls where something was left open, and nobody is left to raise to. Nothing of this
is needed for a right answer: where something is not as expected, each is looked at by itself.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from graph.execution.fields import Field
from graph.execution.run import Place

if TYPE_CHECKING:
    from graph.execution.values import Value


At = Callable[[int], Place]


class Step(Place):
    """What is asked for many objects at once: if it fails, each of them is told."""

    put: Callable[[Any], None]

    def fail(self, raised: Exception) -> None:
        self.put(raised)


class Siblings:
    """What was made of objects so far, null for some; `above` is above them all, and `at` gives the place of each."""

    def __init__(
        self, value: "Value", sources: Sequence[Any], made: Sequence[Any], above: Place, at: At
    ) -> None:
        there: Sequence[int] = range(len(made))
        if value.nullable:
            there = [index for index in there if made[index] is not None]
            sources, made = [sources[index] for index in there], [made[index] for index in there]
        self._fields = value.open
        self._sources = sources
        self._made = made
        self._above = above
        self._at: Callable[[int], Place] = lambda number: at(there[number])
        self._places: dict[int, Place] = {}
        above.run.siblings.append(self)

    def fill(self) -> None:
        """Execute what the display left open: resolvers that want to be told each object, and then those for all of them."""
        if self._above.run.errors and self._above.lost():
            return
        alone = [field for field in self._fields if not field.together]
        for number, source in enumerate(self._sources if alone else ()):
            try:
                for field in alone:
                    field.execute(self._above.run, source, self._place(number), self._made[number])
            except Exception as raised:  # noqa: BLE001  # it bubbles
                self._place(number).fail(raised)
        for field in self._fields:
            if field.together:
                self._resolve(field)

    def _place(self, number: int) -> Place:
        if number not in self._places:
            self._places[number] = self._at(number)
        return self._places[number]

    def _below(self, field: Field, number: int) -> Place:
        above, into = self._place(number), self._made[number]
        return Place(above.run, above, into, field.key, field, field.nullable)

    def _resolve(self, field: Field) -> None:
        step = Step(self._above.run, self._above, {}, field.key, field, nullable=False)
        step.put = lambda values: self._put(field, values)
        try:
            found = field.of_all(self._sources, step)
        except Exception as raised:  # noqa: BLE001  # each of them is told
            found = raised
        step.when(found, lambda values, _: self._put(field, values))

    def _put(self, field: Field, values: Any) -> None:
        if not isinstance(values, list | tuple) or len(values) != len(self._sources):
            wrong = ValueError("Another number of values than of objects.")
            values = [values if isinstance(values, Exception) else wrong] * len(self._sources)
        shown = field.value.displayed(values)
        for number, found in enumerate(values):
            if shown is not None:
                self._made[number][field.key] = shown[number]
            elif not (place := self._below(field, number)).lost():
                try:
                    place.container[place.key] = place.when(found, field.value.complete)
                except Exception as raised:  # noqa: BLE001  # it bubbles
                    place.fail(raised)
        if shown is not None and field.value.open:  # they are siblings too
            Siblings(field.value, values, shown, self._above, lambda number: self._below(field, number))

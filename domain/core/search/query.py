"""A search with what was found out about it on its first page; a cursor carries that on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from domain.core.search.asking import Concept, Wanted
from domain.core.search.formula import Formula, Lexeme
from domain.core.search.ladder import ladder, of_all_words

NOTHING = Lexeme("@nothing")
"""No row holds it."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """
    `rarest` are the places of the concepts, the rarest first; `meant` is what was perhaps meant, asked for when little
    holds every word.
    """

    wanted: Wanted
    rarest: tuple[int, ...]
    meant: Wanted | None = None
    tiers: tuple[Formula, ...] = field(init=False)

    def __post_init__(self) -> None:
        concepts = [self.wanted.concepts[place] for place in self.rarest]
        others = of_all_words(self.meant, self.meant.concepts) if self.meant else ()
        object.__setattr__(self, "tiers", ladder(self.wanted, concepts, others))

    @property
    def match(self) -> Formula:
        """What any row of the result holds: one word at least."""
        return self.tiers[-1] if self.tiers else NOTHING

    def to_state(self) -> list[int]:
        """What a cursor must carry beside the text."""
        return [int(self.meant is not None), *self.rarest]

    @classmethod
    def from_state(cls, wanted: Wanted, state: object, meant: Wanted | None = None) -> Self:
        """The query of an earlier page. ValueError when the state is not one of this text."""
        if not isinstance(state, list) or any(type(number) is not int for number in state):
            raise ValueError("not the state of a search")
        if len(state) != len(wanted.concepts) + 1 or sorted(state[1:]) != list(range(len(wanted.concepts))):
            raise ValueError("not the state of this search")
        if state[0] not in {0, 1} or (state[0] and meant is None):
            raise ValueError("not the state of this search")
        return cls(wanted, tuple(state[1:]), meant if state[0] else None)

    @classmethod
    def weighed(cls, wanted: Wanted, shares: Mapping[str, float], meant: Wanted | None = None) -> Self:
        """The rarest word first: it says most. Of words that the statistics do not know the longest."""

        def common(place: int) -> tuple[float, int]:
            concept: Concept = wanted.concepts[place]
            return shares.get(concept.word, 0.0), -len(concept.word)

        return cls(wanted, tuple(sorted(range(len(wanted.concepts)), key=common)), meant)

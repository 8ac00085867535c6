"""What a row must hold, as a small tree over lexemes: written as a `tsquery`, and how many rows may hold it."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Protocol

from domain.core.search.document import BRAND, SAID, TITLE

MARKS = frozenset({TITLE, BRAND, SAID})


class Formula(Protocol):
    @property
    def words(self) -> frozenset[str]:
        """All that stand in it, without their marks."""

    def text(self) -> str:
        """As a `tsquery`."""

    def share(self, shares: Mapping[str, float]) -> float:
        """
        About which share of the rows holds it. Words keep company: each further one counts for less, and one within another
        or beside another not at all.
        """

    def least(self, shares: Mapping[str, float]) -> float:
        """Which share holds it at the least, however its parts meet; 0 where nothing is sure."""

    def lexemes(self) -> frozenset[str]:
        """All that stand in it."""


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One. Of a word there are only letters, digits and . _ - + # in it (`domain.core.text`), of a value anything may be."""

    name: str
    words: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", frozenset((self.name[self.name[:1] in MARKS :],)))

    def text(self) -> str:
        quoted = self.name.replace("\\", "\\\\").replace("'", "''")
        return f"'{quoted}'"

    def share(self, shares: Mapping[str, float]) -> float:
        return shares.get(self.name, 0.0)

    def least(self, shares: Mapping[str, float]) -> float:
        return self.share(shares)

    def lexemes(self) -> frozenset[str]:
        return frozenset({self.name})


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Formula, ...]
    words: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", _words(self.parts))

    def text(self) -> str:
        return "(" + "&".join(part.text() for part in self.parts) + ")"

    def share(self, shares: Mapping[str, float]) -> float:
        parts = conjuncts(self)
        single = [part.name for part in parts if isinstance(part, Lexeme)]
        phrase = [name for name in single if name[0] == TITLE]
        others = [
            part.share(shares)
            for part in parts
            if not (isinstance(part, Lexeme) and part.name[0] == TITLE)
            and not any(_goes_with(part, name) for name in single)
        ]
        # What a title must hold by itself are pieces of one phrase.
        ordered = sorted([*others, min(shares.get(name, 0.0) for name in phrase)] if phrase else others)
        return prod(math.pow(share, 0.5**at) for at, share in enumerate(ordered))

    def least(self, shares: Mapping[str, float]) -> float:
        return max(0.0, 1.0 - sum(1.0 - part.least(shares) for part in self.parts))

    def lexemes(self) -> frozenset[str]:
        return frozenset().union(*(part.lexemes() for part in self.parts))


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[Formula, ...]
    words: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", _words(self.parts))

    def text(self) -> str:
        return "(" + "|".join(part.text() for part in self.parts) + ")"

    def share(self, shares: Mapping[str, float]) -> float:
        ordered = sorted((part.share(shares) for part in self.parts), reverse=True)
        return min(1.0, sum(share * 0.5**at for at, share in enumerate(ordered)))

    def least(self, shares: Mapping[str, float]) -> float:
        return max(part.least(shares) for part in self.parts)

    def lexemes(self) -> frozenset[str]:
        return frozenset().union(*(part.lexemes() for part in self.parts))


def _words(parts: Iterable[Formula]) -> frozenset[str]:
    return frozenset().union(*(part.words for part in parts))


def _goes_with(formula: Formula, name: str) -> bool:
    """
    What holds the lexeme likely holds the formula: 产品 stands where 产品经理 does, and 系统 where 统运 does. But java does not stand in
    javascript.
    """
    if isinstance(formula, Some):
        return any(_goes_with(part, name) for part in formula.parts)
    if not isinstance(formula, Lexeme) or formula.name == name or formula.name.isascii():
        return False
    mark, word = formula.name[0], formula.name[1:]
    if mark not in MARKS:
        return formula.name in name
    return mark == name[0] and (word in name or word[-1] == name[1] or name[-1] == word[0])


@dataclass(frozen=True, slots=True)
class But:
    """`wanted` without what holds any of `others`: they came before."""

    wanted: Formula
    others: tuple[Formula, ...]

    @property
    def words(self) -> frozenset[str]:
        return _words((self.wanted, *self.others))

    def text(self) -> str:
        return f"({self.wanted.text()}" + "".join(f"&!{other.text()}" for other in self.others) + ")"

    def share(self, shares: Mapping[str, float]) -> float:
        return self.wanted.share(shares)

    def least(self, _shares: Mapping[str, float]) -> float:
        return 0.0

    def lexemes(self) -> frozenset[str]:
        return self.wanted.lexemes().union(*(other.lexemes() for other in self.others))


def implies(one: Formula, other: Formula) -> bool:
    """What holds `one` surely holds `other`; by their form alone, so that not every case is seen."""
    if one.words.isdisjoint(other.words):
        return False
    if isinstance(one, Lexeme) and isinstance(other, Lexeme):
        # A word with a mark is also stored without.
        return one.name == other.name or (one.name[0] in MARKS and one.name[1:] == other.name)
    if isinstance(one, Some):
        return all(implies(part, other) for part in one.parts)
    if isinstance(other, All):
        return all(implies(one, part) for part in other.parts)
    if isinstance(other, Some) and any(implies(one, part) for part in other.parts):
        return True
    return isinstance(one, All) and any(implies(part, other) for part in one.parts)


def exclusive(tiers: Iterable[Formula | None]) -> Iterator[Formula | None]:
    """
    What a row holds that stands in each tier and in none before, in few lexemes: of the tiers before only those that no other one
    implies, and of these only what the tier itself does not imply. None where no row is left, and for no tier.
    """
    before: list[Formula] = []
    for tier in tiers:
        if tier is None:
            yield None
            continue
        yield _without(tier, before)
        if not any(implies(tier, other) for other in before):
            before = [*(other for other in before if not implies(other, tier)), tier]


def _without(wanted: Formula, others: Sequence[Formula]) -> Formula | None:
    left = [_left(wanted, other) for other in others]
    if any(not rest for rest in left):
        return None
    return But(wanted, tuple(every(rest) for rest in left)) if left else wanted


def _left(wanted: Formula, other: Formula) -> list[Formula]:
    parts = other.parts if isinstance(other, All) else (other,)
    return [part for part in parts if not implies(wanted, part)]


def conjuncts(formula: Formula) -> list[Formula]:
    """What must all hold, each by itself; what must not stands with the last."""
    if isinstance(formula, But):
        *first, last = conjuncts(formula.wanted)
        return [*first, But(last, formula.others)]
    if isinstance(formula, All):
        return [part for each in formula.parts for part in conjuncts(each)]
    return [formula]


def every(parts: Iterable[Formula]) -> Formula:
    """All of them; of one, that one."""
    found = tuple(dict.fromkeys(parts))
    return found[0] if len(found) == 1 else All(found)


def some(parts: Iterable[Formula]) -> Formula:
    """Any of them; of one, that one."""
    found = tuple(dict.fromkeys(parts))
    return found[0] if len(found) == 1 else Some(found)


def lexemes(names: Iterable[str], mark: str = "") -> list[Formula]:
    return [Lexeme(mark + name) for name in names]

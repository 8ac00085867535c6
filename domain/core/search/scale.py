"""
Whole numbers of a row, such as a sum or a day, as lexemes of the index: each number itself, and ranges of numbers each sixteen times as long
as the one before. So a list that is sorted by them is read by the index a range at a time, and bounds are asked for in few lexemes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.core.search.formula import Formula, Lexeme, some

_STEP = 4
_PARTS = 1 << _STEP


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `first` to `last` that one lexeme tells; about which share of the rows has one of them."""

    lexeme: Lexeme
    first: int
    last: int
    share: float


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers from 0 of up to so many bits (a multiple of four): `expression` in SQL, spelled as Postgres spells it; `mark` before its lexemes."""

    mark: str
    expression: str
    bits: int

    @property
    def expressions(self) -> tuple[str, ...]:
        """Of the lexemes of a row."""
        return tuple(
            f"'{self.mark}{level}-' || (({self.expression} >> {power})::text)"
            for level, power in enumerate(range(0, self.bits, _STEP))
        )

    def covering(self, first: int, last: int) -> Formula:
        """What the rows hold whose number lies from `first` to `last` (not before it), and no others, in few lexemes."""
        names: list[str] = []
        for level in range(self._levels):
            top = level == self._levels - 1
            while first <= last and (top or first % _PARTS):
                names.append(self._name(level, first))
                first += 1
            while first <= last and (last + 1) % _PARTS:
                names.append(self._name(level, last))
                last -= 1
            first, last = first >> _STEP, ((last + 1) >> _STEP) - 1
        return some(map(Lexeme, names))

    def tells(self, formula: Formula) -> bool:
        """It speaks of the number alone."""
        return all(name.startswith(self.mark) for name in formula.lexemes())

    @property
    def _levels(self) -> int:
        return self.bits // _STEP

    def ranges(
        self, shares: Mapping[str, float], most: float, start: int | None, *, rising: bool
    ) -> Iterator[Range]:
        """
        All numbers from `start` on, falling or `rising`, in ranges that hold no more than the share `most` of the rows, as far as is known.
        The first may begin before `start`.
        """
        return self._parts(shares, most, start, self._levels - 1, 0, 1.0, rising)

    def _parts(
        self,
        shares: Mapping[str, float],
        most: float,
        start: int | None,
        level: int,
        first: int,
        share: float,
        rising: bool,
    ) -> Iterator[Range]:
        cells = range(first, first + _PARTS)
        known = {cell: shares[name] for cell in cells if (name := self._name(level, cell)) in shares}
        # What the statistics do not know is evenly spread.
        rest = max(0.0, share - sum(known.values())) / max(1, _PARTS - len(known))
        power = level * _STEP
        for cell in cells if rising else reversed(cells):
            low, high = cell << power, ((cell + 1) << power) - 1
            if start is not None and (high < start if rising else low > start):
                continue
            if level and cell in known and known[cell] > most:
                yield from self._parts(shares, most, start, level - 1, cell << _STEP, known[cell], rising)
            else:
                yield Range(Lexeme(self._name(level, cell)), low, high, known.get(cell, rest))

    def _name(self, level: int, cell: int) -> str:
        return f"{self.mark}{level}-{cell}"

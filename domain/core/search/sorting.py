"""
A page of a long table by a number of its rows, such as a stipend, and the newest first where it is the same; without looking at every match.

The index tells numbers by ranges (`scale`): from the first one on so many are looked at as should fill the page. A number that many
rows have is looked at by itself, a stretch of time at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Select

from domain.core.db import Read
from domain.core.keyset import Order, Page, PageAsked
from domain.core.paging import page
from domain.core.search.formula import every, some
from domain.core.search.ladder import among
from domain.core.search.pieces import Piece
from domain.core.search.reading import MOST, TOGETHER, Place, Reading
from domain.core.search.scale import Range, Scale

R = TypeVar("R")
_FURTHER = 4.0
LEAST_LOOKED_AT = 1_000
"""Rows of the table whose numbers are looked for together: each range of fewer would be a look into the index of its own."""


@dataclass(frozen=True, slots=True)
class Sorting:
    """The highest number first and the newest of each, or all of it the other way round. `number` and `key` turn a cursor's key into one and back."""

    scale: Scale
    rising: bool = False
    number: Callable[[Any], int] = int
    key: Callable[[int], Any] = int


@dataclass(frozen=True, slots=True)
class SortedReading(Reading):
    """
    A list of one tier that is sorted so; its rowset has the number too, and no row a lower one than `least`. A place's tier is the number below
    zero, so that places fall as tiers rise.
    """

    sorting: Sorting = field(kw_only=True)
    least: int = 0

    def _turned(self, backward: bool) -> bool:
        return backward != self.sorting.rising

    def _place(self, position: tuple[Any, ...] | None) -> Place | None:
        if position is None:
            return None
        key, at, identity = position
        return -self.sorting.number(key), at, identity

    def _position(self, place: Place) -> tuple[Any, ...]:
        return (self.sorting.key(-place[0]), *place[1:])

    def _together(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        return islice(pieces, TOGETHER)

    def _pieces(self, position: Place | None, needed: int, *, backward: bool) -> Iterator[Piece]:
        formula = among(self.tiers[0], self.narrowed)
        if formula is None:
            return
        scale = self.sorting.scale
        start = -position[0] if position else self.least if backward else (1 << scale.bits) - 1
        after = position[1:] if position else None
        # A bound of the numbers themselves makes none of their ranges rarer.
        others = [each for each in self.narrowed if not scale.tells(each)]
        share = self._share(self._held([formula, *others]), needed)
        most = max(share, LEAST_LOOKED_AT / max(1, self.statistics.rows))
        while most < MOST:
            part = self._part(start, most, backward=backward)
            if not part:
                return
            told = every([formula, some(each.lexeme for each in part)])
            if part[0].share > most:
                yield from self._stretches(
                    -part[0].first, told, after, min(1.0, share / part[0].share), backward=backward
                )
            else:
                yield Piece(-start, self._formulas(told, None), after)
                if sum(each.share for each in part) >= most:  # it should have been enough
                    most *= _FURTHER
            start, after = part[-1].last + 1 if backward else part[-1].first - 1, None
            if start < self.least:
                return
        yield Piece(-start, self._formulas(formula, None), after)

    def _part(self, start: int, most: float, *, backward: bool) -> list[Range]:
        """The next numbers: one that many rows have, or so many that have few."""
        part: list[Range] = []
        share = 0.0
        for each in self.sorting.scale.ranges(self.statistics.shares, most, start, rising=backward):
            if each.share > most:
                return part or [each]
            part.append(each)
            share += each.share
            if share >= most:
                break
        return part


@dataclass(frozen=True, slots=True)
class WalkedReading(Reading):
    """A list of one tier whose pages an index of its table has in their order. What is told of the whole list is told as of all others."""

    order: Order = field(kw_only=True)

    async def page(
        self, db: Read, statement: Select[Any], make: Callable[..., R], asked: PageAsked
    ) -> Page[R]:
        return await page(db, statement, make, self.order, asked)

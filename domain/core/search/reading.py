"""
A page of a long table by tiers, each newest first, without looking at every match.

A tier that about `WHOLE` rows hold is found whole by the index and sorted. Of one that more rows hold, only as many of the
newest rows are looked at as should fill the page; their stretch of time goes into the index with the words. Where that was too
little, the stretch behind it follows, eight times as long, and so on. They are asked for in one statement: arms with a LIMIT
run one after the other, until there are enough rows.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Select

from domain.core.db import Read
from domain.core.keyset import COUNT_MOST, Page, PageAsked
from domain.core.search.declared import Stretch, during
from domain.core.search.formula import Formula, conjuncts, every, exclusive, some
from domain.core.search.ladder import among
from domain.core.search.pieces import FIRST_ID, LAST_ID, Compose, Piece, Rowset
from domain.core.search.statistics import Statistics

R = TypeVar("R")
Place = tuple[int, datetime, UUID]
"""Where a row stands: its tier, when it was published, its id."""

WHOLE = 100
TOGETHER, SURE = 6, 20_000
"""So many pieces of a list are asked for in one statement, and none after one of a tier that so many rows hold."""

PLENTY = 2 * COUNT_MOST
"""Where so many rows are, as far as statistics know, a count would surely end at its cap."""
_SEEN = 0.75
"""So much of it is enough where it was seen among the newest: that errs less."""

SAMPLE = 1_000
"""So many of the newest rows stand for a result that is too long to be looked at."""

_SPARE, _FURTHER, _FAR_OFF = 3, 8.0, 10
MOST = 0.2
"""Of all rows: a longer stretch helps no more, as the lists of the index are then gone through as if there were none."""

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """
    How to read a list: its rows by all that no formula says, and `tiers` with what narrows them all. `passing` is which part of what holds
    the formulas is surely among these rows, 0 where that is not known. Positions are (tier, published, id), or without
    the tier where there is but one.
    """

    rows: Rowset
    tiers: tuple[Formula, ...]
    statistics: Statistics
    narrowed: tuple[Formula, ...] = ()
    ranked: bool = True
    passing: float = 1.0
    now: datetime = field(kw_only=True)

    def expected(self, formula: Formula) -> float:
        """About how many rows of the list hold it."""
        return self._held([formula, *self.narrowed])

    def _held(self, formulas: Iterable[Formula]) -> float:
        """About how many rows hold all of them."""
        return self.statistics.rows * every(formulas).share(self.statistics.shares)

    @property
    def plenty(self) -> bool:
        """There are more than are counted, however what the list must hold meets."""
        least = every([self.tiers[-1], *self.narrowed]).least(self.statistics.shares)
        return self.statistics.rows * (least + self.passing - 1) > PLENTY

    @property
    def promising(self) -> bool:
        """There are, if what it must hold meets as often as it mostly does. Filters that shut one another out do not."""
        return self._surely(self.tiers[-1], PLENTY)

    def _surely(self, formula: Formula, most: int) -> bool:
        """More rows than this hold it."""
        return self.expected(formula) * self.passing > most

    # ── a page ───────────────────────────────────────────────────────────────
    async def page(
        self,
        db: Read,
        statement: Select[Any],  # noqa: ARG002  # of `keyset.Reading`
        make: Callable[..., R],
        asked: PageAsked,
    ) -> Page[R]:
        """As `paging.page`."""
        backward = self._turned(asked.backward)
        position = self._place(asked.before if asked.backward else asked.after)
        until = self._place(asked.after if asked.backward else asked.before)
        found = await self._places(db, position, asked.limit + 1, backward=backward)
        if until is not None:
            found = [place for place in found if _lies_before(place, until) != backward and place != until]
        more, found = len(found) > asked.limit, found[: asked.limit]
        if asked.backward:
            found = found[::-1]
        # By their ids alone: that they match is known already.
        by_id = await self.rows.by_ids(db, [place[-1] for place in found])
        # One may have gone between the two statements.
        kept = [place for place in found if place[-1] in by_id]
        return Page(
            rows=tuple(make(*by_id[place[-1]]) for place in kept),
            positions=tuple(self._position(place) for place in kept),
            has_next=asked.before is not None if asked.backward else more,
            has_previous=more if asked.backward else asked.after is not None,
        )

    def _turned(self, backward: bool) -> bool:
        """Whether places are walked from the last to the first."""
        return backward

    def _place(self, position: tuple[Any, ...] | None) -> Place | None:
        if position is None:
            return None
        tier, at, key = position if self.ranked else (0, *position)
        return tier, at, key

    def _position(self, place: Place) -> tuple[Any, ...]:
        return place if self.ranked else place[1:]

    async def _places(self, db: Read, position: Place | None, limit: int, *, backward: bool) -> list[Place]:
        found: list[Place] = []
        pieces = self._pieces(position, limit, backward=backward)
        while len(found) < limit and (together := list(self._together(pieces))):
            rows = await self.rows.places(db, together, limit - len(found), backward=backward)
            found += self._sorted(rows, backward=backward)
        return found

    def _together(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        """So many as one statement asks for: up to one that will surely be enough."""
        for piece in islice(pieces, TOGETHER):
            yield piece
            if self._surely(self.tiers[piece.tier], SURE):
                return

    def _pieces(self, position: Place | None, needed: int, *, backward: bool) -> Iterator[Piece]:
        """A list in pieces, in its order."""
        asked = [among(tier, self.narrowed) for tier in self.tiers]
        tiers = enumerate(zip(asked, exclusive(asked), strict=True))
        for tier, (whole, formula) in reversed(list(tiers)) if backward else tiers:
            passed = position is not None and (tier > position[0] if backward else tier < position[0])
            if passed or whole is None or formula is None:
                continue
            after = position[1:] if position and position[0] == tier else None
            yield from self._stretches(
                tier, formula, after, self._share(self.expected(whole), needed), backward=backward
            )

    def _stretches(
        self,
        tier: int,
        formula: Formula,
        after: tuple[datetime, UUID] | None,
        share: float,
        *,
        backward: bool,
    ) -> Iterator[Piece]:
        """Of a tier from a position on: of a time with this share of all rows, then of longer ones, then of all the rest."""
        while stretch := self._time(after[0] if after else None, share, backward=backward):
            yield Piece(tier, self._formulas(formula, stretch), after)
            after = self._behind(stretch, backward=backward)
            share = min(share * _FURTHER, MOST) if share < MOST / 2 else 1.0
        yield Piece(tier, self._formulas(formula, None), after)

    def _share(self, expected: float, needed: int) -> float:
        """Of all rows, those among which there are so many of the expected ones, and some to spare; all where hardly any are expected."""
        return _SPARE * needed / expected if expected > WHOLE else 1.0

    def _formulas(self, formula: Formula, stretch: Stretch | None) -> tuple[Formula, ...]:
        """With the rarest first: from one of its rows to the next the index skips in the lists of all others."""
        told = [*self.narrowed, *([some(stretch.lexemes)] if stretch else []), *conjuncts(formula)]
        return tuple(sorted(told, key=lambda each: each.share(self.statistics.shares)))

    def _time(self, start: datetime | None, share: float, *, backward: bool) -> Stretch | None:
        """
        In which about this share of all rows was published, from an instant on, or as many as are left; None where it would be most of the
        time.
        """
        timeline = self.statistics.timeline
        end = timeline.beyond(start, share, backward=backward)
        if end is None and start and (end := self.now if backward else timeline.oldest):
            share = timeline.share(start, end) if backward else timeline.share(end, start)
        if end is None or not 0 < share <= MOST:
            return None
        begin = start or (timeline.oldest if backward else max(self.now, end))
        return during(*sorted((begin, end))) if begin else None

    @staticmethod
    def _behind(stretch: Stretch, *, backward: bool) -> tuple[datetime, UUID]:
        """The position at which a stretch ends."""
        return (stretch.end - _INSTANT, LAST_ID) if backward else (stretch.earliest, FIRST_ID)

    def _sorted(self, rows: Sequence[Any], *, backward: bool) -> list[Place]:
        ordered = sorted(
            ((row[0], row[1], row[2]) for row in rows),
            key=lambda row: (row[1], row[2].bytes),
            reverse=not backward,
        )
        return sorted(ordered, key=lambda row: row[0], reverse=backward)

    # ── all of it ────────────────────────────────────────────────────────────
    async def count(self, db: Read) -> int:
        """Exact to COUNT_MOST; not made where there are surely so many, or are expected and seen among the newest."""
        if self.plenty or (self.promising and await self._seen(db)):
            return COUNT_MOST
        [[number]] = await self.over(db, _counting, (sa.literal(1),), COUNT_MOST)
        return int(number)

    async def _seen(self, db: Read) -> bool:
        [[number]], times = await self.over_newest(db, _counting, (sa.literal(1),))
        return number >= COUNT_MOST or self.many(number * times)

    @staticmethod
    def many(rows: float) -> bool:
        """So many, by the newest of them, that a count would surely end at its cap."""
        return rows > _SEEN * PLENTY

    async def over(self, db: Read, compose: Compose, columns: Sequence[Any], most: int) -> Sequence[Any]:
        """What `compose` makes of columns of the whole list, or of so many of its rows."""
        return await self.rows.over(db, compose, columns, self._formulas(self.tiers[-1], None), most)

    async def over_newest(
        self, db: Read, compose: Compose, columns: Sequence[Any]
    ) -> tuple[Sequence[Any], float]:
        """The same of some `SAMPLE` of the newest rows, and what each of them stands for."""
        share = min(1.0, SAMPLE / max(self.expected(self.tiers[-1]), 1))
        stretch = self._time(None, share, backward=False)
        formulas = self._formulas(self.tiers[-1], stretch)
        rows = await self.rows.over(db, compose, columns, formulas, SAMPLE * _FAR_OFF)
        looked_at = self.statistics.timeline.share(stretch.earliest, stretch.end) if stretch else 1.0
        return rows, 1 / looked_at


def _lies_before(place: Place, other: Place) -> bool:
    """In a list, whose tiers rise while instants and ids fall."""
    return (place[0], other[1], other[2].bytes) < (other[0], place[1], place[2].bytes)


def _counting(some_rows: Select[Any]) -> Select[Any]:
    return sa.select(sa.func.count()).select_from(some_rows.subquery())

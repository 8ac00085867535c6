"""
A page of a long table by tiers, each newest first, without looking at every match.

A tier that about `WHOLE` rows hold is found whole by the index and sorted. Of one that more rows hold, only as many of the
newest rows are looked at as should fill the page; their stretch of time goes into the index with the words. Where that was too
little, the stretch behind it follows, eight times as long, and so on. They are asked for in one statement: arms with a LIMIT
run one after the other, until there are enough rows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select, SQLColumnExpression
from sqlalchemy.dialects.postgresql import ARRAY

from domain.core.db import Read
from domain.core.keyset import COUNT_MOST, Page, PageAsked
from domain.core.search.declared import Declared, Stretch, during, tier_of
from domain.core.search.formula import Formula, conjuncts, every, some
from domain.core.search.ladder import elsewhere
from domain.core.search.statistics import Statistics

R = TypeVar("R")
Place = tuple[int, datetime, UUID]
"""Where a row stands: its tier, when it was published, its id."""

Piece = tuple[int, Formula, Place | None, Stretch | None]
"""Of a list: a tier and what only it holds, the position that the piece follows, and the time that is looked at."""

WHOLE = 100
TOGETHER, SURE = 6, 20_000
"""So many pieces of a list are asked for in one statement, and none after one of a tier that so many rows hold."""

PLENTY = 2 * COUNT_MOST
"""Where so many rows are expected, a count would surely end at its cap."""

SAMPLED, SAMPLE = 1_500, 1_000
"""Of a result longer than this, facets are counted from so many of the newest rows."""

_SPARE, _FURTHER, _FEW = 3, 8.0, 3
_MOST = 0.5
"""Of all rows: a longer stretch helps no more."""

_FIRST_ID, _LAST_ID = UUID(int=0), UUID(int=2**128 - 1)
_INSTANT = timedelta(microseconds=1)


def _among(identity: SQLColumnExpression[Any], keys: Sequence[UUID]) -> ColumnElement[bool]:
    """One statement, however many there are."""
    return identity == sa.any_(sa.literal(keys, ARRAY(sa.Uuid)))


@dataclass(frozen=True, slots=True)
class Reading:
    """
    How to read a list: its rows by all that no formula says, `tiers` with what narrows them all, and the two columns that order a tier. `exact`
    says that hardly anything but the formulas chooses rows, so that their shares tell how many there are. Positions are
    (tier, published, id), or without the tier where there is but one.
    """

    declared: Declared
    rows: Select[Any]
    tiers: tuple[Formula, ...]
    statistics: Statistics
    published: SQLColumnExpression[Any]
    identity: SQLColumnExpression[Any]
    narrowed: tuple[Formula, ...] = ()
    ranked: bool = True
    exact: bool = True
    now: datetime = field(kw_only=True)

    def expected(self, formula: Formula) -> float:
        """About how many rows hold it."""
        return self.statistics.rows * every([formula, *self.narrowed]).share(self.statistics.shares)

    # ── a page ───────────────────────────────────────────────────────────────
    async def page(
        self, db: Read, statement: Select[Any], make: Callable[..., R], asked: PageAsked
    ) -> Page[R]:
        """As `keyset.page`, for a position on one side."""
        position = self._position(asked.before if asked.backward else asked.after)
        found = await self._places(db, position, asked.limit + 1, backward=asked.backward)
        more, found = len(found) > asked.limit, found[: asked.limit]
        if asked.backward:
            found = found[::-1]
        keys = [place[-1] for place in found]
        width = len(statement.selected_columns)
        # By their ids alone: that they match is known already.
        chosen = self.rows.with_only_columns(
            *statement.selected_columns, self.identity, maintain_column_froms=True
        )
        rows = await db.rows(chosen.where(_among(self.identity, keys))) if keys else ()
        by_id = {row[-1]: row for row in rows}
        # One may have gone between the two statements.
        kept = [place for place in found if place[-1] in by_id]
        return Page(
            rows=tuple(make(*by_id[place[-1]][:width]) for place in kept),
            positions=tuple(place if self.ranked else place[1:] for place in kept),
            has_next=asked.before is not None if asked.backward else more,
            has_previous=more if asked.backward else asked.after is not None,
        )

    def _position(self, given: tuple[Any, ...] | None) -> Place | None:
        if given is None:
            return None
        tier, at, key = given if self.ranked else (0, *given)
        return tier, at, key

    async def _places(self, db: Read, position: Place | None, limit: int, *, backward: bool) -> list[Place]:
        last = len(self.tiers) - 1
        numbers = list(
            range(position[0] if position else last, -1, -1)
            if backward
            else range(position[0] if position else 0, last + 1)
        )
        found: list[Place] = []
        segments = self._segments(numbers, position, limit, backward=backward)
        while len(found) < limit and (together := list(self._together(segments))):
            arms = [self._arm(*segment, limit - len(found), backward=backward) for segment in together]
            rows = await db.rows(sa.union_all(*arms).limit(limit - len(found)) if len(arms) > 1 else arms[0])
            found += self._sorted(rows, backward=backward)
        return found

    def _together(self, segments: Iterator[Piece]) -> Iterator[Piece]:
        """So many as one statement asks for: up to one that will surely be enough."""
        for segment in islice(segments, TOGETHER):
            yield segment
            if self.exact and self.expected(self.tiers[segment[0]]) > SURE:
                return

    def _segments(
        self, numbers: Sequence[int], position: Place | None, needed: int, *, backward: bool
    ) -> Iterator[Piece]:
        """A list in pieces, in its order."""
        for tier in numbers:
            formula = tier_of(self.tiers, tier)
            if formula is None or elsewhere(self.tiers[tier], self.narrowed):
                continue
            after = position if position and position[0] == tier else None
            wanted = float(needed)
            while stretch := self._stretch(tier, after, wanted, backward=backward):
                yield tier, formula, after, stretch
                after, wanted = self._behind(tier, stretch, backward=backward), wanted * _FURTHER
            yield tier, formula, after, None

    def _stretch(self, tier: int, position: Place | None, needed: float, *, backward: bool) -> Stretch | None:
        """The time of so many of a tier's rows from the position on, and some to spare; None to look at all there are."""
        expected = self.expected(self.tiers[tier])
        if expected <= WHOLE:
            return None
        start = position[1] if position else None
        return self._time(start, _SPARE * needed / expected, backward=backward)

    def _time(self, start: datetime | None, share: float, *, backward: bool) -> Stretch | None:
        """In which about this share of all rows was published, from an instant on; None where little else is left."""
        if share > _MOST:
            return None
        timeline = self.statistics.timeline
        end = timeline.beyond(start, share, backward=backward)
        if end is None:
            return None
        if not backward:
            return during(end, start or max(self.now, end))
        begin = start or timeline.oldest
        return during(begin, max(begin, end)) if begin else None

    @staticmethod
    def _behind(tier: int, stretch: Stretch, *, backward: bool) -> Place:
        """The position at which a stretch ends."""
        return (tier, stretch.end - _INSTANT, _LAST_ID) if backward else (tier, stretch.earliest, _FIRST_ID)

    def _sorted(self, rows: Sequence[Any], *, backward: bool) -> list[Place]:
        # Newest first within a tier: ids and instants fall while tiers rise.
        ordered = sorted(
            ((row[0], row[1], row[2]) for row in rows),
            key=lambda row: (row[1], row[2].bytes),
            reverse=not backward,
        )
        return sorted(ordered, key=lambda row: row[0], reverse=backward)

    def _arm(
        self,
        tier: int,
        formula: Formula,
        position: Place | None,
        stretch: Stretch | None,
        limit: int,
        *,
        backward: bool,
    ) -> Select[Any]:
        # OFFSET 0 keeps what follows from being looked for in another index than that of the words.
        found = self._rows_of(
            formula,
            stretch,
            sa.literal(tier, sa.Integer).label("tier"),
            self.published.label("published"),
            self.identity.label("id"),
        ).offset(0)
        inner = found.subquery()
        chosen = sa.select(inner)
        if position:
            place, given = sa.tuple_(inner.c.published, inner.c.id), _as_values(position)
            chosen = chosen.where(place > given if backward else place < given)
        by: list[ColumnElement[Any]] = [inner.c.published, inner.c.id]
        chosen = chosen.order_by(*(key if backward else key.desc() for key in by)).limit(limit)
        return sa.select(chosen.subquery())

    def _rows_of(self, formula: Formula, stretch: Stretch | None, *columns: Any) -> Select[Any]:
        times = [some(stretch.lexemes)] if stretch else []
        rows = self.rows.with_only_columns(*columns, maintain_column_froms=True)
        parts = conjuncts(formula)
        # Of many words that seldom meet each is a scan of its own; of few the statement stays the same.
        words = parts if len(parts) > _FEW else [formula]
        return rows.where(self.declared.sought(*words, *self.narrowed, *times))

    # ── all of it ────────────────────────────────────────────────────────────
    async def count(self, db: Read) -> int:
        """Exact to COUNT_MOST; not made where there are surely so many."""
        if self.exact and self.expected(self.tiers[-1]) > PLENTY:
            return COUNT_MOST
        some_rows = self._rows_of(self.tiers[-1], None, sa.literal(1)).limit(COUNT_MOST).subquery()
        return int(await db.scalar(sa.select(sa.func.count()).select_from(some_rows)))

    def sample(self, *columns: Any) -> tuple[Select[Any], float]:
        """Columns of the result, and what a row stands for: all of it, or the newest rows of one longer than `SAMPLED`."""
        expected = self.expected(self.tiers[-1])
        stretch = None
        share = SAMPLE / expected if self.exact and expected > SAMPLED else 1.0
        stretch = self._time(None, share, backward=False)
        return self._rows_of(self.tiers[-1], stretch, *columns), 1 / share if stretch else 1.0


def _as_values(position: Place) -> Any:
    _, at, key = position
    return sa.tuple_(sa.literal(at, sa.DateTime(timezone=True)), sa.literal(key, sa.Uuid()))

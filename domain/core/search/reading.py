"""
A page of a long table by tiers, each newest first, without looking at every match.

A tier that about `WHOLE` rows hold is found whole by the index and sorted. Of one that more rows hold, only as many of the
newest rows are looked at as should fill the page; their stretch of time goes into the index with the words. Where that was too
little, four times as many, and then all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select, SQLColumnExpression
from sqlalchemy.dialects.postgresql import ARRAY

from domain.core.db import Read
from domain.core.keyset import COUNT_MOST, Page, PageAsked
from domain.core.search.declared import Declared, during, tier_of
from domain.core.search.formula import Formula, every, some
from domain.core.search.statistics import Statistics

R = TypeVar("R")

WHOLE = 1_500
TOGETHER = 4
"""So many rare tiers are asked for in one statement."""

SAMPLE = 2_000
_SPARE, _FURTHER, _STRETCHES_MOST = 3, 4, 2
_WALKED = 20_000
"""Rows of the index by date that are stepped over to find an instant; for more, Postgres' histogram tells it."""


def _among(identity: SQLColumnExpression[Any], keys: Sequence[UUID]) -> ColumnElement[bool]:
    """One statement, however many there are."""
    return identity == sa.any_(sa.literal(keys, ARRAY(sa.Uuid)))


@dataclass(frozen=True, slots=True)
class Reading:
    """
    How to read a list: its rows by all but words, `tiers` with what narrows them all, and the two columns that order a tier. `exact` says that nothing
    but the formulas chooses rows, so that their shares tell how many there are. Positions are (tier, published, id), or
    without the tier where there is but one.
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

    def expected(self, formula: Formula) -> float:
        """About how many rows hold it."""
        return self.statistics.rows * every([formula, *self.narrowed]).share(self.statistics.shares)

    @property
    def plenty(self) -> bool:
        """So many rows that a count would surely end at its cap."""
        return self.exact and bool(self.tiers) and self.expected(self.tiers[-1]) > 2 * COUNT_MOST

    # ── a page ───────────────────────────────────────────────────────────────
    async def page(
        self, db: Read, statement: Select[Any], make: Callable[..., R], asked: PageAsked
    ) -> Page[R]:
        """As `keyset.page`, for a position on one side."""
        position = self._position(asked.before if asked.backward else asked.after)
        found: list[tuple[Any, ...]] = await self._places(
            db, position, asked.limit + 1, backward=asked.backward
        )
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

    def _position(self, given: tuple[Any, ...] | None) -> tuple[int, datetime, UUID] | None:
        if given is None:
            return None
        tier, at, key = given if self.ranked else (0, *given)
        return tier, at, key

    async def _places(self, db: Read, position: Any, limit: int, *, backward: bool) -> list[tuple[Any, ...]]:
        last = len(self.tiers) - 1
        numbers = list(
            range(position[0] if position else last, -1, -1)
            if backward
            else range(position[0] if position else 0, last + 1)
        )
        found: list[tuple[Any, ...]] = []
        while numbers and len(found) < limit:
            taken = [numbers.pop(0)]
            if self.expected(self.tiers[taken[0]]) > WHOLE:
                after = position if position and position[0] == taken[0] else None
                found += await self._of_many(db, taken[0], after, limit - len(found), backward=backward)
                continue
            while numbers and len(taken) < TOGETHER and self.expected(self.tiers[numbers[0]]) <= WHOLE:
                taken.append(numbers.pop(0))
            arms = [self._arm(tier, position, limit - len(found), backward=backward) for tier in taken]
            # One after the other, until there are enough: arms with a LIMIT are never run side by side.
            rows = await db.rows(sa.union_all(*arms).limit(limit - len(found)))
            found += self._sorted(rows, backward=backward)
        return found[:limit]

    async def _of_many(
        self, db: Read, tier: int, position: Any, limit: int, *, backward: bool
    ) -> list[tuple[Any, ...]]:
        rows, share = self.statistics.rows, self.expected(self.tiers[tier]) / self.statistics.rows
        newest = _SPARE * limit / share
        for _ in range(_STRETCHES_MOST):
            if newest * 2 >= rows:
                break
            stretch = await self._stretch(
                db, int(newest), position[1] if position else None, backward=backward
            )
            if stretch is None:
                break
            arm = self._arm(tier, position, limit, stretch, backward=backward)
            found = await db.rows(arm)
            if len(found) >= limit:
                return self._sorted(found, backward=backward)
            newest *= _FURTHER
        return self._sorted(
            await db.rows(self._arm(tier, position, limit, backward=backward)), backward=backward
        )

    def _sorted(self, rows: Sequence[Any], *, backward: bool) -> list[tuple[Any, ...]]:
        # Newest first within a tier: ids and instants fall while tiers rise.
        ordered = sorted(
            (tuple(row) for row in rows), key=lambda row: (row[1], row[2].bytes), reverse=not backward
        )
        return sorted(ordered, key=lambda row: row[0], reverse=backward)

    def _arm(
        self,
        tier: int,
        position: Any,
        limit: int,
        stretch: tuple[datetime, datetime] | None = None,
        *,
        backward: bool,
    ) -> Select[Any]:
        parts: list[Formula] = [tier_of(self.tiers, tier), *self.narrowed]
        columns: list[Any] = [
            sa.literal(tier, sa.Integer).label("tier"),
            self.published.label("published"),
            self.identity.label("id"),
        ]
        found = self.rows.with_only_columns(*columns, maintain_column_froms=True)
        if stretch is not None:
            parts.append(some(during(*stretch)))
            found = found.where(self.published.between(*stretch))
        if position and position[0] == tier:
            place = sa.tuple_(self.published, self.identity)
            value = sa.tuple_(
                sa.literal(position[1], sa.DateTime(timezone=True)), sa.literal(position[2], sa.Uuid())
            )
            found = found.where(place > value if backward else place < value)
        # OFFSET 0 keeps the planner from walking by date in the hope of meeting the words.
        inner = found.where(self.declared.holds(every(parts))).offset(0).subquery()
        by: list[ColumnElement[Any]] = [inner.c.published, inner.c.id]
        ordered = sa.select(inner).order_by(*(key if backward else key.desc() for key in by)).limit(limit)
        return sa.select(ordered.subquery())

    # ── stretches of time ────────────────────────────────────────────────────
    async def _stretch(
        self, db: Read, count: int, start: datetime | None, *, backward: bool
    ) -> tuple[datetime, datetime] | None:
        """The time in which about `count` rows were published, from `start` on; None where it is not known or is all."""
        order = self.published.asc() if backward else self.published.desc()
        rows = sa.select(self.published).where(sa.text(self.declared.where or "true"))
        if start is not None:
            beyond = self.published >= start if backward else self.published <= start
            rows = rows.where(beyond)
        nth = rows.order_by(order).offset(min(count, _WALKED)).limit(1).scalar_subquery()
        first = rows.order_by(order).limit(1).scalar_subquery()
        row = await db.first(sa.select(first, nth))
        begin, end = row
        if begin is None or end is None:
            return None
        if count > _WALKED:
            end = await self._far(db, count / self.statistics.rows, begin, end, backward=backward)
        return None if end is None else (min(begin, end), max(begin, end))

    async def _far(
        self, db: Read, share: float, begin: datetime, near: datetime, *, backward: bool
    ) -> datetime | None:
        """The instant beyond which a share of the rows lies, by Postgres' histogram."""
        bounds = await db.scalar(
            sa.text(
                "SELECT histogram_bounds::text::timestamptz[] FROM pg_stats"
                " WHERE schemaname = current_schema() AND tablename = :table AND attname = :column"
            ).bindparams(table=self.declared.table, column=self.declared.published)
        )
        if not bounds:
            return None
        steps = int(share * (len(bounds) - 1)) + 1
        if backward:
            beyond = [bound for bound in bounds if bound > begin]
            return max(near, beyond[steps]) if steps < len(beyond) else None
        beyond = [bound for bound in reversed(bounds) if bound < begin]
        return min(near, beyond[steps]) if steps < len(beyond) else None

    async def sample(self, db: Read, statement: Select[Any]) -> tuple[Select[Any], float]:
        """
        A statement of part of the result, about `SAMPLE` of its newest rows, and what a count in it stands for; all of
        it where a count would not end at its cap.
        """
        if not self.plenty:
            return statement, 1.0
        expected = self.expected(self.tiers[-1])
        stretch = await self._stretch(db, int(SAMPLE * self.statistics.rows / expected), None, backward=False)
        if stretch is None:
            return statement, 1.0
        parts = [self.tiers[-1], *self.narrowed, some(during(*stretch))]
        narrow = statement.where(self.published.between(*stretch), self.declared.holds(every(parts)))
        return narrow, expected / SAMPLE

"""
What is searchable of a table: its words, and what its index knows beside them.

The index is one GIN over `search_terms` and lexemes made of other columns: the division, the kind, and the stretches of time in which
the row was published, each sixteen times as long as the one before. So a filter and a stretch of time meet a word within the index,
and nothing must be kept up to date beside the columns themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from domain.core.db import Read
from domain.core.lexicon import heard_as
from domain.core.search.asking import Wanted, parse
from domain.core.search.formula import But, Formula, Lexeme
from domain.core.search.ladder import DIVISION, KIND, of_all_words
from domain.core.search.query import SearchQuery
from domain.core.search.statistics import statistics

LITTLE = 20
"""Where fewer rows than this hold every word, what was perhaps meant is asked for too."""

_STRETCHES = tuple(enumerate((2, 6, 10, 14, 18, 22)))
"""Stretches of time by level, as powers of two of a second: 4 seconds to 48 days."""


@dataclass(frozen=True, slots=True)
class Declared:
    """
    A table with a column `search_terms`. `division`, `kind` and `published` name columns whose lexemes the index holds too;
    `where` is the condition of the index, which every search must imply.
    """

    table: str
    division: str | None = None
    kind: str | None = None
    published: str | None = None
    where: str | None = None

    @property
    def index_name(self) -> str:
        return f"{self.table}_words"

    @property
    def vector(self) -> str:
        """The indexed expression, in SQL."""
        # Spelled as Postgres spells it, so that Alembic sees no difference.
        parts = []
        if self.division:
            parts += [f"'{DIVISION}' || {self.division}", f"'{DIVISION}' || left({self.division}, 4)"]
        if self.kind:
            parts.append(f"'{KIND}' || {self.kind}")
        if self.published:
            seconds = f"EXTRACT(epoch FROM ({self.published} AT TIME ZONE 'UTC'))::bigint"
            parts += [f"'@{level}-' || (({seconds} >> {power})::text)" for level, power in _STRETCHES]
        return f"search_terms || array_to_tsvector(ARRAY[{', '.join(parts)}])" if parts else "search_terms"

    def index(self) -> sa.Index:
        """With a short list of pending entries (256 kB): searches read it whole."""
        return sa.Index(
            self.index_name,
            sa.text(f"({self.vector})"),
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
            postgresql_where=sa.text(self.where) if self.where else None,
        )

    # ── statements ───────────────────────────────────────────────────────────
    def holds(self, formula: Formula) -> ColumnElement[bool]:
        """Rows that hold a formula, by the index."""
        vector: ColumnElement[Any] = sa.literal_column(f"({self.vector})", TSVECTOR)
        return vector.bool_op("@@")(sa.literal(formula.text(), TSQUERY))

    def holds_all(self, wanted: Wanted) -> ColumnElement[bool]:
        """Rows that hold every word, or another for it: for alerts, where half a match would be noise."""
        if wanted.only_prefers:
            return self.holds(SearchQuery(wanted, ()).match)
        return self.holds(of_all_words(wanted, wanted.concepts)[-1]) if wanted.concepts else sa.false()

    def tier(self, query: SearchQuery) -> ColumnElement[int]:
        """In which tier a row stands, from 0; for tables so short that every match can be looked at."""
        cases = [(self.holds(formula), sa.literal(tier)) for tier, formula in enumerate(query.tiers)]
        last = sa.literal(len(query.tiers), sa.Integer)
        return sa.cast(sa.case(*cases, else_=last) if cases else last, sa.Integer)

    # ── asking ───────────────────────────────────────────────────────────────
    async def weigh(self, db: Read, wanted: Wanted) -> SearchQuery:
        """The query of a first page."""
        found = await statistics(db, self.index_name)
        meant = understood_otherwise(wanted)
        if meant is not None and await self._plenty(db, wanted):
            meant = None
        return SearchQuery.weighed(wanted, found.shares, meant)

    async def _plenty(self, db: Read, wanted: Wanted) -> bool:
        rows = sa.select(sa.literal(1)).select_from(sa.text(self.table)).where(self.holds_all(wanted))
        if self.where:
            rows = rows.where(sa.text(self.where))
        some = rows.limit(LITTLE).subquery()
        return int(await db.scalar(sa.select(sa.func.count()).select_from(some))) >= LITTLE


def understood_otherwise(wanted: Wanted) -> Wanted | None:
    """What was perhaps meant: words that sound like those that were written."""
    heard = heard_as(wanted.text)
    meant = parse(heard) if heard else None
    return meant if meant and meant.concepts else None


def during(earliest: datetime, latest: datetime) -> Iterator[Lexeme]:
    """Lexemes of stretches of time that cover all of it, and a few seconds more."""
    # Postgres rounds to whole seconds, up or down: the last instant may lie in the second after.
    first, last = (
        int(earliest.timestamp()) >> _STRETCHES[0][1],
        int(latest.timestamp() + 1) >> _STRETCHES[0][1],
    )
    for level, _ in _STRETCHES:
        top = level == _STRETCHES[-1][0]
        while first <= last and (top or first % 16):
            yield Lexeme(f"@{level}-{first}")
            first += 1
        while first <= last and (last + 1) % 16:
            yield Lexeme(f"@{level}-{last}")
            last -= 1
        if first > last:
            return
        first, last = first >> 4, last >> 4


def tier_of(tiers: tuple[Formula, ...], number: int) -> Formula:
    """What a row holds that stands in this tier and in none before."""
    return But(tiers[number], tiers[:number]) if number else tiers[0]

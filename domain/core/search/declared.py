"""
What is searchable of a table: its words, and what its index knows beside them.

The index is one GIN over `search_terms` and lexemes made of other columns: the division, the kind, and the stretches of time in which
the row was published, each sixteen times as long as the one before. So a filter and a stretch of time meet a word within the index,
and nothing must be kept up to date beside the columns themselves.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from domain.core.db import Read
from domain.core.lexicon import heard_as
from domain.core.search.asking import Wanted, parse
from domain.core.search.formula import Formula, Lexeme
from domain.core.search.ladder import DIVISION, KIND, of_all_words
from domain.core.search.query import SearchQuery
from domain.core.search.statistics import Statistics, statistics

LITTLE = 20
"""Where fewer rows than this hold every word, what was perhaps meant is asked for too."""

SURELY = 50
"""Where so many times as many are expected, they are not counted."""

_STRETCHES = tuple(enumerate((2, 6, 10, 14, 18, 22)))
"""Stretches of time by level, as powers of two of a second: 4 seconds to 48 days."""


TIMES_AS_LONG = 3
"""At most so many times as long as asked for is a stretch of time that is told in few lexemes (`during`), but for some seconds."""


@dataclass(frozen=True, slots=True)
class Declared:
    """
    A table with a column `search_terms`. `division`, `kind` and `published` name columns whose lexemes the index holds too, `beside` are
    expressions of others and `lexemes` names a column of ready ones; `where` is the condition of the index, which every search must imply.
    """

    table: str
    division: str | None = None
    kind: str | None = None
    published: str | None = None
    beside: tuple[str, ...] = ()
    lexemes: str | None = None
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
        parts += self.beside
        ready = f" || {self.lexemes}" if self.lexemes else ""
        return (
            f"search_terms || array_to_tsvector(ARRAY[{', '.join(parts)}]{ready})"
            if parts
            else "search_terms"
        )

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
        return self._indexed.bool_op("@@")(sa.literal(formula.text(), TSQUERY))

    def hold(self, queries: Iterable[ColumnElement[Any]]) -> ColumnElement[bool]:
        """
        Rows that hold all queries, by the index. They are made as the statement runs: where Postgres saw their words as it plans, it would
        look up the shares of each, for longer than the search takes, and here it is known that the index is to be used.

        Each query is a scan of its own within the index, and they skip to where the others are: so words before the stretch
        of time that is looked at are passed over.
        """
        return sa.and_(
            sa.text(self.where or "true"), *(self._indexed.bool_op("@@")(query) for query in queries)
        )

    @property
    def _indexed(self) -> ColumnElement[Any]:
        return sa.literal_column(f"({self.vector})", TSVECTOR)

    def holds_all(self, wanted: Wanted) -> ColumnElement[bool]:
        """Rows that hold every word, or another for it: for alerts, where half a match would be noise."""
        formula = self._all(wanted)
        return sa.false() if formula is None else self.holds(formula)

    def _all(self, wanted: Wanted) -> Formula | None:
        if wanted.only_prefers:
            return SearchQuery(wanted, ()).match
        return of_all_words(wanted, wanted.concepts)[-1] if wanted.concepts else None

    def tier(self, query: SearchQuery) -> ColumnElement[int]:
        """In which tier a row stands, from 0; for tables so short that every match can be looked at."""
        cases = [(self.holds(formula), sa.literal(tier)) for tier, formula in enumerate(query.tiers)]
        last = sa.literal(len(query.tiers), sa.Integer)
        return sa.cast(sa.case(*cases, else_=last) if cases else last, sa.Integer)

    # ── asking ───────────────────────────────────────────────────────────────
    async def weigh(self, db: Read, wanted: Wanted) -> SearchQuery:
        """The query of a first page."""
        found = await statistics(db, self)
        meant = understood_otherwise(wanted)
        if meant is not None and await self._plenty(db, wanted, found):
            meant = None
        return SearchQuery.weighed(wanted, found.shares, meant)

    async def _plenty(self, db: Read, wanted: Wanted, found: Statistics) -> bool:
        formula = self._all(wanted)
        if formula is None or found.rows * formula.share(found.shares) > SURELY * LITTLE:
            return formula is not None
        held = await db.scalar(_counting(self), {"words": formula.text(), "most": LITTLE})
        return int(held) >= LITTLE


@cache
def _counting(declared: Declared) -> sa.Select[Any]:
    """How many rows hold `words`, up to `most`."""
    query = sa.select(sa.cast(sa.bindparam("words", type_=sa.Text), TSQUERY)).scalar_subquery()
    rows = sa.select(sa.literal(1)).select_from(sa.text(declared.table)).where(declared.hold([query]))
    return sa.select(sa.func.count()).select_from(
        rows.limit(sa.bindparam("most", type_=sa.Integer)).subquery()
    )


def understood_otherwise(wanted: Wanted) -> Wanted | None:
    """What was perhaps meant: words that sound like those that were written."""
    heard = heard_as(wanted.text)
    meant = parse(heard) if heard else None
    return meant if meant and meant.concepts else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    Lexemes of the time from `earliest` until just before `end`: all of the rows in between, and of no others.

    Both are halves of seconds, as the index rounds to whole ones.
    """

    earliest: datetime
    end: datetime
    lexemes: tuple[Lexeme, ...]


def during(earliest: datetime, latest: datetime) -> Stretch:
    """A stretch of time that takes in both instants, told in few lexemes (`TIMES_AS_LONG`)."""
    seconds = (latest - earliest).total_seconds()
    level, power = max((each for each in _STRETCHES if seconds >= 1 << each[1]), default=_STRETCHES[0])
    first, last = (math.floor(each.timestamp() + 0.5) >> power for each in (earliest, latest))
    begin, end = (datetime.fromtimestamp((cell << power) - 0.5, UTC) for cell in (first, last + 1))
    return Stretch(begin, end, tuple(_cells(level, first, last)))


def _cells(level: int, first: int, last: int) -> Iterator[Lexeme]:
    """Where sixteen in a row are one of the next level, that one."""
    while first <= last:
        if first % 16 or first + 15 > last or level == _STRETCHES[-1][0]:
            yield Lexeme(f"@{level}-{first}")
            first += 1
        else:
            yield Lexeme(f"@{level + 1}-{first >> 4}")
            first += 16

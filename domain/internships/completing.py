"""
Completions of what is typed, by titles of published listings.

Where few titles begin so they are counted. Of a beginning that many have the commonest are known by Postgres' own statistics of the index
of titles (`commonest`); whoever types waits for no count of thousands of rows.
"""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Read
from domain.core.lexicon import heard_as
from domain.core.refusals import Invalid
from domain.core.search.statistics import commonest
from domain.core.text import normalise
from domain.core.unnesting import Rows
from domain.internships.listing import published
from domain.internships.models import TITLES, ListingRow

COMPLETIONS_MOST = 20
BEGINNING_MOST = 40
LOOKED_AT = 500
"""Rows: where more begin so, they are not all counted."""

_title, _spelled = col(ListingRow.title), sa.func.lower(col(ListingRow.title))
_COMMON = Rows("common", title=sa.Text)


async def completions(db: Read, text: str, most: int) -> list[str]:
    """
    Titles of published listings that begin like this, the commonest first; at most `most` (1 to 20). Where none does, those that begin
    like what reads the same, or what was perhaps meant.
    """
    if not 1 <= most <= COMPLETIONS_MOST:
        raise Invalid(
            "first",
            zh=f"需在 1 与 {COMPLETIONS_MOST} 之间。",
            en=f"Must lie between 1 and {COMPLETIONS_MOST}.",
        )
    for beginning in _beginnings(text):
        if found := await _beginning(db, beginning, most):
            return found
    return []


def _beginnings(text: str) -> Iterator[str]:
    written = text[: 2 * BEGINNING_MOST].strip()
    read = normalise(written)
    yield from dict.fromkeys(
        each[:BEGINNING_MOST] for each in (written.lower(), read, heard_as(read)) if each
    )


async def _beginning(db: Read, beginning: str, most: int) -> list[str]:
    escaped = beginning.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    begin_so = sa.and_(published(db.today), _spelled.like(f"{escaped}%", escape="\\"))
    some = sa.select(_title.label("title"), _spelled.label("spelled")).where(begin_so).limit(LOOKED_AT + 1)
    of = some.subquery()
    title, number = sa.func.min(of.c.title), sa.func.count()
    counted = sa.select(of.c.spelled, title.label("title"), sa.func.sum(number).over().label("looked_at"))
    rows = await db.rows(counted.group_by(of.c.spelled).order_by(number.desc(), title).limit(most))
    titles = {row.spelled: row.title for row in rows}
    if rows and rows[0].looked_at > LOOKED_AT:
        common = [each for each in await commonest(db, TITLES) if each.startswith(beginning)][:most]
        titles = await _as_written(db, common) | titles
    return list(titles.values())[:most]


async def _as_written(db: Read, titles: Sequence[str]) -> dict[str, str]:
    """Titles of published listings by what they are in small letters, in the order of these."""
    shown = sa.and_(published(db.today), _spelled == _COMMON.c.title)
    one = sa.select(_title).where(shown).limit(1).lateral("written")
    every = sa.select(_COMMON.c.title, one.c.title).join_from(_COMMON.table, one, sa.true())
    return dict(map(tuple, await db.rows(every, _COMMON.bound((each,) for each in titles))))

"""Finding listings: the filter as a WHERE, the orders, and search by words."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Read
from domain.core.divisions import reference
from domain.core.keyset import Key, Order, date_value, integer_value, newest_first, uuid_value
from domain.core.projection import Projection
from domain.core.refusals import Invalid
from domain.core.search import Reading, SearchQuery, Wanted, parse, place_names
from domain.core.search.declared import understood_otherwise
from domain.core.search.pieces import Rowset
from domain.core.search.statistics import statistics
from domain.internships.filtering import ListingFilter, conditions, narrowed
from domain.internships.listing import LISTINGS, Listing, published
from domain.internships.models import SEARCH, InternshipKind, ListingRow

COMPLETIONS_MOST = 20
FILTERS_KEPT = 256
TEXT_MOST = 1_000
"""Characters of a search text that are taken at all; the search itself looks at fewer."""

KIND_WORDS = {
    "实习": InternshipKind.INTERNSHIP.value,
    "实习生": InternshipKind.INTERNSHIP.value,
    "见习": InternshipKind.APPRENTICESHIP.value,
    "学徒": InternshipKind.APPRENTICESHIP.value,
}


class ListingOrder(StrEnum):
    """RELEVANCE when there is text, otherwise NEWEST."""

    RELEVANCE = "RELEVANCE"
    NEWEST = "NEWEST"
    STIPEND = "STIPEND"
    APPLY_BY = "APPLY_BY"


_NEWEST = newest_first(col(ListingRow.published_at), col(ListingRow.id), "listings")
_ORDERS = {
    ListingOrder.NEWEST: _NEWEST,
    ListingOrder.STIPEND: Order(
        "listings_stipend",
        (
            Key(col(ListingRow.stipend_month_fen), integer_value, descending=True),
            Key(col(ListingRow.id), uuid_value, descending=True),
        ),
    ),
    ListingOrder.APPLY_BY: Order(
        "listings_apply_by",
        (Key(col(ListingRow.open_until), date_value), Key(col(ListingRow.id), uuid_value)),
    ),
}
BY_ID = Order("listings_entered", (Key(col(ListingRow.id), uuid_value, descending=True),))
"""The latest entered first: for an organization's own list, in which not all are published."""


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    return place_names((row["id"], row["name"]) for row in reference())


def understood(text: str) -> Wanted:
    return parse(text, places=_places(), kinds=KIND_WORDS)


def _wanted(asked: ListingFilter) -> Wanted | None:
    """What the filter's text looks for; None when it has none. Invalid beyond TEXT_MOST characters."""
    text = asked.text
    if text is None or not text.strip():
        return None
    if len(text) > TEXT_MOST:
        raise Invalid(
            "text", zh=f"搜索词最多 {TEXT_MOST} 个字符。", en=f"A search has {TEXT_MOST} characters at most."
        )
    return understood(text)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: the statement, its order, the query where it had words, and how its result is read."""

    statement: sa.Select[Any]
    order: Order
    query: SearchQuery | None
    reading: Reading | None = None


_TIER = Key(sa.column("tier", sa.Integer), integer_value)
"""Of a position alone: what reads the list knows how it is sorted."""


def _tiered(query: SearchQuery, reading: Reading) -> Order:
    # The order's name holds the text: a cursor of another text is refused before its state is looked at.
    name = f"listings_relevance_{sha256(query.wanted.text.encode()).hexdigest()[:16]}"
    return Order(name, (_TIER, *_NEWEST.keys), reading=reading)


async def _reading(
    db: Read, asked: ListingFilter, query: SearchQuery, columns: Projection[Listing], *, ranked: bool
) -> Reading:
    formulas, others = narrowed(replace(asked, text=None), db.now)
    return Reading(
        _rowset(columns, others, db.today),
        query.tiers if ranked and query.tiers else (query.match,),
        await statistics(db, SEARCH),
        narrowed=formulas,
        ranked=ranked,
        exact=others == ListingFilter(),
        now=db.now,
    )


@lru_cache(maxsize=FILTERS_KEPT)
def _rowset(columns: Projection[Listing], asked: ListingFilter, today: date) -> Rowset:
    """As `_fitting`."""
    rows = columns.select().where(published(today), *conditions(asked))
    return Rowset(SEARCH, rows, col(ListingRow.published_at), col(ListingRow.id))


@lru_cache(maxsize=FILTERS_KEPT)
def _fitting(columns: Projection[Listing], asked: ListingFilter, today: date) -> sa.Select[Any]:
    """The filter but for its text; composed once a day for those that are asked again."""
    return columns.select().where(published(today), *conditions(asked))


async def find(
    db: Read,
    asked: ListingFilter,
    order: ListingOrder | None,
    state: object = None,
    columns: Projection[Listing] = LISTINGS,
) -> Found:
    """
    Published listings that fit, of which `columns` are read. `state` is what a cursor of an earlier page carried.

    ValueError when the state is not one of this text.
    """
    without_text = asked if asked.text is None else replace(asked, text=None)
    statement = _fitting(columns, without_text, db.today)
    wanted = _wanted(asked)
    if wanted is None:
        chosen = order or ListingOrder.NEWEST
        return Found(statement, _NEWEST if chosen is ListingOrder.RELEVANCE else _ORDERS[chosen], None)
    if state is not None:
        query = SearchQuery.from_state(wanted, state, understood_otherwise(wanted))
    else:
        query = await SEARCH.weigh(db, wanted)
    matching = statement.where(SEARCH.holds(query.match))
    chosen = order or ListingOrder.RELEVANCE
    ranked = chosen is ListingOrder.RELEVANCE
    reading = await _reading(db, asked, query, columns, ranked=ranked)
    by = _tiered(query, reading) if ranked else _ORDERS[chosen]
    return Found(
        matching, replace(by, reading=reading) if chosen is ListingOrder.NEWEST else by, query, reading
    )


async def meant(db: Read, asked: ListingFilter, query: SearchQuery) -> str | None:
    """What was perhaps meant, where little holds every word of the search and something holds what was meant."""
    if query.meant is None:
        return None
    other = replace(asked, text=query.meant.text)
    found = (await find(db, other, ListingOrder.NEWEST)).statement
    return query.meant.text if await db.exists(found) else None


async def completions(db: Read, text: str, most: int) -> list[str]:
    """Titles of published listings that begin like this, the commonest first; at most `most` (1 to 20)."""
    if not 1 <= most <= COMPLETIONS_MOST:
        raise Invalid(
            "first",
            zh=f"需在 1 与 {COMPLETIONS_MOST} 之间。",
            en=f"Must lie between 1 and {COMPLETIONS_MOST}.",
        )
    prefix = text.strip().lower()[:40]
    if not prefix:
        return []
    table = ListingRow
    escaped = prefix.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    title = sa.func.min(col(table.title))
    rows = await db.rows(
        sa.select(title)
        .where(published(db.today), sa.func.lower(col(table.title)).like(f"{escaped}%", escape="\\"))
        .group_by(sa.func.lower(col(table.title)))
        .order_by(sa.func.count().desc(), title)
        .limit(most)
    )
    return [row[0] for row in rows]

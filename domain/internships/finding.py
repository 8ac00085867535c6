"""Finding listings: the filter as a WHERE, the orders, and search by words."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache, partial
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
from domain.core.search.formula import Formula, Lexeme, some
from domain.core.search.ladder import KIND
from domain.core.search.pieces import Rowset
from domain.core.search.sorting import SortedReading, Sorting, WalkedReading
from domain.core.search.statistics import statistics
from domain.internships.filtering import ListingFilter, conditions, narrowed
from domain.internships.listing import LISTINGS, Listing, published
from domain.internships.models import DAY_ZERO, PAY, SEARCH, UNTIL, InternshipKind, ListingRow

FILTERS_KEPT = 256
FEW = 5_000
"""So many rows are looked at one by one, if need be."""

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
        "listings_paid",
        (Key(col(ListingRow.stipend_month_fen), integer_value, descending=True), *_NEWEST.keys),
    ),
    # One row comparison, as all keys run the same way.
    ListingOrder.APPLY_BY: Order(
        "listings_until",
        (
            Key(col(ListingRow.open_until), date_value),
            *(replace(key, descending=False) for key in _NEWEST.keys),
        ),
    ),
}
_ANY = some(Lexeme(f"{KIND}{kind.value}") for kind in InternshipKind)
"""Each listing is of some kind."""

_SORTED = {
    ListingOrder.STIPEND: Sorting(PAY),
    ListingOrder.APPLY_BY: Sorting(
        UNTIL,
        rising=True,
        number=lambda day: (day - DAY_ZERO).days,
        key=lambda days: DAY_ZERO + timedelta(days),
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
    """What a search came to: the statement, its order, the query where it had words, and how its result is read and counted."""

    statement: sa.Select[Any]
    order: Order
    query: SearchQuery | None
    reading: Reading


_TIER = Key(sa.column("tier", sa.Integer), integer_value)
"""Of a position alone: what reads the list knows how it is sorted."""


def _tiered(query: SearchQuery, reading: Reading) -> Order:
    # The order's name holds the text: a cursor of another text is refused before its state is looked at.
    name = f"listings_relevance_{sha256(query.wanted.text.encode()).hexdigest()[:16]}"
    return Order(name, (_TIER, *_NEWEST.keys), reading=reading)


async def _reading(
    db: Read,
    asked: ListingFilter,
    tiers: tuple[Formula, ...],
    columns: Projection[Listing],
    order: ListingOrder,
    *,
    walked: bool = False,
) -> Reading:
    """
    How the list is read, by the filter without its text; without `tiers` of its own it is what holds the filter, and where it is `walked` so
    is each page.
    """
    known = await statistics(db, SEARCH)
    few = bool(tiers) and known.rows * tiers[-1].share(known.shares) < FEW
    told = narrowed(asked, db.now, known.shares, few=few)
    formulas = told.formulas
    if not tiers:
        # Of its own numbers a sorted list knows where they end.
        first = next((each for each in formulas if not PAY.tells(each)), _ANY)
        tiers, formulas = (first,), tuple(each for each in formulas if each != first)
    sorting = None if walked else _SORTED.get(order)
    make: Callable[..., Reading] = Reading
    if walked:
        make = partial(WalkedReading, order=_ORDERS[order])
    elif sorting is not None:
        least = asked.min_stipend_fen_per_month or 0 if order is ListingOrder.STIPEND else 0
        make = partial(SortedReading, sorting=sorting, least=max(least, 0))
    return make(
        _rowset(columns, told.rest, db.today, sorting),
        tiers,
        known,
        narrowed=formulas,
        ranked=order is ListingOrder.RELEVANCE,
        passing=told.passing,
        now=db.now,
    )


def _walked(asked: ListingFilter, order: ListingOrder) -> bool:
    """An index has the list in its order: all of it, or that of a division."""
    places = asked.division_codes if order is ListingOrder.NEWEST else None
    return asked == ListingFilter(division_codes=places)


@lru_cache(maxsize=FILTERS_KEPT)
def _rowset(
    columns: Projection[Listing], asked: ListingFilter, today: date, sorting: Sorting | None
) -> Rowset:
    """As `_fitting`."""
    number = sorting.scale.expression if sorting else None
    rows = _fitting(columns, asked, today)
    return Rowset(SEARCH, rows, col(ListingRow.published_at), col(ListingRow.id), number)


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
        plain = order if order in _ORDERS else ListingOrder.NEWEST
        walked = _walked(without_text, plain)
        reading = await _reading(db, without_text, (), columns, plain, walked=walked)
        return Found(statement, replace(_ORDERS[plain], reading=reading), None, reading)
    if state is not None:
        query = SearchQuery.from_state(wanted, state, understood_otherwise(wanted))
    else:
        query = await SEARCH.weigh(db, wanted)
    matching = statement.where(SEARCH.holds(query.match))
    chosen = order or ListingOrder.RELEVANCE
    ranked = chosen is ListingOrder.RELEVANCE and query.tiers
    tiers = query.tiers if ranked else (query.match,)
    reading = await _reading(db, without_text, tiers, columns, chosen)
    if chosen is ListingOrder.RELEVANCE:
        return Found(matching, _tiered(query, reading), query, reading)
    return Found(matching, replace(_ORDERS[chosen], reading=reading), query, reading)


async def meant(db: Read, asked: ListingFilter, query: SearchQuery) -> str | None:
    """What was perhaps meant, where little holds every word of the search and something holds what was meant."""
    if query.meant is None:
        return None
    other = replace(asked, text=query.meant.text)
    found = (await find(db, other, ListingOrder.NEWEST)).statement
    return query.meant.text if await db.exists(found) else None

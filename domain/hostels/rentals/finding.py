"""Finding rentals: the filter as a WHERE, and the orders."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from domain.core.divisions import within
from domain.core.faults import length_fault, range_fault
from domain.core.geo import Point, point_faults
from domain.core.keyset import Key, Order, integer_value, newest_first, uuid_value
from domain.core.projection import Projection
from domain.core.refusals import ErrorCode, Refusal, refuse_all
from domain.core.search import parse
from domain.hostels.rentals.models import SEARCH, RentalRow
from domain.hostels.rentals.rental import PLACED, RENTALS, Rental, listed, seen_from

TEXT_MOST = 1_000
"""Characters of a search text that are taken at all; the search itself looks at fewer."""
WITHIN_MOST_METERS = 1_000_000
FILTERS_KEPT = 64


class RentalOrder(StrEnum):
    """DISTANCE when the filter names a point, otherwise NEWEST."""

    NEWEST = "NEWEST"
    DISTANCE = "DISTANCE"
    RENT = "RENT"
    DISCOUNT = "DISCOUNT"


class PointNeeded(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "须同时给出 near。"
    en = "This needs `near` too."


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalFilter:
    """Every part given must fit; what a flat does not state does not fit. Rent in fen a month."""

    text: str | None = None
    division_codes: tuple[str, ...] | None = None
    near: Point | None = None
    within_meters: int | None = None
    max_monthly_rent_fen: int | None = None
    min_discount_percent: int | None = None
    bedrooms: int | None = None
    order_by: RentalOrder | None = None


_IDENTITY = col(RentalRow.id)
_ORDERS = {
    RentalOrder.NEWEST: newest_first(col(RentalRow.listed_at), _IDENTITY, "rentals"),
    RentalOrder.RENT: Order(
        "rentals_rent", (Key(col(RentalRow.monthly_rent_fen), integer_value), Key(_IDENTITY, uuid_value))
    ),
    RentalOrder.DISCOUNT: Order(
        "rentals_discount",
        (
            Key(col(RentalRow.discount_percent), integer_value, descending=True),
            Key(_IDENTITY, uuid_value, descending=True),
        ),
    ),
}
BY_ID = Order("rentals_entered", (Key(_IDENTITY, uuid_value, descending=True),))
"""The latest entered first: for an organization's own list, in which not all are listed."""


def filter_faults(asked: RentalFilter) -> Iterator[Refusal]:
    """Everything that is wrong with a filter."""
    yield from length_fault("text", asked.text, 0, TEXT_MOST)
    for fault in point_faults(asked.near):
        yield fault.at("near")
    yield from range_fault("within_meters", asked.within_meters, 1, WITHIN_MOST_METERS)
    if asked.near is None and asked.within_meters is not None:
        yield PointNeeded("within_meters")
    if asked.near is None and asked.order_by is RentalOrder.DISTANCE:
        yield PointNeeded("order_by")


_CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "division_codes": lambda codes: within(col(RentalRow.division_code), codes),
    "max_monthly_rent_fen": lambda fen: col(RentalRow.monthly_rent_fen) <= fen,
    "min_discount_percent": lambda percent: col(RentalRow.discount_percent) >= percent,
    "bedrooms": lambda number: col(RentalRow.bedrooms) == number,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to."""

    statement: sa.Select[Any]
    order: Order


@lru_cache(maxsize=FILTERS_KEPT)
def _fitting(columns: Projection[Rental], asked: RentalFilter) -> sa.Select[Any]:
    """What fits but for its place; composed once for those filters that are asked again."""
    statement = columns.select().where(listed())
    for name, condition in _CONDITIONS.items():
        if (value := getattr(asked, name)) is not None:
            statement = statement.where(condition(value))
    if asked.text is not None and asked.text.strip():
        statement = statement.where(SEARCH.holds_all(parse(asked.text)))
    return statement


def find(asked: RentalFilter, columns: Projection[Rental] = RENTALS) -> Found:
    """Listed flats that fit; Refused (below `filter`) with everything that is wrong with the filter."""
    refuse_all(fault.at("filter") for fault in filter_faults(asked))
    statement = _fitting(columns, replace(asked, near=None, within_meters=None, order_by=None))
    if asked.near is None:
        return Found(statement, _ORDERS[asked.order_by or RentalOrder.NEWEST])
    statement = seen_from(asked.near, columns, statement)
    if asked.within_meters is not None:
        statement = statement.where(PLACED.within(asked.near, asked.within_meters))
    chosen = asked.order_by or RentalOrder.DISTANCE
    if chosen is RentalOrder.DISTANCE:
        return Found(statement, PLACED.nearest_first(asked.near, _IDENTITY, "rentals_distance"))
    return Found(statement, _ORDERS[chosen])

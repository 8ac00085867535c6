"""Finding hostels: the filter as a WHERE, the orders, and where else somebody could sleep."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import Gender
from domain.core.db import Read
from domain.core.divisions import DivisionRow, reference, within
from domain.core.geo import Located, Point, point_faults
from domain.core.keyset import Key, Order, integer_value, uuid_value
from domain.core.projection import Projection
from domain.core.refusals import Invalid, refuse_all
from domain.core.search import SearchQuery, parse, place_names
from domain.core.search.declared import understood_otherwise
from domain.hostels.availability import has_bed
from domain.hostels.eligibility import Stay
from domain.hostels.hostel import HOSTELS, Hostel
from domain.hostels.models import SEARCH, HostelRow

ALTERNATIVES_MOST = 5
FILTERS_KEPT = 64
_DISTANCE = "distance_meters"
TEXT_MOST = 1_000
NIGHTS_MOST = 90

PLACED = Located(col(HostelRow.latitude), col(HostelRow.longitude))
BY_ID = Order("hostels", (Key(col(HostelRow.id), uuid_value),))


@dataclass(frozen=True, slots=True, kw_only=True)
class HostelFilter:
    """Every part given must fit. Distances in metres."""

    text: str | None = None
    division_codes: tuple[str, ...] | None = None
    near: Point | None = None
    within_meters: int | None = None
    available_from: date | None = None
    available_nights: int | None = None
    gender: Gender | None = None


def _check(asked: HostelFilter) -> None:
    found = [fault.at("near") for fault in point_faults(asked.near)]
    if asked.text is not None and len(asked.text) > TEXT_MOST:
        found.append(Invalid("text", zh=f"最多 {TEXT_MOST} 个字符。", en=f"{TEXT_MOST} characters at most."))
    if asked.within_meters is not None and asked.near is None:
        found.append(Invalid("within_meters", zh="须同时给出 near。", en="Only together with `near`."))
    if asked.within_meters is not None and asked.within_meters < 0:
        found.append(Invalid("within_meters", zh="不能为负。", en="Must not be negative."))
    if asked.available_nights is not None and asked.available_from is None:
        found.append(
            Invalid(
                "available_nights", zh="须同时给出 availableFrom。", en="Only together with `availableFrom`."
            )
        )
    if asked.available_nights is not None and not 1 <= asked.available_nights <= NIGHTS_MOST:
        found.append(
            Invalid("available_nights", zh=f"1 至 {NIGHTS_MOST} 晚。", en=f"From 1 to {NIGHTS_MOST} nights.")
        )
    refuse_all(found)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: the statement, its order, and the weighed query where it had words."""

    statement: sa.Select[Any]
    order: Order
    query: SearchQuery | None


async def find(
    db: Read, asked: HostelFilter, state: object = None, columns: Projection[Hostel] = HOSTELS
) -> Found:
    """
    Hostels that fit, each with its distance (null without a point). The nearest first where a point is named, else the
    best match for a text, else the oldest. `state` is what a cursor of an earlier page carried.

    ValueError when the state is not one of this text.
    """
    _check(asked)
    query = None
    if asked.text is not None and asked.text.strip():
        wanted = parse(asked.text, places=_places())
        if state is not None:
            query = SearchQuery.from_state(wanted, state, understood_otherwise(wanted))
        else:
            query = await SEARCH.weigh(db, wanted)
    statement = _in_divisions(columns, asked.division_codes)
    if asked.near is not None:
        meters = PLACED.meters(asked.near).label(_DISTANCE)
        statement = statement.with_only_columns(*columns.columns, meters, maintain_column_froms=True)
    where = [*_conditions(asked, query), *_beds(asked)]
    if where:
        statement = statement.where(*where)
    if asked.near is not None:
        return Found(statement, _nearest(asked.near), query)
    return Found(statement, BY_ID if query is None else _by_relevance(query), query)


def _conditions(asked: HostelFilter, query: SearchQuery | None) -> list[sa.ColumnElement[bool]]:
    """The filter but for its divisions and its beds."""
    found: list[sa.ColumnElement[bool]] = []
    if asked.near is not None and asked.within_meters is not None:
        found.append(PLACED.within(asked.near, asked.within_meters))
    if query is not None:
        found.append(SEARCH.holds(query.match))
    return found


def _beds(asked: HostelFilter) -> list[sa.ColumnElement[bool]]:
    if asked.available_from is None:
        return []
    has = has_bed(col(HostelRow.id), asked.available_from, asked.available_nights or 1, asked.gender)
    # Not the plain EXISTS, which Postgres would join: each hostel is looked into in its turn, until the page is full.
    return [sa.case((has, sa.true()), else_=sa.false())]


@lru_cache(maxsize=FILTERS_KEPT)
def _in_divisions(columns: Projection[Hostel], codes: tuple[str, ...] | None) -> sa.Select[Any]:
    """Hostels of these divisions, as far from nowhere; composed once for those that are asked again."""
    statement = columns.select().add_columns(sa.cast(sa.null(), sa.Integer).label(_DISTANCE))
    return statement if codes is None else statement.where(within(col(HostelRow.division_code), codes))


def _by_relevance(query: SearchQuery) -> Order:
    name = f"hostels_relevance_{sha256(query.wanted.text.encode()).hexdigest()[:16]}"
    return Order(name, (Key(SEARCH.tier(query), integer_value), *BY_ID.keys))


def _nearest(near: Point) -> Order:
    return PLACED.nearest_first(near, col(HostelRow.id), "hostels_distance")


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    return place_names((row["id"], row["name"]) for row in reference())


async def centre(db: Read, hostel: Hostel) -> Point | None:
    """Where a hostel is: its place, else its division's seat."""
    if hostel.latitude is not None and hostel.longitude is not None:
        return Point(hostel.latitude, hostel.longitude)
    return await centre_of_division(db, hostel.division_code)


async def centre_of_division(db: Read, code: str) -> Point | None:
    row = await db.first(
        sa.select(col(DivisionRow.latitude), col(DivisionRow.longitude)).where(col(DivisionRow.id) == code)
    )
    return None if row is None or row.latitude is None else Point(row.latitude, row.longitude)


async def nearest_with_bed(
    db: Read,
    near: Point,
    stay: Stay,
    gender: Gender | None,
    *,
    but: UUID | None = None,
    most: int = ALTERNATIVES_MOST,
) -> list[Hostel]:
    """The nearest hostels that take such a stay now and have one bed for all of its nights."""
    asked = HostelFilter(near=near, available_from=stay.check_in, available_nights=stay.nights, gender=gender)
    where = [
        col(HostelRow.latitude).is_not(None),
        col(HostelRow.max_nights_per_stay) >= stay.nights,
        col(HostelRow.bookable_days_ahead) >= (stay.check_out - db.today).days - 1,
    ]
    if but is not None:
        where.append(col(HostelRow.id) != but)
    nearest = (key.expression for key in _nearest(near).keys)
    statement = HOSTELS.select().where(*where, *_beds(asked)).order_by(*nearest).limit(most)
    return await HOSTELS.all(db, statement)

"""
Places on the map: a point, how far it is, and how rows are found by it.

A table that has places declares two nullable columns `latitude` and `longitude` (`degrees`), with `*place_checks()` and
`place_index(table)` among its `__table_args__`, and is searched through a `Located`:

    PLACED = Located(col(Row.latitude), col(Row.longitude))
    select(…, PLACED.meters(near)).where(PLACED.within(near, 5_000))
    order = PLACED.nearest_first(near, col(Row.id), "rentals_distance")

Distances are great circles of a sphere of the mean radius, in whole metres; the true ellipsoid differs by 0.5% at most.
It is plain trigonometry over a B-tree, as a server need not have PostGIS or contrib, and core's planar KNN is not exact.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

from domain.core import columns
from domain.core.keyset import Key, Order, integer_value, uuid_value
from domain.core.refusals import Invalid, Refusal

EARTH_RADIUS_METERS = 6_371_008.8
"""The mean radius (IUGG)."""

NOWHERE = 2**31 - 1
"""What rows without a place count as when they are sorted by distance: they come last."""

_HALF_ROUND = round(math.pi * EARTH_RADIUS_METERS)
_POLE, _DATE_LINE, _FULL_TURN = 90.0, 180.0, 360.0

_DECIMALS = 7

_SPARE_METERS = 1.0
"""How much further than asked a box reaches: distances are rounded, and so are sines."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place in degrees of WGS 84."""

    latitude: float
    longitude: float


def point_faults(point: Point | None) -> Iterator[Refusal]:
    """Degrees that are none, each by its name. No point has no fault."""
    if point is None:
        return
    for name, degrees, most in (("latitude", point.latitude, 90), ("longitude", point.longitude, 180)):
        if not -most <= degrees <= most:  # neither does NaN lie there
            yield Invalid(
                name, zh=f"需在 -{most} 与 {most} 之间。", en=f"Must lie between -{most} and {most}."
            )


def meters_between(one: Point, other: Point) -> int:
    """The great circle between two points, in whole metres."""
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    haversine = (
        math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    )
    return round(2 * EARTH_RADIUS_METERS * math.asin(min(1.0, math.sqrt(haversine))))


# ── in a table ───────────────────────────────────────────────────────────────
class Degrees(TypeDecorator[float]):
    """
    Degrees as a double, to a centimetre (seven decimals).

    Whatever else a client sends, such as 5e-324: Postgres refuses to multiply numbers so small that nothing is left.
    """

    impl = sa.Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:  # noqa: ARG002  # signature of SQLAlchemy
        return None if value is None else round(value, _DECIMALS)


def degrees() -> Any:
    """A column of degrees, for `latitude` and `longitude`; null where the place is not known."""
    return Field(default=None, sa_type=Degrees)


def place_checks() -> tuple[sa.CheckConstraint, ...]:
    """The database's own rules: both columns or neither, and on the globe."""
    return (
        columns.check("place_whole", "(latitude IS NULL) = (longitude IS NULL)"),
        columns.check("latitude_range", "latitude BETWEEN -90 AND 90"),
        columns.check("longitude_range", "longitude BETWEEN -180 AND 180"),
    )


def place_index(table: str) -> sa.Index:
    """For the boxes of `Located.within`: a band of latitudes, of which the longitudes are looked at in the index."""
    return sa.Index(f"{table}_place", "latitude", "longitude")


# ── in a statement ───────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Box:
    """
    Degrees between which everything within some metres of a point lies.

    `west` is greater than `east` where it spans the date line; both are None where it takes in a pole.
    """

    south: float
    north: float
    west: float | None
    east: float | None


def box_around(near: Point, meters: float) -> Box:
    """The smallest box that loses nothing, but for a spare metre."""
    angle = (meters + _SPARE_METERS) / EARTH_RADIUS_METERS
    reach = math.degrees(angle)
    south, north = near.latitude - reach, near.latitude + reach
    if south <= -_POLE or north >= _POLE:
        return Box(max(south, -_POLE), min(north, _POLE), None, None)
    # Meridians touch the circle poleward of its centre: its width at the centre would be too little.
    aside = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(near.latitude)))))
    west, east = near.longitude - aside, near.longitude + aside
    if west < -_DATE_LINE:
        west += _FULL_TURN
    if east > _DATE_LINE:
        east -= _FULL_TURN
    return Box(south, north, west, east)


@dataclass(frozen=True, slots=True)
class Located:
    """The two columns of a table, as expressions to find its rows by."""

    latitude: SQLColumnExpression[Any]
    longitude: SQLColumnExpression[Any]

    def meters(self, near: Point) -> ColumnElement[int]:
        """How far each row is, as `meters_between` has it; null where its place is not known."""
        there = Located(sa.literal(near.latitude, Degrees), sa.literal(near.longitude, Degrees))
        rounded = self._meters(there, _double(math.cos(math.radians(near.latitude))))
        return sa.case((self.latitude.is_not(None), rounded))  # `least` passes over nulls

    def meters_to(self, other: "Located") -> ColumnElement[int]:
        """How far each row is from a row of another table; null where one of the places is not known."""
        rounded = self._meters(other, sa.func.cos(sa.func.radians(other.latitude)))
        return sa.case((sa.and_(self.latitude.is_not(None), other.latitude.is_not(None)), rounded))

    def _meters(self, other: "Located", cosine_there: ColumnElement[Any]) -> ColumnElement[int]:
        north_half = sa.func.sin(sa.func.radians(self.latitude - other.latitude) / _double(2))
        across_half = sa.func.sin(sa.func.radians(self.longitude - other.longitude) / _double(2))
        both = cosine_there * sa.func.cos(sa.func.radians(self.latitude))
        haversine = _squared(north_half) + both * _squared(across_half)
        half = sa.func.asin(sa.func.least(_double(1), sa.func.sqrt(haversine)))
        return sa.cast(sa.func.round(_double(2 * EARTH_RADIUS_METERS) * half), sa.Integer)

    def within(self, near: Point, meters: int) -> ColumnElement[bool]:
        """Rows at most so far away: first a box, by the index, then exactly."""
        box = box_around(near, meters)
        parts: list[ColumnElement[bool]] = [self.latitude.between(_double(box.south), _double(box.north))]
        if box.west is not None and box.east is not None:
            from_west, to_east = self.longitude >= _double(box.west), self.longitude <= _double(box.east)
            either = sa.or_ if box.west > box.east else sa.and_
            parts.append(either(from_west, to_east))
        return sa.and_(*parts, self.meters(near) <= meters)

    def nearest_first(
        self, near: Point, identity: SQLColumnExpression[UUID], name: str, first_within: int | None = None
    ) -> Order:
        """
        By distance, then by id; rows without a place last.

        Whole metres depend on the row and the point alone, so that a cursor carries them exactly. The order's name holds
        the point: a cursor of another one is refused. A page is looked for `first_within` so many metres further than the one
        before, if given, and then anywhere: for tables so long that computing every distance takes time.
        """
        where = sha256(f"{near.latitude!r},{near.longitude!r}".encode()).hexdigest()[:16]
        far = sa.func.coalesce(self.meters(near), sa.literal(NOWHERE, sa.Integer))
        keys = (Key(far, integer_value), Key(identity, uuid_value))
        if first_within is None:
            return Order(f"{name}_{where}", keys)
        return Order(
            f"{name}_{where}",
            keys,
            # Beyond the half of the globe there is nothing further, and the sum stays a 32-bit integer.
            lambda after: self.within(near, first_within + min(after[0] if after else 0, _HALF_ROUND)),
        )


def _double(number: float) -> ColumnElement[float]:
    return sa.literal(float(number), sa.Double)


def _squared(expression: ColumnElement[Any]) -> ColumnElement[Any]:
    return sa.func.power(expression, _double(2), type_=sa.Double)

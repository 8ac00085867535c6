"""
Places on the map: a point, how far it is, and how rows are found by it.

A table that has places declares two nullable columns `latitude` and `longitude` (`degrees`), with `*place_checks()` and
`place_index(table)` among its `__table_args__`, and is searched through a `Located`:

    PLACED = Located(col(Row.latitude), col(Row.longitude))
    select(…, PLACED.meters(near)).where(PLACED.within(near, 5_000))
    order = PLACED.nearest_first(near, col(Row.id), "rentals_distance")

Distances are great circles of a sphere of the mean radius, in whole metres; the true ellipsoid differs by 0.5% at most.
The index holds points of a globe in space (`cube`, of contrib), where the straight line between two of them rises with the way along
the ground: nearest neighbours by it are exact, at the poles and across the date line too. A server need not have PostGIS.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from domain.core import columns
from domain.core.keyset import Key, Order, float_value, uuid_value
from domain.core.refusals import Invalid, Refusal

EARTH_RADIUS_METERS = 6_371_008.8
"""The mean radius (IUGG)."""

_DECIMALS = 7

_SPARE_METERS = 1.0
"""How much further than asked is looked: distances are rounded, and so are sines."""


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


_NOWHERE = "cube((4)::double precision)"
"""Of a row without a place: a point off the globe, further from all on it than they are from each other."""


# The revision makes it, and so does whoever makes the tables without one.
_CUBE = sa.DDL("CREATE EXTENSION IF NOT EXISTS cube SCHEMA public")  # type: ignore[no-untyped-call]  # of SQLAlchemy
sa.event.listen(SQLModel.metadata, "before_create", _CUBE)


def place_index(table: str) -> sa.Index:
    """By which rows come in the order of their distance from any point, however many there are."""
    # Spelled as Postgres spells it, so that Alembic sees no difference. Without a latitude the point is null.
    across = "(cos(radians(latitude)) * %s(radians(longitude)))"
    point = f"cube(cube(cube({across % 'cos'}), {across % 'sin'}), sin(radians(latitude)))"
    return sa.Index(f"{table}_place", sa.text(f"COALESCE({point}, {_NOWHERE})"), postgresql_using="gist")


# ── in a statement ───────────────────────────────────────────────────────────
def _vector(point: Point) -> tuple[float, float, float]:
    north, east = (math.radians(round(one, _DECIMALS)) for one in (point.latitude, point.longitude))
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)


def _cube(*corners: Sequence[float]) -> ColumnElement[Any]:
    return sa.func.cube(*(sa.literal(list(corner), ARRAY(sa.Double)) for corner in corners))


@dataclass(frozen=True, slots=True)
class Located:
    """The two columns of a table, as expressions to find its rows by."""

    latitude: SQLColumnExpression[Any]
    longitude: SQLColumnExpression[Any]

    @property
    def _place(self) -> ColumnElement[Any]:
        """
        A row's place as a point of the sphere of radius 1, as `place_index` has it: without parameters, or Postgres does not
        know it again.
        """
        north, east = sa.func.radians(self.latitude), sa.func.radians(self.longitude)
        across = sa.func.cos(north, type_=sa.Double)
        point = sa.func.cube(across * sa.func.cos(east))
        for further in (across * sa.func.sin(east), sa.func.sin(north)):
            point = sa.func.cube(point, further)
        return sa.func.coalesce(point, sa.literal_column(_NOWHERE))

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
        """Rows at most so far away: first a box around the point, by the index, then exactly."""
        angle = min(math.pi, (meters + _SPARE_METERS) / EARTH_RADIUS_METERS)
        reach, centre = 2 * math.sin(angle / 2), _vector(near)
        box = _cube([one - reach for one in centre], [one + reach for one in centre])
        return sa.and_(self._place.bool_op("<@")(box), self.meters(near) <= meters)

    def nearest_first(self, near: Point, identity: SQLColumnExpression[UUID], name: str) -> Order:
        """
        By distance, then by id; rows without a place last.

        What is compared is the straight line through the globe, in radii of it: it rises with the way along the ground, and
        an index knows its order. The order's name holds the point: a cursor of another one is refused.
        """
        where = sha256(f"{near.latitude!r},{near.longitude!r}".encode()).hexdigest()[:16]
        line: ColumnElement[float] = self._place.op("<->", return_type=sa.Double())(_cube(_vector(near)))
        return Order(f"{name}_{where}", (Key(line, float_value), Key(identity, uuid_value)))


def _double(number: float) -> ColumnElement[float]:
    return sa.literal(float(number), sa.Double)


def _squared(expression: ColumnElement[Any]) -> ColumnElement[Any]:
    return sa.func.power(expression, _double(2), type_=sa.Double)

"""Distances in SQL against a haversine written out here; pages by distance."""

import math
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.house import House

from domain.core.geo import Degrees, Located, Point, meters_between, point_faults
from domain.core.keyset import PageAsked
from domain.core.paging import page
from domain.core.refusals import ErrorCode, Language

RADIUS = 6_371_008.8
HALF_ROUND = 20_015_114
"""Metres from anywhere to the other side of the globe."""

DIAMETER = 2.000001
"""Of the globe, in its radii, and a bit."""

GUANGZHOU, SHENZHEN = Point(23.1291, 113.2644), Point(22.5431, 114.0579)
NORTH_POLE = Point(90.0, 0.0)

latitudes = st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 0.0, 90.0]), st.floats(89.9, 90))
longitudes = st.one_of(
    st.floats(-180, 180),
    st.sampled_from([-180.0, 0.0, 180.0]),
    st.floats(179.9, 180),
    st.floats(-180, -179.9),
)
points = st.builds(Point, latitudes, longitudes)
reaches = st.one_of(st.integers(1, 5_000), st.integers(1, HALF_ROUND))


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Point, int, list[Point]]:
    """A point, a number of metres, and rows of which many lie about so far away, in all directions."""
    near, reach = draw(points), draw(reaches)
    bearings = st.floats(0, 2 * math.pi)
    around = [
        _gone(near, reach * draw(st.floats(0.9, 1.1)), draw(bearings)) for _ in range(draw(st.integers(0, 8)))
    ]
    return near, reach, around + draw(st.lists(points, min_size=1, max_size=4))


def _gone(start: Point, meters: float, bearing: float) -> Point:
    """Where one is after so many metres straight on."""
    angle, latitude = meters / RADIUS, math.radians(start.latitude)
    sine = math.sin(latitude) * math.cos(angle) + math.cos(latitude) * math.sin(angle) * math.cos(bearing)
    end = math.asin(max(-1.0, min(1.0, sine)))
    turn = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(latitude), math.cos(angle) - math.sin(latitude) * sine
    )
    longitude = (start.longitude + math.degrees(turn) + 180) % 360 - 180
    return Point(math.degrees(end), longitude)


def _reference(one: Point, other: Point) -> float:
    """Vincenty's form for a sphere: good for any two points, near or opposite; nothing in common with the code's form."""
    a, b = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    left = math.hypot(
        math.cos(b) * math.sin(across),
        math.cos(a) * math.sin(b) - math.sin(a) * math.cos(b) * math.cos(across),
    )
    return RADIUS * math.atan2(left, math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(across))


def _source(rows: Iterable[Point | None]) -> Any:
    columns = (sa.column("id", sa.Uuid), sa.column("latitude", Degrees), sa.column("longitude", Degrees))
    values = [
        (UUID(int=number), row and row.latitude, row and row.longitude) for number, row in enumerate(rows)
    ]
    given = sa.values(*columns, name="given").data(values)
    # Rows of which the first has no place would else be taken for text.
    return sa.select(*(sa.cast(column, column.type).label(column.name) for column in given.c)).subquery(
        "source"
    )


def _located(source: Any) -> Located:
    return Located(source.c.latitude, source.c.longitude)


@pytest.mark.parametrize(
    ("one", "other", "meters"),
    [
        (GUANGZHOU, GUANGZHOU, 0),
        (Point(22.0, 113.0), Point(23.0, 113.0), 111_195),
        (Point(0.0, 20.0), Point(0.0, 110.0), 10_007_557),
        (Point(60.0, 0.0), Point(60.0, 180.0), 6_671_705),
        (NORTH_POLE, Point(-90.0, 77.0), HALF_ROUND),
        (Point(0.0, 179.9995), Point(0.0, -179.9995), 111),
    ],
)
def test_known_distances(one: Point, other: Point, meters: int) -> None:
    assert meters_between(one, other) == pytest.approx(meters, abs=1)
    assert meters_between(other, one) == meters_between(one, other)


@pytest.mark.parametrize(
    ("point", "fields"),
    [
        (None, []),
        (Point(90.0, -180.0), []),
        (Point(90.000001, 0.0), ["latitude"]),
        (Point(0.0, -180.1), ["longitude"]),
        (Point(math.inf, math.nan), ["latitude", "longitude"]),
    ],
)
def test_only_places_on_the_globe(point: Point | None, fields: list[str]) -> None:
    found = list(point_faults(point))
    assert [fault.field for fault in found] == [(field,) for field in fields]
    assert all(fault.code is ErrorCode.INVALID_INPUT and fault.message(Language.ZH) for fault in found)


@settings(max_examples=150)
@given(near=points, rows=st.lists(points, min_size=1, max_size=12))
@example(near=Point(5e-324, 2e-277), rows=[Point(0.0, 0.0), Point(-5e-324, 1e-300), Point(90.0, 0.0)])
@example(near=GUANGZHOU, rows=[GUANGZHOU, Point(23.1291001, 113.2644), Point(-23.1291, -66.7356)])
async def test_the_distance_of_the_database(house: House, near: Point, rows: list[Point]) -> None:
    source = _source(rows)
    async with house.looking() as db:
        found = await db.scalars(sa.select(_located(source).meters(near)).order_by(source.c.id))
    for row, meters in zip(rows, found, strict=True):
        assert meters == pytest.approx(_reference(near, row), abs=1), row
        assert meters == pytest.approx(meters_between(near, row), abs=1), row


@settings(max_examples=300)
@given(case=neighbours())
@example(case=(Point(60.0, 0.0), 3_000_000, [Point(76.4, 64.0), Point(76.4, -64.0), Point(76.4, 70.0)]))
@example(case=(Point(89.99, 10.0), 2_000, [Point(89.995, -170.0), Point(89.97, 10.0)]))
@example(case=(Point(-17.0, 180.0), 5_000, [Point(-17.0, -179.99), Point(-17.0, 179.99), Point(-17.0, 0.0)]))
@example(case=(Point(0.0, 0.0), HALF_ROUND, [Point(0.0, 180.0), Point(90.0, 0.0)]))
async def test_no_row_within_reach_is_lost(house: House, case: tuple[Point, int, list[Point]]) -> None:
    near, reach, rows = case
    source = _source(rows)
    located = _located(source)
    async with house.looking() as db:
        found = await db.scalars(sa.select(source.c.id).where(located.within(near, reach)))
        exact = await db.scalars(sa.select(source.c.id).where(located.meters(near) <= reach))
    assert set(found) == set(exact)


@settings(max_examples=60)
@given(
    near=points,
    places=st.lists(st.one_of(st.none(), points, st.just(GUANGZHOU)), min_size=1, max_size=12),
    limit=st.integers(1, 5),
    backward=st.booleans(),
)
@example(
    near=GUANGZHOU,
    places=[SHENZHEN, GUANGZHOU, None, NORTH_POLE],
    limit=1,
    backward=False,
)
async def test_pages_by_distance(
    house: House,
    near: Point,
    places: list[Point | None],
    limit: int,
    backward: bool,
) -> None:
    """Every row once, the nearest first, those of the same distance by id, those without a place last."""
    source = _source(places)
    order = _located(source).nearest_first(near, source.c.id, "test")
    seen: list[UUID] = []
    lines: list[float] = []
    position: tuple[Any, ...] | None = None
    async with house.looking() as db:
        while True:
            asked = (
                PageAsked(limit, before=position, backward=True)
                if backward
                else PageAsked(limit, after=position)
            )
            got = await page(db, sa.select(source.c.id), lambda key: key, order, asked)
            far = [position[0] for position in got.positions]
            seen, lines = ([*got.rows, *seen], far + lines) if backward else ([*seen, *got.rows], lines + far)
            if not (got.has_previous if backward else got.has_next):
                break
            position = got.positions[0 if backward else -1]
    assert sorted(seen) == [UUID(int=number) for number in range(len(places))]
    assert list(zip(lines, seen, strict=True)) == sorted(zip(lines, seen, strict=True))
    for key, line in zip(seen, lines, strict=True):
        place = places[key.int]
        assert (line > DIAMETER) is (place is None)
        if place is not None:
            assert line == pytest.approx(2 * math.sin(_reference(near, place) / RADIUS / 2), abs=1e-7)


def test_a_cursor_belongs_to_its_point() -> None:
    located = _located(_source([GUANGZHOU]))
    names = {
        located.nearest_first(near, sa.column("id", sa.Uuid), "test").name
        for near in (GUANGZHOU, SHENZHEN, Point(23.1291, 113.26440001))
    }
    assert len(names) == 3

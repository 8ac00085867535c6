"""`domain.core.paging.page` against a plain sorted list."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from support.house import House

from domain.core.keyset import Key, Order, PageAsked, date_value, integer_value
from domain.core.paging import page

Row = tuple[int, int, int]
VALUE = st.integers(-2, 2)
DIRECTIONS = st.tuples(st.booleans(), st.booleans(), st.booleans())
POSITION = st.one_of(st.none(), st.tuples(VALUE, VALUE, st.integers(0, 15)))


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """Rows with many ties in the first two keys; the last is unique."""
    return [(draw(VALUE), draw(VALUE), number) for number in range(draw(st.integers(1, 14)))]


def _order(values: Any, directions: tuple[bool, bool, bool]) -> Order:
    return Order(
        "test",
        tuple(
            Key(column, integer_value, descending=descending)
            for column, descending in zip(values.c, directions, strict=True)
        ),
    )


def _rank(row: Row, directions: tuple[bool, bool, bool]) -> Row:
    """Sorts as the directions say."""
    first, second, third = (
        -value if descending else value for value, descending in zip(row, directions, strict=True)
    )
    return first, second, third


def _source(table: list[Row]) -> Any:
    return sa.values(*(sa.column(name, sa.Integer) for name in "abc"), name="source").data(table)


@settings(max_examples=200, deadline=None)
@given(
    table=tables(),
    directions=DIRECTIONS,
    limit=st.integers(1, 6),
    after=POSITION,
    before=POSITION,
    backward=st.booleans(),
)
async def test_one_page(
    house: House,
    table: list[Row],
    directions: tuple[bool, bool, bool],
    limit: int,
    after: Row | None,
    before: Row | None,
    backward: bool,
) -> None:
    """Whatever the positions, also of rows that are there no more."""
    source = _source(table)
    order = _order(source, directions)
    async with house.looking() as db:
        got = await page(
            db,
            sa.select(*source.c),
            lambda *row: row,
            order,
            PageAsked(limit, after, before, backward=backward),
        )
    rank = lambda row: _rank(row, directions)  # noqa: E731 - a name for what follows
    window = sorted(
        (
            row
            for row in table
            if (after is None or rank(row) > rank(after)) and (before is None or rank(row) < rank(before))
        ),
        key=rank,
    )
    expected = window[-limit:] if backward else window[:limit]
    assert list(got.rows) == expected
    assert list(got.positions) == expected
    cut = len(window) > limit
    assert got.has_next is (before is not None if backward else cut)
    assert got.has_previous is (cut if backward else after is not None)


@settings(max_examples=60, deadline=None)
@given(table=tables(), directions=DIRECTIONS, limit=st.integers(1, 6), backward=st.booleans())
async def test_a_walk_shows_each_row_once(
    house: House, table: list[Row], directions: tuple[bool, bool, bool], limit: int, backward: bool
) -> None:
    source = _source(table)
    order = _order(source, directions)
    seen: list[Row] = []
    position: tuple[Any, ...] | None = None
    async with house.looking() as db:
        while True:
            asked = (
                PageAsked(limit, before=position, backward=True)
                if backward
                else PageAsked(limit, after=position)
            )
            got = await page(db, sa.select(*source.c), lambda *row: row, order, asked)
            seen = [*got.rows, *seen] if backward else [*seen, *got.rows]
            if not (got.has_previous if backward else got.has_next):
                break
            position = got.positions[0 if backward else -1]
    assert seen == sorted(table, key=lambda row: _rank(row, directions))


@pytest.mark.parametrize("backward", [False, True])
async def test_an_empty_list_has_no_pages(house: House, backward: bool) -> None:
    source = _source([(0, 0, 0)])
    async with house.looking() as db:
        got = await page(
            db,
            sa.select(*source.c).where(sa.false()),
            lambda *row: row,
            _order(source, (False, True, False)),
            PageAsked(3, backward=backward),
        )
    assert (got.rows, got.has_next, got.has_previous) == ((), False, False)


@pytest.mark.parametrize("backward", [False, True])
async def test_a_walk_over_the_last_day_of_the_calendar(house: House, backward: bool) -> None:
    """The driver writes that day as infinity; as a position it must stay what it is."""
    days = (date(2031, 1, 31), date.max)
    source = sa.select(
        sa.cast(sa.case((sa.column("n") < 4, "2031-01-31"), else_="9999-12-31"), sa.Date).label("day"),
        sa.column("n", sa.Integer).label("n"),
    ).select_from(sa.func.generate_series(1, 9).alias("n"))
    table = source.subquery()
    order = Order("days", (Key(table.c.day, date_value), Key(table.c.n, integer_value)))
    seen: list[tuple[date, int]] = []
    asked = PageAsked(2, backward=backward)
    async with house.looking() as db:
        for _ in range(5):
            got = await page(db, sa.select(*table.c), lambda *row: row, order, asked)
            seen = [*got.rows, *seen] if backward else [*seen, *got.rows]
            asked = (
                PageAsked(2, before=got.positions[0], backward=True)
                if backward
                else PageAsked(2, after=got.positions[-1])
            )
    assert not (got.has_previous if backward else got.has_next)
    assert seen == [(days[number >= 4], number) for number in range(1, 10)]

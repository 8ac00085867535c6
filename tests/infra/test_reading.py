"""Statements that are built once are composed once, and never answer with the values of another time."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from support.house import House

from domain.core.unnesting import any_of

NUMBERS = sa.select(sa.func.unnest(sa.literal([1, 2, 3, 4], sa.ARRAY(sa.Integer))).label("n")).subquery()
CHOSEN = sa.select(NUMBERS.c.n).where(NUMBERS.c.n == any_of("wanted", sa.Integer)).order_by(NUMBERS.c.n)


async def test_a_statement_that_is_kept_takes_the_values_of_each_time(house: House) -> None:
    async with house.runtime.database.read() as db:
        for wanted in ([1, 2], [3], [], [4, 1]):
            assert await db.scalars(CHOSEN, {"wanted": wanted}) == sorted(wanted)


async def test_a_value_that_is_not_given_is_not_that_of_another_time(house: House) -> None:
    async with house.runtime.database.read() as db:
        assert await db.scalars(CHOSEN, {"wanted": [2]}) == [2]
        with pytest.raises(InvalidRequestError):
            await db.scalars(CHOSEN)
        with pytest.raises(InvalidRequestError):
            await db.scalars(CHOSEN, {"other": [2]})


@pytest.mark.parametrize("among", [[1], [1, 2, 3], [4, 2]])
async def test_values_of_its_own_stay_with_each_statement(house: House, among: list[int]) -> None:
    statement = sa.select(NUMBERS.c.n).where(NUMBERS.c.n.in_(among)).order_by(NUMBERS.c.n).limit(len(among))
    async with house.runtime.database.read() as db:
        for _ in range(3):
            assert await db.scalars(statement) == sorted(among)


async def test_a_value_that_is_made_anew_is_made_each_time(house: House) -> None:
    made = iter(range(5))
    statement = sa.select(sa.bindparam("n", callable_=lambda: next(made), type_=sa.Integer))
    async with house.runtime.database.read() as db:
        assert [await db.scalar(statement) for _ in range(3)] == [0, 1, 2]


async def test_a_list_whose_length_is_that_of_this_time_is_composed_each_time(house: House) -> None:
    among = sa.bindparam("among", expanding=True, type_=sa.Integer)
    statement = sa.select(NUMBERS.c.n).where(NUMBERS.c.n.in_(among)).order_by(NUMBERS.c.n)
    async with house.runtime.database.read() as db:
        for wanted in ([1], [2, 3, 4], [3]):
            assert await db.scalars(statement, {"among": wanted}) == wanted


async def test_a_connection_that_was_cut_is_opened_anew(house: House) -> None:
    statement = sa.select(sa.func.pg_terminate_backend(sa.func.pg_backend_pid()))
    async with house.runtime.database.read() as db:
        with pytest.raises(DBAPIError):
            await db.scalar(statement)
        assert await db.scalars(CHOSEN, {"wanted": [1]}) == [1]

"""Plain reads: a statement is composed once, and each who runs it gets their own values."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from support.house import House

from infra.reading import PlainReads


@pytest.fixture
def reads(house: House) -> PlainReads:
    return PlainReads(house.database.engine)


async def said(reads: PlainReads, statement: sa.Select[tuple[str, int]], **given: object) -> tuple[str, int]:
    found = (await reads.execute(statement, given or None)).first()
    assert found is not None
    return found[0], found[1]


async def test_values_of_one_are_never_those_of_the_next(reads: PlainReads) -> None:
    name, number = sa.bindparam("name", "nobody", sa.String), sa.bindparam("number", 0, sa.Integer)
    statement = sa.select(name.label("name"), number.label("number"))
    for _ in range(2):
        assert await said(reads, statement) == ("nobody", 0)
        assert await said(reads, statement, name="a") == ("a", 0)
        assert await said(reads, statement, name="b", number=2) == ("b", 2)
        assert await said(reads, statement, number=3) == ("nobody", 3)


async def test_what_must_be_given_is_missed_also_after_somebody_gave_it(reads: PlainReads) -> None:
    statement = sa.select(sa.bindparam("name", type_=sa.String).label("name"), sa.literal(1).label("number"))
    assert await said(reads, statement, name="a") == ("a", 1)
    with pytest.raises(sa.exc.InvalidRequestError, match="name"):
        await said(reads, statement)


async def test_connections_come_back_whatever_becomes_of_a_statement(reads: PlainReads, house: House) -> None:
    # given statements that are refused, that are given up midway, and whose connection ends, more than there are connections
    pool: Any = house.database.engine.pool
    one = sa.select(sa.literal(1))

    async def given_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reads.execute(sa.select(sa.func.pg_sleep(5)))

    async def refused(statement: sa.Select[Any]) -> None:
        with pytest.raises(DBAPIError):
            await reads.execute(statement)

    many = range(pool.size() + 1)
    # when they are all run, each kind at one time
    await asyncio.gather(*(refused(sa.select(sa.literal(1) / sa.literal(0))) for _ in many))
    await asyncio.gather(*(given_up() for _ in many))
    await asyncio.gather(
        *(refused(sa.select(sa.func.pg_terminate_backend(sa.func.pg_backend_pid()))) for _ in many)
    )
    # then all connections are there for others, and nobody holds one
    found = await asyncio.gather(*(reads.execute(one) for _ in many for _ in range(3)))
    assert [rows.scalar() for rows in found] == [1] * len(found)
    assert pool.checkedout() == 0
    async with house.database.engine.connect() as connection:
        assert await connection.scalar(one) == 1

"""Plain reads: a statement is composed once, and each who runs it gets their own values."""

import pytest
import sqlalchemy as sa
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

"""Selects over keys have a form for one key, whose plan is kept, and one for several; both find the same."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import col
from support.house import House

from domain.core.divisions import DivisionRow
from domain.core.unnesting import ByKeys

BY_CODES = ByKeys(
    lambda codes: (
        sa.select(col(DivisionRow.id), col(DivisionRow.name))
        .where(col(DivisionRow.id) == codes, col(DivisionRow.name) != sa.bindparam("but", type_=sa.Text))
        .order_by(col(DivisionRow.id))
    ),
    sa.Text,
)
ONE, OTHER = "440100", "440300"


async def found(house: House, codes: Iterable[str], keys: ByKeys = BY_CODES, but: str = "") -> list[str]:
    async with house.database.read() as db:
        return [str(row[0]) for row in await db.rows(*keys.of(codes, but=but))]


async def test_none_one_and_several(house: House) -> None:
    assert await found(house, []) == []
    assert await found(house, [ONE]) == [ONE]
    assert await found(house, iter([OTHER, ONE])) == [ONE, OTHER]
    assert await found(house, ["nowhere"]) == []


async def test_with_other_parameters(house: House) -> None:
    assert await found(house, [ONE], but="广州市") == []
    assert await found(house, [ONE, OTHER], but="广州市") == [OTHER]


async def test_with_some_columns_alone(house: House) -> None:
    names = BY_CODES.only(col(DivisionRow.name))
    assert await found(house, [ONE], names) == ["广州市"]
    assert await found(house, [ONE, OTHER], names) == ["广州市", "深圳市"]


def test_each_form_is_the_same_statement_each_time() -> None:
    assert BY_CODES.of([ONE])[0] is BY_CODES.of([OTHER])[0]
    assert BY_CODES.of([ONE, OTHER])[0] is BY_CODES.of([])[0]

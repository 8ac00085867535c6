"""What strangers ask for is not kept for ever: neither statements, nor filters, nor what is known of them."""

import gc

import pytest
from sqlalchemy.sql.compiler import SQLCompiler
from support.house import House
from support.raw import body, sent

FIELDS = [
    "internships",
    "hostels",
    "rentals",
    "matchmakingEvents",
    "organizations",
    "jobFairs",
    "mentors",
    "perks",
]
CODES = [f"44{city:02}{county:02}" for city in range(1, 21) for county in range(1, 16)]


def compilers() -> int:
    """Composed statements that are alive."""
    gc.collect()
    return sum(isinstance(one, SQLCompiler) for one in gc.get_objects())


async def found(house: House, field: str, codes: list[str], first: int = 1) -> None:
    asked = f"query ($c: [String!]) {{ {field}(first: {first}, filter: {{divisionCodes: $c}}) {{ nodes {{ id }} }} }}"
    answer = await sent(house, body(asked, variables={"c": codes}))
    assert answer.json()["data"][field]["nodes"] == [], answer.text


@pytest.mark.parametrize("field", FIELDS)
async def test_a_filter_of_many_divisions_is_the_same_statement_however_many(
    house: House, field: str
) -> None:
    await found(house, field, CODES)
    await found(house, field, [*CODES, "999999", "", "4401%", "x" * 500])
    before = compilers()
    for number in range(30, 60):
        await found(house, field, CODES[number:])
    assert compilers() - before <= 3


async def test_statements_that_nobody_asks_for_any_more_are_let_go(house: House) -> None:
    engine = house.database.engine.sync_engine
    before = compilers()
    for first in range(1, 100):
        for upcoming in ("true", "false"):
            asked = f"{{ jobFairs(first: {first}, filter: {{upcoming: {upcoming}}}) {{ nodes {{ id }} }} }}"
            assert (await sent(house, body(asked))).json()["data"]["jobFairs"]["nodes"] == []
    assert compilers() - before > 100  # SQLAlchemy keeps the last few hundred
    engine.clear_compiled_cache()
    assert compilers() <= before

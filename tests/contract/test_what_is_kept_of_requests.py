"""What strangers ask for is not kept for ever: neither statements, nor filters, nor what is known of them."""

import gc
from itertools import combinations

import pytest
from sqlalchemy.sql.compiler import SQLCompiler
from support.house import House, open_house, settings_for
from support.listings import a_listing, posted
from support.raw import body, sent

from graph.core import documents
from infra.embedded.services import Services

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
    engine.clear_compiled_cache()
    before = compilers()
    for first in range(1, 100):
        for upcoming in ("true", "false"):
            asked = f"{{ jobFairs(first: {first}, filter: {{upcoming: {upcoming}}}) {{ nodes {{ id }} }} }}"
            assert (await sent(house, body(asked))).json()["data"]["jobFairs"]["nodes"] == []
    assert compilers() - before > 100  # SQLAlchemy keeps the last few hundred
    engine.clear_compiled_cache()
    assert compilers() <= before


async def test_what_is_kept_for_a_document_goes_with_it(
    database_url: str, servers: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each document looks ahead at columns of its own."""
    monkeypatch.setattr(documents, "KEPT_MOST", 5)
    names = ["title", "majors", "skills", "headcount", "kind", "track", "status", "applyBy"]
    async with open_house(settings_for(database_url, servers.redis_url, cache_seconds=0.8)) as house:
        listing = await posted(await house.partner(), a_listing())

        async def ask(*fields: str) -> None:
            asked = f"query ($id: ID!) {{ node(id: $id) {{ ... on Internship {{ {' '.join(fields)} }} }} }}"
            assert (await sent(house, body(asked, variables={"id": listing}))).json()["data"]["node"]

        for pair in combinations(names, 2):
            await ask(*pair)
        house.database.engine.sync_engine.clear_compiled_cache()
        gc.collect()
        _, together = house.database._strangers
        assert 0 < len(together._kept) <= 10

"""What the benches lay out by hand must fit the tables as they are now; nobody would notice before the next measurement."""

from pathlib import Path

import asyncpg
from support.house import House

SCRIPT = Path(__file__).resolve().parents[2] / "bench" / "peers" / "world.sql"


async def test_the_listings_that_peers_are_asked_for(house: House, database_url: str) -> None:
    # given the script, with fewer listings
    text = SCRIPT.read_text(encoding="utf-8")
    assert "generate_series(1, 100000)" in text
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    try:
        # when it is run
        await connection.execute(text.replace("generate_series(1, 100000)", "generate_series(1, 30)"))
        [by_function] = await connection.fetchrow(
            "SELECT array_agg(title) FROM (SELECT * FROM bench.shown() LIMIT 3)"
        )
    finally:
        await connection.close()
    # then people see the newest of them, and so does the peer that reads by a function
    found = await house.anyone.run(
        "{ internships(first: 3) { nodes { title organization { name } division { name } } } }"
    )
    titles = [node["title"] for node in found["internships"]["nodes"]]
    assert titles == by_function == ["前端开发实习生30", "数据分析实习生29", "机械设计见习生28"]

"""
How good and how fast search is, in the database.

    DATABASE_URL=postgresql://… PYTHONPATH=. python bench/search.py [--rows 1000000] [--fresh]

Makes two databases on that server and keeps them for the next run (`--fresh` makes them anew): one with the real listings of
`$QINGYI_SHARED/data/jobs.jsonl` (default `../shared`), one with so many made out of their words (`bench/listings.py`). Prints nDCG@10 of each
query of dev_queries.jsonl (gain 2^grade - 1, the ideal from the judgements) and the means of both halves; then the median and the 99th
of a hundred latencies of a first and a fiftieth page, of facets and of counts, for words of all frequencies. One client, no GraphQL.
"""

import argparse
import asyncio
import math
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bench.listings import JOBS, QUERIES, SHARED, fill, read_lines
from domain.core.db import Read
from domain.core.keyset import PageAsked, count, page
from domain.internships.facets import facets
from domain.internships.finding import Found, ListingFilter, ListingOrder, find
from domain.internships.listing import Listing
from infra.database import make_engine
from infra.migrate import upgrade

RUNS, PAGE, FIFTIETH = 30, 20, 50
CITY = ("440100",)
TEXTS = {
    "most rows": "工作",
    "frequent": "数据",
    "middling": "音乐",
    "rare": "法务",
    "two frequent": "工作 数据",
    "frequent and rare": "数据 标注",
    "a place and a phrase": "深圳 产品经理",
    "Latin": "c++",
    "by sound": "qianduan",
    "hostile": "😀 ' OR 1=1 -- (a|b)*\u3000\u200b%_\\ " + "数据".join("工程师产品经理运营" * 6),
}


async def database(url: str, name: str, rows: int, *, fresh: bool) -> AsyncEngine:
    """An engine on a database with so many listings."""
    server = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))
    known = await server.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", name)
    if fresh and known:
        await server.execute(f"DROP DATABASE {name}")
    if fresh or not known:
        await server.execute(f"CREATE DATABASE {name}")
    await server.close()
    address = sa.make_url(url).set(drivername="postgresql+asyncpg", database=name)
    text = address.render_as_string(hide_password=False)
    await asyncio.to_thread(upgrade, text)
    engine = make_engine(text)
    async with engine.connect() as connection:
        if not await connection.scalar(sa.text("SELECT EXISTS (SELECT FROM internship_listing)")):
            begun = time.perf_counter()
            await fill(connection, read_lines(JOBS), rows)
            print(f"{name}: {rows:,} listings made in {time.perf_counter() - begun:.0f} s")
        sizes = (
            await connection.execute(
                sa.text(
                    "SELECT pg_size_pretty(pg_relation_size('internship_listing')),"
                    " pg_size_pretty(pg_table_size('internship_listing')),"
                    " pg_size_pretty(pg_relation_size('internship_listing_words'))"
                )
            )
        ).one()
    print(f"{name}: rows {sizes[0]}, with what lies outside them {sizes[1]}, index of words {sizes[2]}")
    return engine


def ndcg(ids: list[str], grades: Mapping[str, int], depth: int = 10) -> float:
    def gained(found: list[int]) -> float:
        return sum((2.0**grade - 1) / math.log2(place + 2) for place, grade in enumerate(found[:depth]))

    return gained([grades.get(each, 0) for each in ids]) / gained(sorted(grades.values(), reverse=True))


async def quality(db: Read) -> None:
    values = []
    for query in read_lines(QUERIES):
        found = await find(db, ListingFilter(text=query["query"]), None)
        rows = (await page(db, found.statement, Listing, found.order, PageAsked(PAGE))).rows
        values.append(ndcg([row.external_ref.split("-")[0] for row in rows], query["judgements"]))
        print(f"{query['qid']} nDCG@10 {values[-1]:.3f}  {query['query']}")
    mean, odd, even = (statistics.mean(part) for part in (values, values[::2], values[1::2]))
    print(f"mean nDCG@10 {mean:.3f}; odd queries {odd:.3f}, even queries {even:.3f}")


async def timed(act: Callable[[], Awaitable[Any]]) -> list[float]:
    await act()
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        await act()
        times.append((time.perf_counter() - begun) * 1_000)
    return sorted(times)


def told(what: str, times: list[float]) -> None:
    print(f"  {what:34} median {statistics.median(times):7.2f} ms  p99 {times[int(RUNS * 0.99)]:7.2f} ms")


async def _position(db: Read, found: Found) -> tuple[Any, ...] | None:
    """Where the fiftieth page begins; None in a shorter list."""
    after = None
    for _ in range(-(-(FIFTIETH - 1) * PAGE // 100)):
        part = await page(db, found.statement, Listing, found.order, PageAsked(100, after=after))
        if not part.has_next:
            return None
        after = part.positions[-1]
    return after


async def speed(db: Read) -> None:
    for what, text in TEXTS.items():
        print(f"{what}: {text[:20]}")
        for codes in (None, CITY):
            asked = ListingFilter(text=text, division_codes=codes)
            place = "" if codes is None else ", a city"
            for order in (ListingOrder.RELEVANCE, ListingOrder.NEWEST):
                found = await find(db, asked, order)
                state = found.query.to_state() if found.query else None
                position = await _position(db, found)

                async def read(
                    after: tuple[Any, ...] | None,
                    asked: ListingFilter = asked,
                    order: ListingOrder = order,
                    state: object = state,
                ) -> None:
                    of_page = await find(db, asked, order, state if after else None)
                    await page(db, of_page.statement, Listing, of_page.order, PageAsked(PAGE, after=after))

                told(f"{order.value.lower()}{place}", await timed(lambda read=read: read(None)))
                if position is not None:
                    told(
                        f"{order.value.lower()}{place}, fiftieth page",
                        await timed(lambda read=read, position=position: read(position)),
                    )
        whole = await find(db, ListingFilter(text=text), None)
        told("facets", await timed(lambda whole=whole: facets(db, whole.statement, whole.reading)))
        told("count", await timed(lambda whole=whole: count(db, whole.statement, whole.order)))


async def _on(engine: AsyncEngine, measure: Callable[[Read], Awaitable[None]]) -> None:
    async with engine.connect() as plain:
        connection: AsyncConnection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await measure(Read(connection, datetime.now(UTC)))
    await engine.dispose()


def missing() -> bool:
    return not (JOBS.exists() and QUERIES.exists())


async def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--fresh", action="store_true")
    given, _ = arguments.parse_known_args()
    if await asyncio.to_thread(missing):
        print(f"no listings in {SHARED} (set QINGYI_SHARED): nothing measured")
        return
    url, real = os.environ["DATABASE_URL"], len(read_lines(JOBS))
    await _on(await database(url, "bench_search_real", real, fresh=given.fresh), quality)
    await _on(await database(url, f"bench_search_{given.rows}", given.rows, fresh=given.fresh), speed)


if __name__ == "__main__":
    asyncio.run(main())

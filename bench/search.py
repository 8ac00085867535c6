"""
How good and how fast search is, in the database.

    DATABASE_URL=postgresql://… PYTHONPATH=. python bench/search.py [--rows 1000000] [--fresh] [--runs 30] [--only PART]

Makes two databases on that server and keeps them for the next run (`--fresh` makes them anew): one with the real listings of
`$QINGYI_SHARED/data/jobs.jsonl` (default `../shared`), one with so many made out of their words (`bench/listings.py`). Prints nDCG@10 of each
query of dev_queries.jsonl (gain 2^grade - 1, the ideal from the judgements) and the means of both halves; then the median and the 99th
of a hundred latencies of a first and a fiftieth page, of facets and of counts, for words of all frequencies, and how much of it was
waiting for the database in how many statements; the same of filters that let little pass; then how long texts of up to 200 characters of anything take, each once, and 500
upserts among so many. One client, no GraphQL.
"""

import argparse
import asyncio
import gc
import math
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from api.running.target import YOUNG
from bench.listings import FAIRS, JOBS, MAJOR, NOW, QUERIES, RARE, SHARED, content_of, fill, read_lines
from domain.accounts.models import EducationLevel
from domain.core.actors import PartnerActor, Scope
from domain.core.counting import count
from domain.core.db import Given, Read, Runs
from domain.core.keyset import PageAsked
from domain.core.paging import page
from domain.core.upserts import BATCH_MOST
from domain.internships import posting
from domain.internships.facets import facets
from domain.internships.filtering import ListingFilter
from domain.internships.finding import Found, ListingOrder, find
from domain.internships.listing import Listing
from domain.internships.models import JobFairRow, ListingRow
from domain.partners import organizations
from domain.partners.models import OrganizationKind
from infra.database import EngineDatabase, make_engine
from infra.demo.listings import organizations as organizations_of_demo
from infra.grants import GRANTS
from infra.migrate import upgrade
from infra.reading import PlainReads
from infra.warming import ask_once, read_in

RUNS, WRITES, PAGE, FIFTIETH = 30, 5, 20, 50
TEXTS_OF_EACH = 40
CITY = ("440100",)
FILTERED = ("工作", "数据", "法务")
TEXTS = {
    "most rows": "工作",
    "frequent": "数据",
    "middling": "音乐",
    "rare": "法务",
    "nearly as many as are counted": "获取",
    "two frequent": "工作 数据",
    "frequent and rare": "数据 标注",
    "a place and a phrase": "深圳 产品经理",
    "Latin": "c++",
    "by sound": "qianduan",
    "hostile": "😀 ' OR 1=1 -- (a|b)*\u3000\u200b%_\\ " + "数据".join("工程师产品经理运营" * 6),
}


async def database(url: str, name: str, rows: int | None, *, fresh: bool) -> AsyncEngine:
    """An engine on a database with so many listings, or the real ones."""
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
        await connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_prewarm"))
        await connection.commit()
        if not await connection.scalar(sa.text("SELECT EXISTS (SELECT FROM internship_listing)")):
            begun = time.perf_counter()
            await fill(connection, read_lines(JOBS), rows)
            print(f"{name}: listings made in {time.perf_counter() - begun:.0f} s")
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


class Watched:
    """What runs statements, with how many there were and how long they took."""

    def __init__(self, inner: Runs) -> None:
        self.inner, self.engine = inner, inner.engine
        self.statements, self.seconds = 0, 0.0

    async def execute(self, statement: Executable, given: Given = None, /) -> Any:
        begun = time.perf_counter()
        try:
            return await self.inner.execute(statement, given)
        finally:
            self.statements += 1
            self.seconds += time.perf_counter() - begun


async def told(db: Read, what: str, act: Callable[[], Awaitable[Any]], runs: int) -> None:
    watched = db.connection
    assert isinstance(watched, Watched)
    await act()
    watched.statements = 0
    whole, waited = [], []
    for _ in range(runs):
        watched.seconds, begun = 0.0, time.perf_counter()
        await act()
        whole.append((time.perf_counter() - begun) * 1_000)
        waited.append(watched.seconds * 1_000)
    shown = "  ".join(
        f"{name} {statistics.median(times):6.2f} ({sorted(times)[int(runs * 0.99)]:6.2f}) ms"
        for name, times in (("median (p99)", whole), ("in the database", waited))
    )
    print(f"  {what:34} {shown}  {watched.statements / runs:.0f} statements")


async def _position(db: Read, found: Found) -> tuple[Any, ...] | None:
    """Where the fiftieth page begins; None in a shorter list."""
    after = None
    for _ in range(-(-(FIFTIETH - 1) * PAGE // 100)):
        part = await page(db, found.statement, Listing, found.order, PageAsked(100, after=after))
        if not part.has_next:
            return None
        after = part.positions[-1]
    return after


def anything(chance: Random) -> list[str]:
    """Texts of up to 200 characters: titles in a row, pieces of descriptions, characters of any kind."""
    lines = read_lines(JOBS)
    signs = [
        chr(one) for block in ((0x20, 0x7F), (0x4E00, 0x9FA5), (0x1F600, 0x1F640)) for one in range(*block)
    ]
    texts = []
    for _ in range(TEXTS_OF_EACH):
        texts += [
            " ".join(chance.choice(lines)["title"] for _ in range(10)),
            (chance.choice(lines).get("description") or chance.choice(lines)["title"])[:200],
            "".join(chance.choices(signs, k=200)),
        ]
    return [text[:200] for text in texts]


async def speed_of_anything(db: Read) -> None:
    """Each text once, as nobody asks for such twice."""
    whole, waited = [], []
    watched = db.connection
    assert isinstance(watched, Watched)
    for text in anything(Random(11)):
        watched.seconds, begun = 0.0, time.perf_counter()
        found = await find(db, ListingFilter(text=text), None)
        await page(db, found.statement, Listing, found.order, PageAsked(PAGE))
        whole.append((time.perf_counter() - begun) * 1_000)
        waited.append(watched.seconds * 1_000)
    for name, times in (("whole", whole), ("in the database", waited)):
        worst = " ".join(f"{one:.1f}" for one in sorted(times)[-3:])
        print(
            f"{len(times)} texts of anything, {name}: median {statistics.median(times):.1f} ms, worst {worst}"
        )


async def speed(db: Read, runs: int) -> None:
    for what, text in TEXTS.items():
        print(f"{what}: {text[:20]}")
        for codes in (None, CITY):
            asked = ListingFilter(text=text, division_codes=codes)
            place = "" if codes is None else ", a city"
            for order in ListingOrder:
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

                name = f"{order.value.lower()}{place}"
                await told(db, name, lambda read=read: read(None), runs)
                if position is not None:
                    await told(
                        db,
                        f"{name}, fiftieth page",
                        lambda read=read, position=position: read(position),
                        runs,
                    )
            whole = await find(db, asked, None)
            await told(
                db,
                f"facets{place}",
                lambda whole=whole: facets(db, whole.statement, whole.reading),
                runs,
            )
            await told(db, f"count{place}", lambda whole=whole: count(db, whole.statement, whole.order), runs)


async def speed_of_filters(db: Read, runs: int) -> None:
    """Filters beside a frequent word, which let hardly anything pass."""
    owner = await db.scalar(sa.select(col(ListingRow.organization_id)).limit(1))
    fairs = {
        f"shown at a fair of {title}": ListingFilter(
            job_fair_id=await db.scalar(sa.select(col(JobFairRow.id)).where(col(JobFairRow.title) == title))
        )
        for title in FAIRS
    }
    for what, asked in {
        **fairs,
        **{
            f"asks for subject {number}": ListingFilter(major=f"{MAJOR}{number}") for number in (1, 9, 17, 99)
        },
        "of a rare kind of organization": ListingFilter(organization_kinds=(RARE,)),
        "of all kinds of organizations but it": ListingFilter(
            organization_kinds=tuple(kind for kind in OrganizationKind if kind is not RARE)
        ),
        "pays 30,000 yuan": ListingFilter(min_stipend_fen_per_month=3_000_000),
        "pays 200,000 yuan": ListingFilter(min_stipend_fen_per_month=20_000_000),
        "asks for no more than a vocational school": ListingFilter(education=EducationLevel.VOCATIONAL),
        "two days a week": ListingFilter(max_days_per_week=2),
        "four weeks": ListingFilter(max_duration_weeks=4),
        "of one organization": ListingFilter(organization_id=owner),
        "since an hour ago": ListingFilter(published_since=NOW - timedelta(hours=1)),
        "a place, a sum and an education": ListingFilter(
            division_codes=CITY, min_stipend_fen_per_month=800_000, education=EducationLevel.COLLEGE
        ),
    }.items():
        print(what)
        for text in FILTERED:
            sought = replace(asked, text=text)
            for order in ListingOrder:
                await told(
                    db, f"{text}, {order.value.lower()}", partial(_first_page, db, sought, order), runs
                )
            whole = await find(db, sought, None)
            await told(db, f"{text}, facets", partial(facets, db, whole.statement, whole.reading), runs)


async def _first_page(db: Read, asked: ListingFilter, order: ListingOrder) -> None:
    found = await find(db, asked, order)
    await page(db, found.statement, Listing, found.order, PageAsked(PAGE))


async def writes(database: EngineDatabase, runs: int) -> None:
    """Five hundred listings of one partner, created, changed, and said again; afterwards they are deleted."""
    chance = Random(500)
    [fields] = organizations_of_demo(1, chance)
    async with database.write(GRANTS) as tx:
        owner = await organizations.create(tx, replace(fields, employee_count=None))
        await organizations.verify(tx, owner, verified=True, note=None)
        today = tx.today
    jobs = [content_of(job, today) for job in chance.sample(read_lines(JOBS), 2 * BATCH_MOST)]
    contents = [replace(job, external_ref=str(at)) for at, job in enumerate(filter(None, jobs))][:BATCH_MOST]
    actor = PartnerActor(owner, owner, frozenset({Scope.INTERNSHIPS_WRITE}))
    try:
        times: dict[str, list[float]] = {"created": [], "changed": [], "unchanged": []}
        for run in range(runs):
            new = [replace(each, external_ref=f"{run}-{each.external_ref}") for each in contents]
            changed = [replace(each, title=f"{each.title} {run}"[:80]) for each in new]
            for what, given in (("created", new), ("changed", changed), ("unchanged", changed)):
                begun = time.perf_counter()
                async with database.write(actor) as tx:
                    results = await posting.upsert(tx, given)
                times[what].append((time.perf_counter() - begun) * 1_000)
                assert all(result.record_id for result in results), results
        for what, each in times.items():
            print(
                f"  500 upserts, {what:22} median {statistics.median(each):7.0f} ms  worst {max(each):7.0f} ms"
            )
    finally:
        async with database.engine.begin() as connection:
            for table, column in (("internship_listing", "organization_id"), ("partners_organization", "id")):
                await connection.execute(
                    sa.text(f"DELETE FROM {table} WHERE {column} = :owner"), {"owner": owner}
                )


async def _watched(engine: AsyncEngine) -> Read:
    """As the server reads, once it has warmed."""
    await read_in(EngineDatabase(engine, lambda: NOW))
    await ask_once(EngineDatabase(engine, lambda: NOW))
    return Read(Watched(PlainReads(engine)), NOW)


def missing() -> bool:
    return not (JOBS.exists() and QUERIES.exists())


async def main() -> None:
    # As the server does: else Python's collector goes through all modules again and again, for 100 ms each time.
    gc.freeze()
    gc.set_threshold(YOUNG)
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--fresh", action="store_true")
    arguments.add_argument("--runs", type=int, default=int(os.environ.get("BENCH_RUNS", RUNS)))
    arguments.add_argument("--only", choices=("quality", "speed", "filters", "anything", "writes"))
    given, _ = arguments.parse_known_args()
    if await asyncio.to_thread(missing):
        print(f"no listings in {SHARED} (set QINGYI_SHARED): nothing measured")
        return
    url = os.environ["DATABASE_URL"]
    if given.only in {None, "quality"}:
        engine = await database(url, "bench_search_real", None, fresh=given.fresh)
        await quality(await _watched(engine))
        await engine.dispose()
    if given.only != "quality":
        engine = await database(url, f"bench_search_{given.rows}", given.rows, fresh=given.fresh)
        if given.only in {None, "speed"}:
            await speed(await _watched(engine), given.runs)
        if given.only in {None, "filters"}:
            await speed_of_filters(await _watched(engine), given.runs)
        if given.only in {None, "anything"}:
            await speed_of_anything(await _watched(engine))
        if given.only in {None, "writes"}:
            await writes(EngineDatabase(engine, lambda: NOW), WRITES)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())

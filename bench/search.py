"""
How good and how fast search is, on the listings of the jury.

    DATABASE_URL=postgresql://… python bench/search.py [--benefits-in-description]

Loads `$QINGYI_SHARED/data/jobs.jsonl` (default `../shared`) into a scratch table of its own, which it drops at the end, and prints
nDCG@10 of each query of dev_queries.jsonl (gain 2^grade - 1, the ideal from the judgements) and latencies.
"""

import asyncio
import csv
import json
import math
import os
import statistics
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from domain.core import search
from domain.core.db import Read
from domain.core.divisions import within

SHARED = Path(os.environ.get("QINGYI_SHARED", "../shared")).resolve()
BATCH = 500
RUNS = 20
KINDS = {"实习": "实习", "实习生": "实习", "兼职": "兼职", "全职": "全职"}

listing = sa.Table(
    "bench_search_listing",
    sa.MetaData(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("division_code", sa.Text, nullable=False),
    sa.Column("published_at", sa.Integer, nullable=False),
    sa.Column("search_terms", TSVECTOR, nullable=False),
    sa.Column("search_ranks", TSVECTOR, nullable=False),
    search.terms_index("bench_search_listing"),
)
LISTINGS = search.Searchable(listing.c.search_terms, listing.c.search_ranks)


def read_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def row_of(job: Mapping[str, Any], age: int, *, benefits_in_description: bool) -> dict[str, Any]:
    benefits, tags = job.get("benefits", []), job.get("tags", []) + job.get("category", [])
    description = job.get("description", "")
    if benefits_in_description:
        description += " " + " ".join(benefits)
    else:
        tags = tags + benefits
    return {
        "id": job["id"],
        "kind": job["job_type"],
        "division_code": job.get("district_code") or job.get("city_code") or "",
        "published_at": age,
        **search.document(
            title=job["title"], tags=tags, organization=job.get("company", ""), description=description
        ),
    }


async def load(
    connection: AsyncConnection, jobs: list[dict[str, Any]], *, benefits_in_description: bool
) -> None:
    await connection.run_sync(listing.drop, checkfirst=True)
    await connection.run_sync(listing.create)
    cut, written = [], []
    for start in range(0, len(jobs), BATCH):
        begun = time.perf_counter()
        rows = [
            row_of(job, start + i, benefits_in_description=benefits_in_description)
            for i, job in enumerate(jobs[start : start + BATCH])
        ]
        cut.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        await connection.execute(sa.insert(listing), rows)
        await connection.commit()
        written.append(time.perf_counter() - begun)
    print(
        f"{len(jobs)} listings; {BATCH} are cut in {statistics.median(cut) * 1000:.0f} ms (worst {max(cut) * 1000:.0f})"
        f" and written in {statistics.median(written) * 1000:.0f} ms (worst {max(written) * 1000:.0f})"
    )
    await connection.execute(sa.text("ANALYZE bench_search_listing"))
    table, index = (
        await connection.execute(
            sa.text(
                "SELECT pg_size_pretty(pg_table_size('bench_search_listing')),"
                " pg_size_pretty(pg_relation_size('ix_bench_search_listing_search_terms'))"
            )
        )
    ).one()
    print(f"table {table}, index {index}")


async def first_page(connection: AsyncConnection, text: str, places: Mapping[str, str]) -> list[str]:
    wanted = search.parse(text, places=places, kinds=KINDS)
    query = await LISTINGS.weigh(Read(connection, datetime.now(UTC)).first, wanted)
    prefer = []
    if wanted.preferred_divisions:
        prefer.append(within(listing.c.division_code, wanted.preferred_divisions))
    if wanted.preferred_kinds:
        prefer.append(listing.c.kind.in_(wanted.preferred_kinds))
    rank = LISTINGS.score(query, prefer)
    page = (
        sa.select(listing.c.id)
        .where(LISTINGS.matches(query, prefer))
        .order_by(rank.desc(), listing.c.published_at.desc(), listing.c.id.desc())
        .limit(20)
    )
    return list((await connection.execute(page)).scalars())


def ndcg(ids: list[str], grades: Mapping[str, int], depth: int = 10) -> float:
    def gained(found: list[int]) -> float:
        return sum((2.0**grade - 1) / math.log2(place + 2) for place, grade in enumerate(found[:depth]))

    return gained([grades.get(each, 0) for each in ids]) / gained(sorted(grades.values(), reverse=True))


async def main() -> None:
    jobs_path, queries_path = SHARED / "data/jobs.jsonl", SHARED / "data/dev_queries.jsonl"
    if not (jobs_path.exists() and queries_path.exists()):
        print(f"no listings in {SHARED} (set QINGYI_SHARED): nothing measured")
        return
    with (SHARED / "data/ref/guangdong_divisions.csv").open(encoding="utf-8") as lines:
        places = search.place_names((row["code"], row["name"]) for row in csv.DictReader(lines))
    url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await load(
            connection,
            read_lines(jobs_path),
            benefits_in_description="--benefits-in-description" in sys.argv,
        )
        values, worst = [], 0.0
        for query in read_lines(queries_path):
            times = []
            for _ in range(RUNS):
                begun = time.perf_counter()
                ids = await first_page(connection, query["query"], places)
                times.append((time.perf_counter() - begun) * 1000)
            values.append(ndcg(ids, query["judgements"]))
            worst = max(worst, *times[1:])
            print(
                f"{query['qid']} nDCG@10 {values[-1]:.3f}  median {statistics.median(times):5.1f} ms"
                f"  worst {max(times):5.1f} ms  {query['query']}"
            )
        print(
            f"mean nDCG@10 {statistics.mean(values):.3f}; worst latency {worst:.1f} ms, statistics and page together"
        )
        await connection.commit()
        await connection.run_sync(listing.drop)
        await connection.commit()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())

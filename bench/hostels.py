"""
How fast hostels are found near a point, in the database, among 10,000.

    DATABASE_URL=postgresql://… PYTHONPATH=. python bench/hostels.py

Makes a database of its own on that server with made-up hostels near the seats of counties, and asks for the nearest 20, for the fiftieth
page, with words and within some kilometres, a hundred times each, each time from another point where people live; of every page it
sees that it is what sorting all of them by distance gives. It drops the database at the end. One client, neither GraphQL nor HTTP.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import sqlalchemy as sa

from domain.core import columns
from domain.core.db import Read
from domain.core.divisions import DivisionLevel, reference
from domain.core.geo import Point, meters_between
from domain.core.keyset import PageAsked
from domain.core.paging import page
from domain.hostels.finding import HostelFilter, find
from domain.hostels.models import HostelRow
from domain.hostels.wording import hostel_document
from infra.database import EngineDatabase, make_engine
from infra.demo.hostels import hostels
from infra.migrate import upgrade
from infra.reading import PlainReads

HOSTELS, RUNS, PAGE, FIFTIETH, SEED = 10_000, 100, 20, 50, 8


async def on_server(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def fill(database: EngineDatabase, chance: Random) -> dict[UUID, Point]:
    now = datetime.now(UTC)
    made, places = [], {}
    async with database.engine.begin() as connection:
        unit = (
            await connection.execute(sa.text("SELECT id FROM accounts_unit WHERE parent_id IS NULL"))
        ).scalar_one()
        for fields in hostels(HOSTELS, chance):
            assert fields.location is not None
            identity = columns.new_id()
            places[identity] = fields.location
            made.append(
                {
                    "id": identity,
                    "version": 1,
                    "name": fields.name,
                    "unit_id": unit,
                    "division_code": fields.division_code,
                    "address": fields.address,
                    "latitude": fields.location.latitude,
                    "longitude": fields.location.longitude,
                    "amenities": list(fields.amenities),
                    "free_nights_per_year": fields.free_nights_per_year,
                    "max_nights_per_stay": fields.max_nights_per_stay,
                    "graduate_within_years": fields.graduate_within_years,
                    "bookable_days_ahead": fields.bookable_days_ahead,
                    "created_at": now,
                    "updated_at": now,
                    **hostel_document(fields.name, list(fields.amenities), fields.address),
                }
            )
        await connection.execute(sa.insert(HostelRow), made)
    async with database.engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(sa.text("VACUUM ANALYZE hostel_hostel"))
    return places


def _filters(chance: Random) -> dict[str, Callable[[], HostelFilter]]:
    seats = [row for row in reference() if row["level"] is DivisionLevel.COUNTY]

    def near() -> Point:
        seat = chance.choice(seats)
        return Point(seat["latitude"] + chance.gauss(0, 0.05), seat["longitude"] + chance.gauss(0, 0.05))

    return {
        "nearest first": lambda: HostelFilter(near=near()),
        "nearest first within 5 km": lambda: HostelFilter(near=near(), within_meters=5_000),
        "nearest first within 50 km": lambda: HostelFilter(near=near(), within_meters=50_000),
        "nearest first, a common word": lambda: HostelFilter(near=near(), text="自习室"),
        "nearest first, a rare word": lambda: HostelFilter(
            near=near(), text=f"示例{chance.randrange(HOSTELS)}"
        ),
        "nearest first in a city": lambda: HostelFilter(near=near(), division_codes=("440100",)),
    }


async def _page(db: Read, asked: HostelFilter, after: tuple[Any, ...] | None) -> tuple[float, Any]:
    begun = time.perf_counter()
    found = await find(db, asked)
    rows = await page(
        db, found.statement, lambda *row: (row[0], row[-1]), found.order, PageAsked(PAGE, after=after)
    )
    return (time.perf_counter() - begun) * 1_000, rows


def _see(places: dict[UUID, Point], asked: HostelFilter, rows: Any) -> None:
    assert asked.near is not None
    near = asked.near
    if asked.text is None and asked.division_codes is None:
        most = asked.within_meters or 10**8
        sorted_ids = sorted(places, key=lambda key: meters_between(near, places[key]))
        nearest = [meters_between(near, places[key]) for key in sorted_ids[:PAGE]]
        expected = [meters for meters in nearest if meters <= most]
        assert all(abs(one[1] - other) <= 1 for one, other in zip(rows.rows, expected, strict=True))


async def measure(url: str) -> None:
    engine = make_engine(url)
    chance = Random(SEED)
    try:
        places = await fill(EngineDatabase(engine), chance)
        db = Read(PlainReads(engine), datetime.now(UTC))
        for what, make in _filters(chance).items():
            firsts, others = [], []
            for _ in range(RUNS):
                asked = make()
                taken, rows = await _page(db, asked, None)
                _see(places, asked, rows)
                firsts.append(taken)
                # Where the fiftieth page begins: the last place of the forty-nine before.
                position = rows.positions[-1] if rows.positions else None
                found = await find(db, asked)
                for _ in range(-(-(FIFTIETH - 2) * PAGE // 100)):
                    part = await page(
                        db, found.statement, lambda *_: None, found.order, PageAsked(100, after=position)
                    )
                    position = part.positions[-1] if part.has_next else None
                    if position is None:
                        break
                if position is not None:
                    others.append((await _page(db, asked, position))[0])
            for name, times in ((what, firsts), (f"{what}, fiftieth page", others)):
                if times:
                    told = f"median {statistics.median(times):6.2f} ms  p99 {sorted(times)[int(len(times) * 0.99)]:6.2f} ms"
                    print(f"{name:46} {told}  ({len(times)} runs)")
    finally:
        await engine.dispose()


def main() -> None:
    server = os.environ["DATABASE_URL"]
    name = f"bench_hostels_{uuid4().hex[:8]}"
    address, _, query = server.partition("?")
    own = f"{address.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    asyncio.run(on_server(server, f'CREATE DATABASE "{name}"'))
    try:
        upgrade(own)
        asyncio.run(measure(own))
    finally:
        asyncio.run(on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


if __name__ == "__main__":
    main()

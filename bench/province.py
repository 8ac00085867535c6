"""
Do reads stay as fast with 7.4 million volunteers and 20 million entries as with few?

    DATABASE_URL=postgresql://… PYTHONPATH=. python bench/province.py [blocks]

Loads a village of 7,400 volunteers and, as `qingyi demo --scale province` does, the province (or so many blocks of 74 volunteers),
each into a database of its own, with 200 perks each. In both one county has a full page of hours that wait for a decision; in the
large place 10,000 more wait elsewhere, whatever its scale. Then it asks both in turn, as the domain's queries do, for
volunteers chosen by chance, and prints medians, 99th percentiles and the ratio of the medians: neither GraphQL nor HTTP, by one
client. After them stand the pages of the database that a read touches (8 KiB, on average), which no neighbour on the machine
changes. What is read is seldom in the database's memory. Drops both databases at the end.
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import Executable
from sqlmodel import col

from bench.crowd import RING, SEALER, own_database, plain
from domain.accounts.reviews import Review, ReviewKind, waiting
from domain.core.actors import PartnerActor, Scope, StaffActor, StaffRole
from domain.core.clock import day_of
from domain.core.db import Given, Read
from domain.core.keyset import PageAsked, newest_first
from domain.core.paging import page
from domain.volunteering import entries, reviews
from domain.volunteering.entries import Entry
from domain.volunteering.lapsing import spendable
from domain.volunteering.models import ServiceRecordRow
from domain.volunteering.perks import eligibility, finding
from domain.volunteering.perks.figures import figures
from domain.volunteering.perks.perk import NEWEST, Perk, perks
from domain.volunteering.records import RECORDS, ServiceRecord
from infra.database import EngineDatabase, make_engine
from infra.demo.bulk.loading import load_province
from infra.demo.bulk.shape import PROVINCE, Shape
from infra.demo.volunteering import load_perks
from infra.grants import grant_staff
from infra.reading import PlainReads, Rows

VILLAGE = Shape(organizations=40, blocks=100)
PERKS, ROUNDS, WARMING = 200, 500, 50
assert ReviewKind.SERVICE_RECORD in reviews.SOURCES


COUNTY = """
    SELECT u.id, u.division_code, u.parent_id FROM accounts_unit u JOIN partners_organization o ON o.unit_id = u.id
    WHERE u.level = 'COUNTY' GROUP BY u.id ORDER BY count(*) DESC, u.division_code LIMIT 1
"""
WAIT = """
    INSERT INTO volunteering_record (id, organization_id, external_ref, person_id, activity, started_at, ended_at, minutes, status,
        waits_for, recorded_at)
    SELECT uuidv7(), ids[1 + n % cardinality(ids)], format('waits-%s-%s', $1::text, n), uuidv7(), '测量',
        now() - interval '1 day' - n * interval '1 minute', now() - interval '15 hours' - n * interval '1 minute', 540, 'PENDING',
        'UNIT', now() - n * interval '1 minute'
    FROM generate_series(1, $2::int) n, (SELECT array_agg(id) AS ids FROM partners_organization WHERE (unit_id = $3) = ($1 = 'here'))
"""
HERE, ELSEWHERE = 40, 10_000
RECORDS_NEWEST = newest_first(col(ServiceRecordRow.recorded_at), col(ServiceRecordRow.id), "records")


@dataclass(slots=True)
class Place:
    """A loaded database, and those whose data are read."""

    database: EngineDatabase
    volunteers: Sequence[UUID]
    perk_ids: Sequence[UUID]
    organizations: Sequence[UUID]
    staff: Mapping[str, StaffActor]


async def account(db: Read, place: Place, chance: Random) -> None:
    await spendable(db, [chance.choice(place.volunteers)])


async def entries_page(db: Read, place: Place, chance: Random) -> None:
    statement, order = entries.of_volunteer(chance.choice(place.volunteers))
    await page(db, statement, Entry, order, PageAsked())


async def next_perk(db: Read, place: Place, chance: Random) -> None:
    key = chance.choice(place.volunteers)
    await finding.next_perk(db, key, (await spendable(db, [key]))[key])


async def within_reach(db: Read, place: Place, chance: Random) -> None:
    statement = await finding.find(
        db, finding.PerkFilter(eligible_only=True), chance.choice(place.volunteers)
    )
    await page(db, statement, Perk, NEWEST, PageAsked())


async def standings(db: Read, place: Place, chance: Random) -> None:
    key, wanted = chance.choice(place.volunteers), chance.sample(place.perk_ids, 20)
    known = await eligibility.standings(db, wanted, [key])
    for perk_id, perk in (await perks(db, wanted)).items():
        list(eligibility.faults(perk, known[perk_id, key], db.today))


async def records_page(db: Read, place: Place, chance: Random) -> None:
    """What an organization has sent, the latest first."""
    own = col(ServiceRecordRow.organization_id) == chance.choice(place.organizations)
    await page(db, RECORDS.select().where(own), ServiceRecord, RECORDS_NEWEST, PageAsked())


async def perk_figures(db: Read, place: Place, chance: Random) -> None:
    """What became of an organization's perks, as it reads it itself."""
    key = chance.choice(place.organizations)
    await figures(db, PartnerActor(key, key, frozenset({Scope.PERKS_VERIFY})), [key])


def waiting_for(level: str) -> "ReadOne":
    async def read(db: Read, place: Place, _: Random) -> None:
        statement, order = waiting(place.staff[level], [ReviewKind.SERVICE_RECORD])
        await page(db, statement, Review, order, PageAsked())

    return read


ReadOne = Callable[[Read, Place, Random], Awaitable[None]]
READS: dict[str, ReadOne] = {
    "balance and stars": account,
    "first page of entries": entries_page,
    "nearest perk": next_perk,
    "perks within reach": within_reach,
    "reasons of 20 perks": standings,
    "an organization's records": records_page,
    "an organization's perks": perk_figures,
    "decisions waiting, province": waiting_for("province"),
    "decisions waiting, city": waiting_for("city"),
    "decisions waiting, county": waiting_for("county"),
}


class Explained:
    """Runs statements, and adds up the pages that they touch."""

    def __init__(self, database: EngineDatabase, looking: asyncpg.Connection) -> None:
        self.engine, self.pages = database.engine, 0
        self._plain, self._looking = PlainReads(database.engine), looking

    async def execute(self, statement: Executable, given: Given = None, /) -> Rows:
        composed = self._plain.composed(statement, given)
        # As the driver's own: what SQLAlchemy's connections set up is not there.
        said = await self._looking.fetchval(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {composed.text}", *composed.values
        )
        plan = orjson.loads(said)[0]["Plan"]
        self.pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return await self._plain.run(composed)


def shown() -> Callable[[str, int, int], None]:
    """A line every twenty seconds."""
    said = 0.0

    def show(what: str, done: int, of: int) -> None:
        nonlocal said
        if time.monotonic() - said > 20:
            said = time.monotonic()
            print(f"  {what}: {done:,} of {of:,}", flush=True)

    return show


async def build(url: str, shape: Shape) -> Place:
    began = time.perf_counter()
    owners = await load_province(url, RING, shape, datetime.now(UTC), shown())
    took = time.perf_counter() - began
    connection = await asyncpg.connect(plain(url))
    size = await connection.fetchval("SELECT pg_database_size(current_database())")
    print(
        f"{shape.volunteers:,} volunteers, {shape.organizations:,} organizations, {shape.entries:,} entries in {took:.1f} s,"
        f" {size / 2**30:.2f} GiB, load average {os.getloadavg()}",
        flush=True,
    )
    database = EngineDatabase(make_engine(url))
    made = await load_perks(database, SEALER, PERKS, Random(3), owners, lambda *_: None)
    county, code, city = await connection.fetchrow(COUNTY)
    await connection.execute(WAIT, "here", HERE, county)
    if shape is not VILLAGE:
        await connection.execute(WAIT, "elsewhere", ELSEWHERE, county)
    city_code = await connection.fetchval("SELECT division_code FROM accounts_unit WHERE id = $1", city)
    staff = {}
    for level, unit in (("province", "440000"), ("city", city_code), ("county", code)):
        [member] = await grant_staff(database, SEALER, [StaffRole.PROGRAMME_MANAGER], unit, 1)
        staff[level] = StaffActor(member.id, member.unit_id, frozenset({StaffRole.PROGRAMME_MANAGER}))
    share = min(100.0, 100 * 20_000 / shape.volunteers)
    chosen = await connection.fetch(
        f"SELECT id FROM accounts_youth TABLESAMPLE SYSTEM ({share}) REPEATABLE (1)"
    )
    for table in ("volunteering_perk", "volunteering_record"):
        await connection.execute(f"VACUUM ANALYZE {table}")
    await connection.close()
    return Place(database, [row[0] for row in chosen], made, owners, staff)


async def pages_read(places: Sequence[Place]) -> dict[str, list[float]]:
    """By read, on average of fifty."""
    found: dict[str, list[float]] = {name: [] for name in READS}
    for place in places:
        looking = await asyncpg.connect(
            plain(place.database.engine.url.render_as_string(hide_password=False))
        )
        for name, read in READS.items():
            chance, explained = Random(9), Explained(place.database, looking)
            for _ in range(50):
                await read(Read(explained, datetime.now(UTC)), place, chance)
            found[name].append(explained.pages / 50)
        await looking.close()
    return found


async def compare(places: Sequence[Place]) -> None:
    took: dict[str, list[list[float]]] = {name: [[] for _ in places] for name in READS}
    chance = Random(5)
    for number in range(ROUNDS + WARMING):
        for name, read in READS.items():
            for place, times in zip(places, took[name], strict=True):
                async with place.database.read() as db:
                    began = time.perf_counter()
                    await read(db, place, chance)
                    if number >= WARMING:
                        times.append((time.perf_counter() - began) * 1000)
    pages = await pages_read(places)
    for name, each in took.items():
        medians = [statistics.median(times) for times in each]
        tails = [sorted(times)[int(len(times) * 0.99) - 1] for times in each]
        seen = ", ".join(
            f"{middle:6.2f} ms (p99 {tail:6.2f})" for middle, tail in zip(medians, tails, strict=True)
        )
        touched = " and ".join(f"{one:,.0f}" for one in pages[name])
        print(f"{name:28} {seen}  ratio {medians[-1] / medians[0]:.2f}  pages {touched}")


async def main() -> None:
    blocks = int(sys.argv[1]) if len(sys.argv) > 1 else PROVINCE.blocks
    large = Shape(-(-PROVINCE.organizations * blocks // PROVINCE.blocks), blocks)
    print(f"{day_of(datetime.now(UTC))}  load average {os.getloadavg()}")
    async with AsyncExitStack() as stack:
        places = [
            await build(await stack.enter_async_context(own_database()), shape) for shape in (VILLAGE, large)
        ]
        await compare(places)
        for place in places:
            await place.database.engine.dispose()
    print(f"load average {os.getloadavg()}")


if __name__ == "__main__":
    asyncio.run(main())

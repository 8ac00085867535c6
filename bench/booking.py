"""
How many stays are booked a second, through GraphQL with everything on, against the bare SQL of the same transaction.

    DATABASE_URL=postgresql://… REDIS_URL=redis://… PYTHONPATH=. python bench/booking.py

Makes a database of its own on that server, with a hot hostel of 60 beds and a hundred cool ones of 6, and 600 guests. In
turn, five times: two server processes (`qingyi serve --workers 2`) take bookings of one night from so many connections at
once; pgbench runs `booking.sql` at 4, 8, 16 and 32 connections, of which the best counts. So short that the hot hostel, of
4,800 bed-nights that can be booked, is not sold out meanwhile; of both sides what counts is the bed-nights sold. Prints
them a second, and median and 99th percentile of the time that a booking took. Client, servers and Postgres share the machine. Then it measures
a month's availability and the nearest hostels with a bed, at 500 hostels of 60 beds. It drops the database at the end.
"""

import asyncio
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson

from domain.accounts.models import Gender
from domain.core.actors import StaffActor, StaffRole
from domain.core.clock import day_of
from domain.core.geo import Point
from domain.core.keyset import PageAsked
from domain.core.paging import page
from domain.hostels import saving
from domain.hostels.availability import availability
from domain.hostels.finding import HostelFilter, find
from domain.hostels.hostel import Hostel, rooms_of
from domain.hostels.saving import HostelFields, RoomFields
from graph.core.ids import Tag, encode
from infra.database import EngineDatabase, make_engine
from infra.grants import YouthWish, grant_staff, grant_youths
from infra.keys import key_ring
from infra.migrate import upgrade
from infra.sealing import RingSealer
from infra.settings import Settings
from infra.tokens import AccessTokens, Bearer

KEYS = "bench:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
CONFIG = Settings(keys=KEYS)
RING = key_ring(CONFIG)
SEALER = RingSealer(RING)
GUESTS, COOL, ROUNDS, SECONDS = 600, 100, 5, 3
CONNECTIONS = (16, 64, 256)
SQL = Path(__file__).parent / "booking.sql"
DOCUMENT = (
    "mutation ($input: BookHostelStayInput!) { bookHostelStay(input: $input)"
    " { booking { id status } userErrors { code } } }"
)
HALF_FULL = """
    UPDATE hostel_bed_night SET closed = true WHERE guest_id IS NULL
    AND hashtext(room_id::text || bed || ((night - current_date) / 4)) % 2 = 0
"""
EMPTY = """
    UPDATE hostel_bed_night SET booking_id = NULL, guest_id = NULL, guest_gender = NULL WHERE guest_id IS NOT NULL;
    DELETE FROM hostel_booking;
    TRUNCATE hostel_allowance, core_idempotency_key, core_state_event, core_outbox_event;
    VACUUM ANALYZE hostel_bed_night; VACUUM ANALYZE hostel_booking;
"""


def plain(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://")


async def sold(url: str) -> int:
    """Bed-nights with a guest."""
    connection = await asyncpg.connect(plain(url))
    try:
        return int(
            await connection.fetchval("SELECT count(*) FROM hostel_bed_night WHERE guest_id IS NOT NULL")
        )
    finally:
        await connection.close()


async def run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(plain(url))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def fields(name: str, beds: int, place: Point) -> HostelFields:
    return HostelFields(
        name=name,
        unit_id=None,
        division_code="440106",
        address="天河路",
        location=place,
        phone=None,
        amenities=(),
        free_nights_per_year=366,
        max_nights_per_stay=7,
        graduate_within_years=2,
        bookable_days_ahead=90,
        rooms=tuple(RoomFields(None, f"{room}", None, 6) for room in range(1, beds // 6 + 1)),
    )


@dataclass(slots=True)
class Town:
    hot: UUID
    cool: list[UUID]
    tokens: list[str]


async def build(database: EngineDatabase) -> Town:
    tokens, now = AccessTokens(RING, CONFIG.issuer), datetime.now(UTC)
    [staff] = await grant_staff(database, SEALER, [StaffRole.HOSTEL_OPERATOR], "440000", 1)
    actor, chance, made = (
        StaffActor(staff.id, staff.unit_id, frozenset({StaffRole.HOSTEL_OPERATOR})),
        Random(7),
        [],
    )
    for number in range(COOL + 1):
        place = Point(chance.uniform(20.5, 25), chance.uniform(110, 117))
        async with database.write(actor) as tx:
            made.append(
                await saving.save(
                    tx, None, fields(f"驿站{number}", 6 if number else 60, place), frozenset(), None
                )
            )
    wish = YouthWish(verified=True, gender=Gender.MALE, graduation_year=day_of(now).year)
    people = await grant_youths(database, SEALER, wish, GUESTS)
    async with database.engine.begin() as connection:
        for statement in (
            "CREATE TABLE bench_guest (number int PRIMARY KEY, id uuid)",
            "CREATE TABLE bench_hostel (number int PRIMARY KEY, id uuid)",
        ):
            await connection.exec_driver_sql(statement)
        for table, ids in (("bench_guest", [key for key, _ in people]), ("bench_hostel", made)):
            values = ", ".join(f"({number}, '{key}')" for number, key in enumerate(ids, 1))
            await connection.exec_driver_sql(f"INSERT INTO {table} VALUES {values}")
    life = timedelta(hours=4)
    return Town(made[0], made[1:], [tokens.issue(Bearer.YOUTH, key, now, life) for key, _ in people])


# ── through GraphQL ──────────────────────────────────────────────────────────
@contextmanager
def servers(url: str, redis_url: str) -> Iterator[int]:
    """Two processes that serve, and their port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    environment = os.environ | {
        "DATABASE_URL": plain(url),
        "REDIS_URL": redis_url,
        "QINGYI_KEYS": KEYS,
        "QINGYI_LIMIT_ADDRESS_BURST": "10000000",
        "QINGYI_LIMIT_ADDRESS_RATE": "10000000",
        "QINGYI_LOG_LEVEL": "WARNING",
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "api.cli", "serve", "--workers", "2"]
    with subprocess.Popen(command, env=environment) as running:
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                try:
                    if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield port
        finally:
            running.terminate()


async def ask(port: int, town: Town, hostels: list[UUID], connections: int) -> tuple[float, list[float]]:
    """Bookings a second, and the milliseconds that each took; refusals are not counted."""
    took: list[float] = []
    today, until, keys = day_of(datetime.now(UTC)), time.perf_counter() + SECONDS, count()

    async def guest(number: int) -> None:
        chance = Random(f"{number}-{until}")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            given = {
                "hostelId": encode(Tag.Hostel, chance.choice(hostels)),
                "checkIn": str(today + timedelta(days=chance.randint(1, 80))),
                "nights": 1,
                "idempotencyKey": f"{until}-{next(keys)}",
            }
            body = orjson.dumps({"query": DOCUMENT, "variables": {"input": given}})
            head = (
                f"POST /graphql HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
                f"authorization: Bearer {chance.choice(town.tokens)}\r\ncontent-length: {len(body)}\r\n\r\n"
            )
            began = time.perf_counter()
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)[1])  # type: ignore[index]  # each answer has a length
            found = await reader.readexactly(length)
            if b'"CONFIRMED"' in found:
                took.append((time.perf_counter() - began) * 1000)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(guest(number) for number in range(connections)))
    return len(took) / (time.perf_counter() - began), took


# ── bare SQL ─────────────────────────────────────────────────────────────────
def pgbench(url: str, hostels: int, connections: int) -> None:
    """Run the transactions."""
    address = urlsplit(plain(url))
    host = parse_qs(address.query).get("host", [address.hostname or ""])[0]
    environment = os.environ | {"PGPASSWORD": unquote(address.password or "")}
    program = shutil.which("pgbench")
    if program is None:
        raise SystemExit("pgbench is not installed")
    command = [program, "-n", "-M", "prepared", "-f", str(SQL), "-c", str(connections), "-j", "2"]
    command += ["-T", str(SECONDS), "-D", f"hostels={hostels}", "-D", f"guests={GUESTS}"]
    command += ["-h", host, "-p", str(address.port or 5432), "-U", address.username or "", address.path[1:]]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if "tps = " not in said.stdout:
        raise SystemExit(said.stderr)


async def compare(url: str, redis_url: str, town: Town) -> None:
    results: dict[str, list[float]] = {}
    times: dict[str, list[float]] = {}
    with servers(url, redis_url) as port:
        for hostels in ([town.hot], town.cool):
            await ask(port, town, hostels, CONNECTIONS[-1])  # what is compiled at first is compiled by now
        for _ in range(ROUNDS):
            for name, hostels, first in (("hot", [town.hot], 1), ("cool", town.cool, COOL + 1)):
                for connections in CONNECTIONS:
                    await run(url, *EMPTY.split(";")[:-1])
                    rate, took = await ask(port, town, hostels, connections)
                    results.setdefault(f"{name} GraphQL {connections}", []).append(rate)
                    times.setdefault(f"{name} GraphQL {connections}", []).extend(took)
                for connections in (4, 8, 16, 32):
                    await run(url, *EMPTY.split(";")[:-1])
                    await asyncio.to_thread(pgbench, url, first, connections)
                    results.setdefault(f"{name} pgbench {connections}", []).append(await sold(url) / SECONDS)
    for name, rates in results.items():
        line = (
            f"{name:20} {statistics.median(rates):8.0f} a second (of {', '.join(f'{r:.0f}' for r in rates)})"
        )
        if took := sorted(times.get(name, ())):
            line += (
                f"  median {statistics.median(took):6.1f} ms  p99 {took[int(len(took) * 0.99) - 1]:7.1f} ms"
            )
        print(line)
    for name in ("hot", "cool"):
        ours, bare = (
            max(statistics.median(r) for key, r in results.items() if key.startswith(f"{name} {kind}"))
            for kind in ("GraphQL", "pgbench")
        )
        print(f"{name}: {ours / bare:.2f} of pgbench at its best")


# ── reads at the plan's size ─────────────────────────────────────────────────
async def fill(database: EngineDatabase) -> list[UUID]:
    """500 hostels of 60 beds, of which half of all bed-nights are then taken, in runs."""
    chance, ids = Random(11), []
    [staff] = await grant_staff(database, SEALER, [StaffRole.HOSTEL_OPERATOR], "440000", 1)
    actor = StaffActor(staff.id, staff.unit_id, frozenset({StaffRole.HOSTEL_OPERATOR}))
    for number in range(500):
        place = Point(chance.uniform(20.5, 25), chance.uniform(110, 117))
        async with database.write(actor) as tx:
            ids.append(await saving.save(tx, None, fields(f"大驿站{number}", 60, place), frozenset(), None))
    return ids


async def reads(database: EngineDatabase, ids: list[UUID]) -> None:
    chance, month, near = Random(13), [], []
    today = day_of(datetime.now(UTC))
    for _ in range(200):
        first = today + timedelta(days=chance.randint(0, 55))
        async with database.read() as db:
            began = time.perf_counter()
            rooms = await rooms_of(db, [chance.choice(ids)])
            await availability(db, rooms, first, first + timedelta(days=30), None)
            month.append((time.perf_counter() - began) * 1000)
        asked = HostelFilter(
            near=Point(chance.uniform(21, 24.5), chance.uniform(111, 116)),
            available_from=first,
            available_nights=chance.randint(1, 7),
            gender=chance.choice([*Gender, None]),
        )
        async with database.read() as db:
            began = time.perf_counter()
            found = await find(db, asked)
            await page(db, found.statement, lambda *row: Hostel(*row[:-1]), found.order, PageAsked())
            near.append((time.perf_counter() - began) * 1000)
    for name, took in (("a month of a hostel", month), ("20 nearest with a bed", near)):
        took.sort()
        print(
            f"{name:24} median {statistics.median(took):6.2f} ms  p99 {took[int(len(took) * 0.99) - 1]:6.2f} ms"
        )


async def main() -> None:
    base, redis_url = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    address, _, query = base.partition("?")
    name = f"bench_{uuid4().hex[:8]}"
    url = f"{address.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    url = "postgresql+asyncpg://" + plain(url).partition("://")[2]
    await run(base, f'CREATE DATABASE "{name}"')
    await asyncio.to_thread(upgrade, url)
    database = EngineDatabase(make_engine(url))
    print(f"{day_of(datetime.now(UTC))}  load average {os.getloadavg()}")
    try:
        await compare(url, redis_url, await build(database))
        ids = await fill(database)
        await run(url, HALF_FULL, "VACUUM ANALYZE hostel_bed_night", "VACUUM ANALYZE hostel_hostel")
        await reads(database, ids)
    finally:
        await database.engine.dispose()
        await run(base, f'DROP DATABASE "{name}" WITH (FORCE)')
    print(f"load average {os.getloadavg()}")


if __name__ == "__main__":
    asyncio.run(main())

"""
Loading the province: organizations, then parts of volunteers by some processes at once, then indexes and constraints.

Into an empty, migrated database only. What is loaded is a true ledger (`qingyi ledger verify` accepts it) of made-up people,
the same for the same seed and day but for the noise of the sealing. Histories of states, as the service records of a year ago
would have them, are left out.
"""

import asyncio
import multiprocessing
import os
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from uuid import UUID

import asyncpg

from domain.core.clock import day_of, start_of
from domain.core.text import terms_for_index
from domain.partners.models import VerificationStatus
from infra.demo.bulk.aside import NOTE, restore, set_aside
from infra.demo.bulk.binary import whole
from infra.demo.bulk.chains import Ledger
from infra.demo.bulk.people import People
from infra.demo.bulk.shape import CHAINS, Days, Shape, chance_of
from infra.demo.bulk.tables import COLUMNS, TABLES
from infra.demo.listings import organizations
from infra.demo.progress import Progress
from infra.keys import KeyRing
from infra.sealing import RingSealer

_WAITS_EVERY = 10
"""Of so many blocks one has a volunteer with a record that waits for a decision."""
_BLOCKS_AT_ONCE = 100
"""What a process holds in memory before it sends it: 20,000 entries, some 12 MB."""
_ORGANIZATIONS_AGO = timedelta(days=1_000)
_ORGANIZATION = (
    *("id", "version", "name", "name_terms", "kind", "division_code", "unit_id", "verification"),
    *("employee_count", "created_at"),
)
_TERRITORY = "SELECT division_code, id FROM accounts_unit WHERE level IN ('PROVINCE', 'CITY', 'COUNTY')"


class NotEmpty(Exception):
    """There are people, organizations or entries already, or a load that was broken off."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a process needs to make and send its parts."""

    url: str
    ring: KeyRing
    today: date
    organizations: tuple[bytes, ...]
    units: tuple[bytes, ...]
    """Of the organizations, in their order."""


async def _connect(url: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))
    await connection.execute("SET synchronous_commit = off")
    return connection


async def _send(source: Source, part: range) -> None:
    chance = chance_of("part", part.start)
    days, sealer = Days(source.today, chance), RingSealer(source.ring)
    connection = await _connect(source.url)
    try:
        for first in range(part.start, part.stop, _BLOCKS_AT_ONCE):
            people = People(sealer, chance, days, source.today)
            ledger = Ledger(chance, days, source.organizations, source.units)
            for block in range(first, min(first + _BLOCKS_AT_ONCE, part.stop)):
                lengths = chance.sample(CHAINS, len(CHAINS))
                for number, length in enumerate(lengths, block * len(CHAINS)):
                    key = people.add(number)
                    ledger.add(key, number, length)
                    if number % (len(CHAINS) * _WAITS_EVERY) == 0:
                        ledger.wait(key, number)
            made = (
                *(people.youths, people.blind, people.consents),
                *(ledger.accounts, ledger.entries, ledger.records),
            )
            for table, rows in zip(TABLES, made, strict=True):
                await connection.copy_to_table(
                    table, source=BytesIO(whole(rows)), columns=COLUMNS[table], format="binary"
                )
    finally:
        await connection.close()


def _part(source: Source, part: range) -> None:
    """In a process of its own."""
    asyncio.run(_send(source, part))


async def _organizations(connection: asyncpg.Connection, count: int, today: date) -> list[tuple[UUID, UUID]]:
    """Their ids, each with its unit's."""
    chance = chance_of("organizations")
    units = dict(await connection.fetch(_TERRITORY))
    founded: datetime = start_of(today) - _ORGANIZATIONS_AGO
    made_at = Days(today, chance)
    rows = []
    for fields in organizations(count, chance):
        key = UUID(bytes=made_at.id_at(made_at.ago(_ORGANIZATIONS_AGO.days)))
        row = (key, 1, fields.name, terms_for_index(fields.name), fields.kind.value, fields.division_code)
        owned = (units[fields.division_code], VerificationStatus.VERIFIED.value)
        rows.append((*row, *owned, fields.employee_count, founded))
    await connection.copy_records_to_table("partners_organization", records=rows, columns=_ORGANIZATION)
    return [(row[0], row[6]) for row in rows]


async def _require_empty(connection: asyncpg.Connection) -> None:
    if await connection.fetchval("SELECT to_regclass($1)", NOTE) is not None:
        raise NotEmpty(f"a load was broken off here ({NOTE} is there): make the database anew")
    for table in (*TABLES, "partners_organization"):
        if await connection.fetchval(f'SELECT EXISTS (SELECT 1 FROM "{table}")'):  # noqa: S608  # a constant
            raise NotEmpty(f"{table} is not empty: this scale is loaded into a new, migrated database")


async def load_province(
    url: str, ring: KeyRing, shape: Shape, now: datetime, progress: Progress
) -> list[UUID]:
    """Load it all; the organizations. NotEmpty says why it does not begin."""
    today = day_of(now)
    connection = await _connect(url)
    try:
        await _require_empty(connection)
        owners = await _organizations(connection, shape.organizations, today)
        aside = await set_aside(connection, TABLES)
    finally:
        await connection.close()
    keys, units = (tuple(each.bytes for each in column) for column in zip(*owners, strict=True))
    source = Source(url, ring, today, keys, units)
    processes = (os.cpu_count() or 1) + 1
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        await _volunteers(pool, source, shape, progress)
    await restore(
        lambda: _connect(url), TABLES, aside, lambda done, of: progress("indexes and constraints", done, of)
    )
    return [key for key, _ in owners]


async def _volunteers(pool: Executor, source: Source, shape: Shape, progress: Progress) -> None:
    loop, entered = asyncio.get_running_loop(), 0
    progress("entries", 0, shape.entries)
    parts = [loop.run_in_executor(pool, _part, source, part) for part in shape.parts]
    try:
        for part in asyncio.as_completed(parts):
            await part
            entered += 1
            progress("entries", min(entered * shape.entries // len(parts), shape.entries), shape.entries)
    except BaseException:
        for waiting in parts:
            waiting.cancel()
        raise

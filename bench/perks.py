"""
A hot perk: how long a stock of 500 takes when 20,000 volunteers want it at once, against plain SQL for the same work.

    DATABASE_URL=postgresql://… PYTHONPATH=. python bench/perks.py

Ours is the domain's own action: keys of idempotency, eligibility with every reason, stock, limit, points with what has lapsed,
an entry in each chain, sealed codes, history, outbox; requests wait in the lines of two gatherings, as in two server processes,
each with a pool of its own. The peer is asyncpg with the statements that the rules need and nothing else (no key, history or
outbox; a refusal says nothing): one read decides whether to try; who tries locks the account, seals a code, and writes stock,
redemption, entry and account in one statement, in a transaction of its own. It runs with 4, 8, 16 and 32 connections, of which the best
counts. Both commit durably. Three interleaved rounds, each with a new perk; afterwards everything is asked whether it is right,
`qingyi ledger verify` included. Makes a database of its own on that server and drops it at the end.
"""

import asyncio
import os
import statistics
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import asyncpg

from api.commands.ledger import verified
from bench.crowd import RING, SEALER, Timed, own_database, plain
from domain.core import columns
from domain.core.actors import StaffActor, StaffRole, YouthActor
from domain.core.clock import day_of, start_of
from domain.core.gathering import Gatherings
from domain.core.idempotency import Once
from domain.volunteering.chain import HASHED, hash_of
from domain.volunteering.perks import saving
from domain.volunteering.perks.codes import new_redemption
from domain.volunteering.perks.models import PerkCategory
from domain.volunteering.perks.redeeming import REDEEMING, asked
from domain.volunteering.perks.saving import PerkFields
from infra.database import EngineDatabase, make_engine
from infra.demo.bulk.loading import load_province
from infra.demo.bulk.shape import Shape
from infra.grants import grant_staff

CROWD, STOCK, COST, ROUNDS = 20_000, 500, 1, 3
CONNECTIONS = (4, 8, 16, 32)
VOLUNTEERS = Shape(organizations=10, blocks=-(-CROWD // 74))

# ── the peer ─────────────────────────────────────────────────────────────────
STANDING = """
    SELECT p.taken < p.stock AND p.min_stars <= COALESCE(a.stars, 0) AND p.points_cost <= COALESCE(a.points, 0)
        AND p.starts_on <= $3 AND (p.ends_on IS NULL OR p.ends_on >= $3)
        AND (cardinality(p.division_codes) = 0 OR y.division_code = ANY (p.division_codes))
        AND (y.birth_date IS NULL OR y.birth_date <= $3::date - interval '18 years' OR EXISTS (SELECT 1 FROM accounts_consent c
            WHERE c.youth_id = y.id AND c.purpose = 'GUARDIAN' AND c.withdrawn_at IS NULL))
        AND (SELECT count(*) FROM volunteering_redemption r WHERE r.perk_id = p.id AND r.volunteer_id = y.id
            AND r.status IN ('ISSUED', 'USED')) < p.per_person_limit
    FROM volunteering_perk p, accounts_youth y LEFT JOIN volunteering_account a ON a.volunteer_id = y.id
    WHERE p.id = $1 AND y.id = $2 AND y.erased_at IS NULL
"""
ACCOUNT = """
    SELECT service_minutes, consumed, points, stars, entries, head, lapses_at <= now() AS lapses FROM volunteering_account
    WHERE volunteer_id = $1 FOR NO KEY UPDATE
"""
TAKE = """
    WITH stock AS (
        UPDATE volunteering_perk SET taken = taken + 1 WHERE id = $1 AND taken < stock RETURNING id, per_person_limit
    ), redemption AS (
        INSERT INTO volunteering_redemption (id, perk_id, volunteer_id, turn, most, points, status, code_sealed, code_index,
            key_id, expires_at, created_at)
        SELECT $2, id, $3, 1, per_person_limit, $4, 'ISSUED', $5, $6, $7, $8, $9 FROM stock
    ), entry AS (
        INSERT INTO volunteering_entry (id, volunteer_id, sequence, kind, minutes, points, minutes_after, consumed_after,
            balance_after, stars_after, at, organization_id, redemption_id, previous_hash, hash)
        SELECT $10, $3, $11, 'REDEMPTION', 0, -$4::int, $12, $13, $14, $15, $9, $16, $2, $17, $18 FROM stock
    )
    UPDATE volunteering_account SET consumed = $13, points = $14, entries = $11, head = $18 FROM stock
    WHERE volunteer_id = $3 RETURNING 1
"""


async def taken_by(connection: asyncpg.Connection, perk: UUID, merchant: UUID, youth: UUID) -> bool:
    """One request of the peer."""
    now = datetime.now(UTC)
    if not await connection.fetchval(STANDING, perk, youth, day_of(now)):
        return False
    async with connection.transaction():
        held = await connection.fetchrow(ACCOUNT, youth)
        if held["points"] < COST or held["lapses"]:
            return False
        new, entry = new_redemption(SEALER), columns.new_id()
        consumed, balance, sequence = held["consumed"] + COST, held["points"] - COST, held["entries"] + 1
        said = {"id": entry, "volunteer_id": youth, "sequence": sequence, "kind": "REDEMPTION", "minutes": 0}
        said |= {"points": -COST, "minutes_after": held["service_minutes"], "consumed_after": consumed}
        said |= {
            "balance_after": balance,
            "stars_after": held["stars"],
            "at": now,
            "organization_id": merchant,
        }
        said |= {"redemption_id": new.id, "previous_hash": held["head"]}
        digest = hash_of(said.get(name) for name in HASHED)
        until = start_of(day_of(now) + timedelta(days=31))
        return (
            await connection.fetchval(
                TAKE,
                *(perk, new.id, youth, COST, new.code_sealed, new.code_index, new.key_id, until, now, entry),
                *(sequence, held["service_minutes"], consumed, balance, held["stars"], merchant),
                *(held["head"], digest),
            )
            is not None
        )


async def peer(url: str, perk: UUID, merchant: UUID, crowd: Sequence[UUID], connections: int) -> float:
    """Seconds until everybody is answered."""
    pool = [await asyncpg.connect(plain(url)) for _ in range(connections)]
    for connection in pool:  # what is prepared at first is prepared by now
        await connection.fetchval(STANDING, columns.new_id(), crowd[0], day_of(datetime.now(UTC)))
    line = deque(crowd)

    async def serve(connection: asyncpg.Connection) -> None:
        while line:
            await taken_by(connection, perk, merchant, line.popleft())

    began = time.perf_counter()
    await asyncio.gather(*map(serve, pool))
    took = time.perf_counter() - began
    for connection in pool:
        await connection.close()
    return took


# ── ours ─────────────────────────────────────────────────────────────────────
async def ours(processes: Sequence[Timed], perk: UUID, crowd: Sequence[UUID]) -> float:
    """Seconds until everybody is answered."""
    gatherings = [Gatherings(one) for one in processes]

    async def ask(number: int, youth: UUID) -> None:
        once = Once(f"{perk}-{number}", b"0" * 32)
        wish = asked(YouthActor(youth), once, perk, SEALER)
        await gatherings[number % len(gatherings)].ask(REDEEMING, wish)

    began = time.perf_counter()
    await asyncio.gather(*(ask(number, youth) for number, youth in enumerate(crowd)))
    return time.perf_counter() - began


async def new_perk(database: EngineDatabase, manager: StaffActor, merchant: UUID) -> UUID:
    async with database.write(manager) as tx:
        fields = PerkFields(
            merchant_id=merchant,
            title="热门权益",
            description="测量",
            category=PerkCategory.CULTURE,
            division_codes=(),
            min_stars=0,
            points_cost=COST,
            stock=STOCK,
            per_person_limit=1,
            starts_on=tx.today,
            ends_on=None,
            redeem_within_days=30,
        )
        return await saving.save(tx, None, fields, frozenset(), None)


EXACT = """
    SELECT p.taken, count(r.id), count(DISTINCT r.volunteer_id) FROM volunteering_perk p
    JOIN volunteering_redemption r ON r.perk_id = p.id WHERE p.id = $1 GROUP BY p.id
"""
NEGATIVE = "SELECT count(*) FROM volunteering_account WHERE points < 0 OR consumed > service_minutes / 60"


async def compare(url: str, merchant: UUID) -> None:
    database = EngineDatabase(make_engine(url))
    [member] = await grant_staff(database, SEALER, [StaffRole.PROGRAMME_MANAGER], "440000", 1)
    manager = StaffActor(member.id, member.unit_id, frozenset({StaffRole.PROGRAMME_MANAGER}))
    looking = await asyncpg.connect(plain(url))
    people = [row[0] for row in await looking.fetch("SELECT id FROM accounts_youth ORDER BY id")][:CROWD]
    processes = [Timed(EngineDatabase(make_engine(url, pool=10))) for _ in range(2)]
    took: dict[str, list[float]] = {}
    chance, perks = Random(7), []
    warming = await new_perk(database, manager, merchant)
    await ours(processes, warming, people[: 2 * STOCK])  # what is compiled at first is compiled by now
    for _ in range(ROUNDS):
        for connections in (None, *CONNECTIONS):
            crowd = chance.sample(people, len(people))
            perk = await new_perk(database, manager, merchant)
            perks.append(perk)
            if connections is None:
                took.setdefault("ours", []).append(await ours(processes, perk, crowd))
            else:
                seconds = await peer(url, perk, merchant, crowd, connections)
                took.setdefault(f"plain SQL, {connections} connections", []).append(seconds)
    for name, seconds in took.items():
        middle = statistics.median(seconds)
        print(f"{name:26} {middle:6.2f} s (of {', '.join(f'{one:.2f}' for one in seconds)})")
    best = min(statistics.median(seconds) for name, seconds in took.items() if name != "ours")
    print(f"ours takes {statistics.median(took['ours']) / best:.2f} of plain SQL at its best")
    print(f"{sum(one.count for one in processes)} transactions of ours, {ROUNDS} rounds")
    exact = [tuple(await looking.fetchrow(EXACT, perk)) == (STOCK,) * 3 for perk in perks]
    print(f"stock exact: {sum(exact)} of {len(exact)}; overdrawn: {await looking.fetchval(NEGATIVE)}")
    print(f"faults that verify found: {len(await verified(database, None))}")
    await looking.close()
    for one in (database, *(timed.inner for timed in processes)):
        await one.engine.dispose()


async def main() -> None:
    print(f"{day_of(datetime.now(UTC))}  load average {os.getloadavg()}")
    async with own_database() as url:
        [merchant, *_] = await load_province(url, RING, VOLUNTEERS, datetime.now(UTC), lambda *_: None)
        await compare(url, merchant)
    print(f"load average {os.getloadavg()}")


if __name__ == "__main__":
    asyncio.run(main())

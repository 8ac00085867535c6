"""
A hot event: how long 200 seats take when 5,000 people want them at once; and a lottery of 100,000 entries.

    DATABASE_URL=postgresql://… PYTHONPATH=. python bench/matchmaking.py

Makes a database of its own on that server and drops it at the end. The crowd's requests wait in the lines of two gatherings, as
in two server processes, each with a pool of its own. Prints the time until all of them are answered, the time that their
transactions took (two at most at once), and of it what the database worked on statements, as `pg_stat_database` counts it.
Then it enters 100,000 for a lottery by SQL, and times the closing of the list, the draw, and redoing it from what is published.
"""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from bench.crowd import SEALER, Timed, own_database, plain
from domain.accounts.models import ConsentPurpose, Gender
from domain.core.actors import StaffActor, StaffRole, YouthActor
from domain.core.clock import day_of
from domain.core.gathering import Gatherings
from domain.core.idempotency import Once
from domain.matchmaking import lottery, saving
from domain.matchmaking.drawing import PublishedEntry, PublishedLottery, faults
from domain.matchmaking.saving import EventFields
from domain.matchmaking.signing_up import SIGNING_UP, Wish, prepared
from domain.matchmaking.states import Admission
from infra.database import EngineDatabase, make_engine
from infra.grants import YouthWish, grant_staff, grant_youths

CROWD, SEATS, ENTRIES = 5_000, 200, 100_000
WORKED = "SELECT active_time FROM pg_stat_database WHERE datname = current_database()"


def fields(unit: UUID, admission: Admission) -> EventFields:
    now = datetime.now(UTC)
    return EventFields(
        title="热门活动",
        unit_id=unit,
        division_code="440106",
        venue="公园",
        description="测量",
        starts_at=now + timedelta(days=7),
        ends_at=now + timedelta(days=7, hours=3),
        signup_opens_at=now - timedelta(hours=1),
        signup_closes_at=now + timedelta(days=3),
        admission=admission,
        min_age=18,
        max_age=45,
        max_choices=3,
        choices_close_at=None,
    )


async def hot(url: str, database: EngineDatabase, host: StaffActor) -> None:
    people: list[tuple[UUID, str]] = []
    for gender in Gender:
        wish = YouthWish(verified=True, gender=gender, consents=(ConsentPurpose.MATCHMAKING,))
        people += await grant_youths(database, SEALER, wish, CROWD // 2)
    people = [
        person for pair in zip(people[: CROWD // 2], people[CROWD // 2 :], strict=True) for person in pair
    ]
    for round_ in range(3):
        async with database.write(host) as tx:
            wanted = dict.fromkeys(Gender, SEATS // 2)
            entered = fields(host.unit_id, Admission.FIRST_COME)
            at = await saving.save(
                tx, SEALER, None, entered, wanted, frozenset(), cancelled=None, expected_version=None
            )
        asked = [
            prepared(
                SEALER,
                YouthActor(key),
                Wish(at, "小青", "喜欢爬山。", "示例", declares_single=True),
                Once(f"k{at}", b"0" * 32),
            )
            for key, _ in people
        ]
        processes = [Timed(EngineDatabase(make_engine(url, pool=10))) for _ in range(2)]
        gatherings = [Gatherings(one) for one in processes]
        watching = await asyncpg.connect(plain(url))
        await asyncio.sleep(1.2)  # until backends have told what they did before
        before = await watching.fetchval(WORKED)
        began = time.perf_counter()
        outcomes = await asyncio.gather(
            *(gatherings[number % 2].ask(SIGNING_UP, one) for number, one in enumerate(asked))
        )
        took = time.perf_counter() - began
        await asyncio.sleep(1.2)
        worked = await watching.fetchval(WORKED) - before
        await watching.close()
        refused = sum(bool(one.refusals) for one in outcomes)
        transactions = sum(one.count for one in processes)
        held = sum(one.seconds for one in processes)
        print(
            f"round {round_ + 1}: {CROWD} answered in {took:.2f} s, {refused} refused, {transactions} transactions of"
            f" {held:.2f} s together, the database worked {worked / 1000:.2f} s"
        )
        for one in processes:
            await one.inner.engine.dispose()


ENTER = """
    INSERT INTO matchmaking_signup (id, event_id, youth_id, gender, status, participant_id, lottery_entry, created_at,
        updated_at)
    SELECT gen_random_uuid(), $1, y.id, y.gender, 'ENTERED', gen_random_uuid(), gen_random_uuid(), now(), now() FROM (
        SELECT id, gender FROM accounts_youth WHERE gender IS NOT NULL ORDER BY id LIMIT $2) y
"""
OVER = """UPDATE matchmaking_event SET signup_opens_at = now() - interval '2 hours',
    signup_closes_at = now() - interval '1 hour' WHERE id = $1"""
PUBLISHED = "SELECT gender, lottery_entry, drawn_position FROM matchmaking_signup WHERE event_id = $1"


async def drawn(url: str, database: EngineDatabase, host: StaffActor) -> None:
    async with database.write(host) as tx:
        entered = fields(host.unit_id, Admission.LOTTERY)
        wanted = {Gender.FEMALE: 1_925, Gender.MALE: 1_925}
        at = await saving.save(
            tx, SEALER, None, entered, wanted, frozenset(), cancelled=None, expected_version=None
        )
    connection = await asyncpg.connect(plain(url))
    await connection.execute(
        "INSERT INTO accounts_youth SELECT (jsonb_populate_record(NULL::accounts_youth,"
        " to_jsonb(y) || jsonb_build_object('id', gen_random_uuid()))).*"
        " FROM (SELECT * FROM accounts_youth WHERE gender IS NOT NULL LIMIT 1000) y, generate_series(1, $1)",
        ENTRIES // 1_000,
    )
    await connection.execute(ENTER, at, ENTRIES)
    await connection.execute(OVER, at)
    await connection.execute("ANALYZE")
    began = time.perf_counter()
    async with database.write(host) as tx:
        await lottery.close_entries(tx, at)
    closed = time.perf_counter()
    async with database.write(host) as tx:
        await lottery.draw(tx, at)
    done = time.perf_counter()
    rows = await connection.fetch(PUBLISHED, at)
    event = await connection.fetchrow("SELECT entries_hash, seed FROM matchmaking_event WHERE id = $1", at)
    await connection.close()
    entries = [PublishedEntry(row["gender"], row["lottery_entry"].hex, row["drawn_position"]) for row in rows]
    published = PublishedLottery(at, event["entries_hash"].hex(), event["seed"].hex(), entries)
    began_redoing = time.perf_counter()
    wrong = list(faults(published))
    redone = time.perf_counter() - began_redoing
    print(
        f"lottery of {len(entries)}: closed in {closed - began:.2f} s, drawn in {done - closed:.2f} s, redone in"
        f" {redone:.2f} s, {len(wrong)} faults"
    )


async def main() -> None:
    print(f"{day_of(datetime.now(UTC))}  load average {os.getloadavg()}")
    async with own_database() as url:
        database = EngineDatabase(make_engine(url))
        [member] = await grant_staff(database, SEALER, [StaffRole.EVENT_HOST], "440000", 1)
        host = StaffActor(member.id, member.unit_id, frozenset({StaffRole.EVENT_HOST}))
        await hot(url, database, host)
        await drawn(url, database, host)
        await database.engine.dispose()
    print(f"load average {os.getloadavg()}")


if __name__ == "__main__":
    asyncio.run(main())

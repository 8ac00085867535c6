"""Numbers find their owners while organizations record for them, and while they are forgotten: no hour is lost or counted twice."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import asyncpg
import pytest
import sqlalchemy as sa
from races.racing import deadlocks, outside, rows, waiting
from support.canaries import signed_in
from support.house import House, Partner, Person
from support.staffing import a_number
from support.texts import played
from support.volunteering import a_record, account, recorded

from api.commands.ledger import verified
from domain.core.actors import System
from domain.volunteering import unknown
from domain.volunteering.policies import DAY_POSTS_MINUTES, UNKNOWN_KEPT_DAYS

TOO_FULL = """
    SELECT volunteer_id, (started_at AT TIME ZONE 'Asia/Shanghai')::date FROM volunteering_record
    WHERE status = 'POSTED' GROUP BY 1, 2 HAVING sum(minutes) > :most
"""


async def test_numbers_find_their_owners_while_hours_come_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a crowd with hours of their own, and hours kept for the numbers that each of them will take
    house.clock.move_to_morning()
    texts, partners = played(house, monkeypatch), [await house.partner() for _ in range(3)]
    crowd, numbers, codes = await house.youths(9), [a_number() for _ in range(9)], []

    def of_all(who: Iterable[Person | str], days_ago: int, start: int) -> list[dict]:
        return [
            a_record(house, one, days_ago=days_ago, start=start, hours=5, ref=f"{start}-{days_ago}-{place}")
            for place, one in enumerate(who)
        ]

    sent = [of_all(crowd, turn + 2, 0) + of_all(numbers[turn::3], turn + 2, 8) for turn in range(3)]
    for partner, records in zip(partners, sent, strict=True):
        await recorded(partner, *records)
    await house.runtime.redis.flushdb()
    for number in numbers:
        await house.anyone.done("requestPhoneCode", "expiresAt", phone=number, purpose="CHANGE_PHONE")
        codes.append(next(code for to, code in texts.sent if to == number))

    async def take(place: int) -> None:
        await crowd[place].done("changePhone", "youth { id }", phone=numbers[place], code=codes[place])

    # when they take them, and the worker hears of many at once, while each organization sends its hours again, and more
    for place in range(6):
        await take(place)

    async def work(place: int) -> None:
        await take(place)
        await house.work()

    async def come(partner: Partner, records: list[dict], start: int) -> None:
        for days_ago in (2, 3, 4):
            more = of_all(numbers, days_ago, start)
            await partner.done("recordServiceHours", "results { outcome }", records=records + more)
            await partner.done("recordServiceHours", "results { outcome }", records=(records + more)[::-1])

    await asyncio.gather(
        *(work(place) for place in range(6, len(crowd))),
        *(come(partner, sent[place], 14 + place) for place, partner in enumerate(partners)),
    )
    for _ in range(2):
        house.clock.move(minutes=20)
        await house.work()

    # then all of it is theirs, and no day has more than posts at once
    assert await rows(house, "SELECT 1 FROM volunteering_record WHERE volunteer_id IS NULL") == []
    assert len(await rows(house, "SELECT 1 FROM volunteering_record WHERE status = 'PENDING'")) >= 9
    assert await rows(house, TOO_FULL, most=DAY_POSTS_MINUTES.default) == []
    assert await verified(house.database, None) == []
    assert await deadlocks(house) == 0


SLOWLY = """
    CREATE FUNCTION slowly() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('test.slow', true) = 'yes' THEN PERFORM pg_advisory_xact_lock_shared(1); END IF;
        RETURN true;
    END $$;
    ALTER TABLE volunteering_unknown_phone RENAME TO numbers_there;
    CREATE VIEW volunteering_unknown_phone AS SELECT * FROM numbers_there WHERE slowly()
"""
AS_BEFORE = """
    DROP VIEW volunteering_unknown_phone;
    ALTER TABLE numbers_there RENAME TO volunteering_unknown_phone;
    DROP FUNCTION slowly()
"""


@pytest.fixture
async def held_while_it_looks(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Whoever says `test.slow` looks at numbers as they are then, and goes on once the advisory lock 1 is given back."""
    async with outside(database_url) as connection:
        await connection.execute(SLOWLY)
        await connection.execute("SELECT pg_advisory_lock(1)")
        yield connection
        await connection.execute("SELECT pg_advisory_unlock_all()")
        await connection.execute(AS_BEFORE)


async def test_a_number_is_not_forgotten_that_is_recorded_for_meanwhile(
    house: House, held_while_it_looks: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a number whose only record is so old that it goes
    house.clock.move_to_morning()
    texts, number = played(house, monkeypatch), a_number()
    partner = await house.partner()
    await recorded(partner, a_record(house, number, hours=4))
    house.clock.move(days=UNKNOWN_KEPT_DAYS.default + 1)

    async def forget() -> None:
        async with house.database.write(System()) as tx:
            await tx.execute(sa.text("SET LOCAL test.slow = 'yes'"))
            await unknown.forget(tx)

    # when the number is looked at, recorded for, and then held
    forgetting = asyncio.create_task(forget())
    await waiting(held_while_it_looks, 1)
    [result] = await recorded(partner, a_record(house, number, hours=3))
    await held_while_it_looks.execute("SELECT pg_advisory_unlock(1)")
    await forgetting

    # then what is new is there for whoever signs up
    assert result["status"] == "POSTED"
    person, _ = await signed_in(house, texts, number)
    await house.work()
    assert (await account(person))["serviceMinutes"] == 180
    assert await rows(house, "SELECT 1 FROM volunteering_record WHERE volunteer_id IS NULL") == []

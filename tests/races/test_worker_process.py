"""`qingyi worker` as a process: killed in the middle of a batch, and told to stop."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from races.processes import command
from races.racing import apply, outside, rows, waiting
from support.house import House, Partner
from support.listings import a_listing, posted

from infra.embedded.services import Services

EVENTS = 20


async def _events_for(house: House) -> Partner:
    partner, youths = await house.partner(), await house.youths(EVENTS)
    listing = await posted(partner, a_listing())
    await house.work()  # what follows from the youths themselves: what is left is one batch
    await asyncio.gather(*(apply(youth, listing, "key") for youth in youths))
    return partner


@asynccontextmanager
async def _slow_handlers(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Inside, every handler waits for the inbox: a worker is in the middle of its batch."""
    async with outside(database_url) as holder, holder.transaction():
        await holder.execute("LOCK TABLE core_notification IN EXCLUSIVE MODE")
        yield holder


async def _told(house: House, partner: Partner) -> list[int]:
    """How often the partner was told of each application."""
    found = await rows(
        house,
        "SELECT count(*) FROM core_notification"
        " WHERE recipient_id = :id AND kind = 'INTERNSHIP_APPLICATION_SUBMITTED' GROUP BY subject_id",
        id=partner.key,
    )
    return [count for (count,) in found]


async def _left(house: House) -> int:
    [(count,)] = await rows(house, "SELECT count(*) FROM core_outbox_event WHERE done_at IS NULL")
    return int(count)


async def _until_delivered(house: House, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while await _left(house):  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.05)


async def _ended(running: subprocess.Popen[bytes], seconds: float) -> int:
    return await asyncio.to_thread(running.wait, seconds)


async def test_killed_in_the_middle_of_a_batch(house: House, database_url: str, servers: Services) -> None:
    partner = await _events_for(house)
    async with outside(database_url) as watcher:
        async with _slow_handlers(database_url):
            with command("worker", database_url, servers) as first:
                await waiting(watcher, 1, 30)
                first.kill()
                assert await _ended(first, 10) == -signal.SIGKILL
            assert await _told(house, partner) == []
        with command("worker", database_url, servers) as second:
            await _until_delivered(house)
            assert second.poll() is None
    assert await _told(house, partner) == [1] * EVENTS
    attempts = await rows(house, "SELECT max(attempts) FROM core_outbox_event")
    assert attempts[0][0] == 0


async def test_told_to_stop_it_finishes_what_it_began(
    house: House, database_url: str, servers: Services
) -> None:
    partner = await _events_for(house)
    with command("worker", database_url, servers) as running:
        async with outside(database_url) as watcher, _slow_handlers(database_url):
            await waiting(watcher, 1, 30)
            running.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.5)
            assert running.poll() is None
            assert await _told(house, partner) == []
        assert await _ended(running, 10) == 0
    assert await _left(house) == 0
    assert await _told(house, partner) == [1] * EVENTS

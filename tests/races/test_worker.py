"""Several workers, handlers that fail, jobs that must not be missed or doubled."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from races.racing import apply, rows
from support.house import House
from support.listings import a_listing, posted

from domain.core import outbox
from domain.core.actors import System
from domain.core.db import Write
from domain.core.outbox import ATTEMPTS_MOST, Delivery, Handlers
from domain.core.schedule import Job
from infra import worker as worker_module
from infra.worker import Worker, all_handlers

TESTER = System("tester")


@dataclass(frozen=True, slots=True)
class Rung:
    topic: ClassVar[str] = "test.rung"
    number: int


@dataclass(frozen=True, slots=True)
class Broken:
    topic: ClassVar[str] = "test.broken"
    number: int


@pytest.fixture(scope="module")
async def ledger(house: House) -> str:
    """A table without any key: whatever is done twice stands in it twice."""
    async with house.database.write(TESTER) as tx:
        await tx.execute(sa.text("CREATE TABLE test_ledger (entry text NOT NULL)"))
    return "test_ledger"


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(worker_module, "AT_ONCE", 7)
    return


async def _note(tx: Write, entry: str) -> None:
    await tx.execute(sa.text("INSERT INTO test_ledger VALUES (:entry)").bindparams(entry=entry))


async def _noted(house: House, prefix: str) -> Counter[str]:
    found = await rows(house, "SELECT entry FROM test_ledger WHERE entry LIKE :prefix", prefix=f"{prefix}%")
    return Counter(entry for (entry,) in found)


async def _emit(house: House, *events: Any) -> None:
    async with house.database.write(TESTER) as tx:
        await outbox.emit(tx, *events)


async def _events(house: House, topic: str) -> list[Any]:
    return await rows(
        house,
        "SELECT attempts, done_at, dead_at, due_at, last_error FROM core_outbox_event"
        " WHERE topic = :topic ORDER BY id",
        topic=topic,
    )


async def test_each_event_once_of_many_workers(house: House, ledger: str, small_batches: None) -> None:
    handlers = Handlers()

    @handlers.on(Rung.topic)
    async def ring(tx: Write, event: Delivery) -> None:
        await _note(tx, f"ring {event.payload['number']}")
        await asyncio.sleep(0.001)

    await _emit(house, *(Rung(number) for number in range(100)))
    workers = [Worker(house.database, handlers, ()) for _ in range(4)]

    async def until_done(worker: Worker) -> int:
        taken = 0
        while got := await worker.deliver_batch():
            taken += got
        return taken

    shares = await asyncio.gather(*map(until_done, workers))
    assert sum(shares) == 100
    assert sum(share > 0 for share in shares) > 1
    assert await _noted(house, "ring") == {f"ring {number}": 1 for number in range(100)}


async def test_everyone_is_told_once_by_two_workers(house: House, small_batches: None) -> None:
    partner, youths = await house.partner(), await house.youths(30)
    listing = await posted(partner, a_listing())
    await asyncio.gather(*(apply(youth, listing, "key") for youth in youths))
    workers = [Worker(house.database, all_handlers(house.runtime.ports.sealer), ()) for _ in range(2)]
    running = [asyncio.create_task(worker.run()) for worker in workers]
    async with asyncio.timeout(20):
        while await rows(house, "SELECT 1 FROM core_outbox_event WHERE done_at IS NULL LIMIT 1"):  # noqa: ASYNC110 - of the database
            await asyncio.sleep(0.05)
    for worker in workers:
        worker.stop()
    await asyncio.gather(*running)
    told = await rows(
        house,
        "SELECT subject_id, count(*) FROM core_notification"
        " WHERE recipient_id = :id AND kind = 'INTERNSHIP_APPLICATION_SUBMITTED' GROUP BY subject_id",
        id=partner.key,
    )
    assert len(told) == 30
    assert {count for _, count in told} == {1}


async def test_a_handler_that_fails(house: House, ledger: str) -> None:
    """Retried later and later, then dead, then given another round; the others of its batch are not harmed."""
    handlers = Handlers()
    is_broken = True

    @handlers.on(Broken.topic)
    async def first(tx: Write, event: Delivery) -> None:
        await _note(tx, f"first {event.payload['number']}")

    @handlers.on(Broken.topic)
    async def second(tx: Write, event: Delivery) -> None:
        if is_broken:
            await tx.execute(sa.text("SELECT 1/0"))  # the database's own error: the savepoint must hold

    @handlers.on(Rung.topic)
    async def other(tx: Write, event: Delivery) -> None:
        await _note(tx, f"other {event.payload['number']}")

    await _emit(house, Rung(1), Broken(1), Rung(2), Broken(2), Rung(3))
    worker = Worker(house.database, handlers, ())
    assert await worker.deliver_batch() == 5
    assert await _noted(house, "other") == {"other 1": 1, "other 2": 1, "other 3": 1}
    waits = []
    for attempt in range(1, ATTEMPTS_MOST + 1):
        # What its first handler wrote is undone with the second's.
        assert await _noted(house, "first") == {}
        [one, _] = await _events(house, Broken.topic)
        assert (one.attempts, one.done_at, one.last_error) == (attempt, None, "DBAPIError")
        assert await worker.deliver_batch() == 0  # not before its time
        wait = one.due_at - house.clock()
        waits.append(wait)
        if attempt < ATTEMPTS_MOST:
            assert one.dead_at is None
            house.clock.move(seconds=wait.total_seconds() + 0.01)
            assert await worker.deliver_batch() == 2
    assert all(later > earlier for earlier, later in pairwise(waits))
    assert timedelta(minutes=15) < waits[-1] <= timedelta(hours=1)
    assert all(event.dead_at is not None for event in await _events(house, Broken.topic))
    house.clock.move(days=2)
    assert await worker.deliver_batch() == 0
    # Mended, and given another round.
    is_broken = False
    async with house.database.write(TESTER) as tx:
        assert await outbox.revive(tx) == 2
    assert await worker.deliver_batch() == 2
    assert all(event.done_at and event.dead_at is None for event in await _events(house, Broken.topic))
    assert await _noted(house, "first") == {"first 1": 1, "first 2": 1}
    assert await worker.deliver_batch() == 0


async def test_a_job_runs_once_in_its_time(house: House, ledger: str) -> None:
    async def work(tx: Write) -> None:
        await _note(tx, "daily")
        await asyncio.sleep(0.1)

    job = Job("test.daily", timedelta(days=1), work, offset=timedelta(hours=8))
    workers = [Worker(house.database, Handlers(), (job,)) for _ in range(5)]

    async def all_try() -> int:
        return sum(await asyncio.gather(*(worker.run_job(job) for worker in workers)))

    assert await all_try() == 1
    assert await all_try() == 0
    # Three missed slots are made up once.
    house.clock.move(days=3)
    assert await all_try() == 1
    assert await all_try() == 0
    assert await _noted(house, "daily") == {"daily": 2}


async def test_a_job_that_fails_keeps_its_slot(house: House, ledger: str) -> None:
    broken = True

    async def work(tx: Write) -> None:
        await _note(tx, "fragile")
        if broken:
            raise RuntimeError("not yet")

    async def fine(tx: Write) -> None:
        await _note(tx, "beside")

    job = Job("test.fragile", timedelta(days=1), work)
    worker = Worker(house.database, Handlers(), (job, Job("test.beside", timedelta(days=1), fine)))
    await worker._run_jobs()
    assert await _noted(house, "fragile") == {}
    assert await _noted(house, "beside") == {"beside": 1}
    with pytest.raises(RuntimeError):
        await worker.run_job(job)
    broken = False
    assert await worker.run_job(job)
    assert not await worker.run_job(job)
    assert await _noted(house, "fragile") == {"fragile": 1}


@pytest.mark.parametrize("known", [False, True])
async def test_a_long_job_does_not_hold_up_the_other_workers(house: House, known: bool) -> None:
    """Who does not get the slot goes on at once, whether or not the job ever ran before."""
    begun, end = asyncio.Event(), asyncio.Event()

    async def work(tx: Write) -> None:
        begun.set()
        await end.wait()

    job = Job(f"test.long.{known}", timedelta(days=1), work)
    one, other = (Worker(house.database, Handlers(), (job,)) for _ in range(2))
    if known:
        end.set()
        assert await one.run_job(job)
        begun.clear()
        end.clear()
        house.clock.move(days=1)
    running = asyncio.create_task(one.run_job(job))
    await begun.wait()
    try:
        assert not await asyncio.wait_for(other.run_job(job), 2)
    finally:
        end.set()
        assert await running

"""
The worker of all programmes: delivers the outbox and runs scheduled work, until it is told to stop.

Several may run at once: events are claimed with SKIP LOCKED, a job's slot by one of them. What a handler writes and the
mark "done" are one transaction; a crash leaves the event as it was.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from domain.accounts import notices as account_notices
from domain.accounts import sessions
from domain.core import idempotency, outbox
from domain.core.actors import System
from domain.core.db import Database, Write
from domain.core.outbox import Delivery, Handler, Handlers
from domain.core.schedule import Job, claim
from domain.core.sealing import Sealer
from domain.hostels import jobs as hostel_jobs
from domain.hostels import notices as hostel_notices
from domain.hostels.rentals import notices as rental_notices
from domain.internships import jobs as internship_jobs
from domain.internships import notices as internship_notices
from domain.matchmaking import jobs as matchmaking_jobs
from domain.matchmaking import notices as matchmaking_notices
from domain.partners import notices as partner_notices

POLL_SECONDS = 0.25
JOBS_SECONDS = 5.0
AT_ONCE = 100
PAUSE_AFTER_FAULT_SECONDS = 2.0
WORKER = System("worker")

log = structlog.get_logger()


def all_handlers() -> Handlers:
    """The handlers of every programme."""
    handlers = Handlers()
    account_notices.register(handlers)
    partner_notices.register(handlers)
    internship_notices.register(handlers)
    matchmaking_notices.register(handlers)
    hostel_notices.register(handlers)
    rental_notices.register(handlers)
    return handlers


def all_jobs() -> tuple[Job, ...]:
    """The scheduled work of every programme, and of the house."""
    house = (
        Job("core.purge_idempotency_keys", timedelta(hours=1), idempotency.purge),
        Job("accounts.purge_refresh_tokens", timedelta(hours=6), sessions.purge),
        Job("core.purge_outbox", timedelta(days=1), outbox.purge, offset=timedelta(hours=3)),
    )
    return (*house, *internship_jobs.JOBS, *hostel_jobs.JOBS, *matchmaking_jobs.JOBS)


def sealed_jobs(sealer: Sealer) -> tuple[Job, ...]:
    """The scheduled work that opens what is sealed."""
    return matchmaking_jobs.sealed_jobs(sealer)


class Worker:
    """One worker: `run` until `stop`."""

    def __init__(self, database: Database, handlers: Handlers, jobs: Sequence[Job]) -> None:
        self._database = database
        self._handlers = handlers
        self._jobs = jobs
        self._stopping = asyncio.Event()
        self._unheard: set[str] = set()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        """Until stopped; what is under way is finished first."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep(self._deliver_all, POLL_SECONDS))
            tasks.create_task(self._keep(self._run_jobs, JOBS_SECONDS))

    async def _keep(self, work: Callable[[], Awaitable[None]], pause: float) -> None:
        """Do the work again and again; a fault of it is logged, not fatal."""
        while not self._stopping.is_set():
            wait = pause
            try:
                await work()
            except Exception:
                log.exception("worker.fault")
                wait = PAUSE_AFTER_FAULT_SECONDS
            try:
                await asyncio.wait_for(self._stopping.wait(), wait)
            except TimeoutError:
                continue

    async def _deliver_all(self) -> None:
        while not self._stopping.is_set() and await self.deliver_batch():
            pass

    async def deliver_batch(self) -> int:
        """Deliver what is due, up to AT_ONCE; how many events were taken."""
        async with self._database.write(WORKER) as tx:
            claimed = await outbox.claim(tx, AT_ONCE)
            done = [event.id for event, attempts in claimed if await self._delivered(tx, event, attempts)]
            if done:
                await outbox.mark_done(tx, done)
        return len(claimed)

    async def _delivered(self, tx: Write, event: Delivery, attempts: int) -> bool:
        """Run the event's handlers; one that fails undoes what they all wrote, for this event alone."""
        try:
            async with tx.savepoint():
                for handler in self._heard_by(event.topic):
                    await handler(tx, event)
        except Exception as fault:
            log.exception(
                "worker.handler_failed", topic=event.topic, event_id=str(event.id), attempts=attempts + 1
            )
            await outbox.mark_failed(tx, event.id, attempts, type(fault).__name__)
            return False
        return True

    def _heard_by(self, topic: str) -> Sequence[Handler]:
        """The topic's handlers. A topic without any is no fault (its programme may come later), but is said once."""
        handlers = self._handlers.by_topic.get(topic, ())
        if not handlers and topic not in self._unheard:
            self._unheard.add(topic)
            log.warning("worker.nobody_listens", topic=topic)
        return handlers

    async def _run_jobs(self) -> None:
        for job in self._jobs:
            if self._stopping.is_set():
                return
            try:
                await self.run_job(job)
            except Exception:
                log.exception("worker.job_failed", job=job.name)

    async def run_job(self, job: Job) -> bool:
        """Run the job if its slot is due and nobody else has it; did it run?"""
        async with self._database.write(WORKER) as tx:
            if not await claim(tx, job):
                return False
            await job.work(tx)
            return True

"""
The worker of all programmes: delivers the outbox, runs scheduled work, errands to the outside and piecework, until it is
told to stop.

Several may run at once: events, errands and pieces are taken with SKIP LOCKED, a job's slot by one of them. What a handler
writes and the mark "done" are one transaction; a crash leaves the event as it was.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import structlog

from domain.accounts import notices as account_notices
from domain.accounts import sessions
from domain.accounts.erasing import erasing
from domain.accounts.preparing import exporting
from domain.accounts.reasking import reasking
from domain.accounts.registry import IdentityRegistry
from domain.cases import notices as case_notices
from domain.certificates import notices as certificate_notices
from domain.core import idempotency, outbox
from domain.core.actors import System
from domain.core.db import Database, Write
from domain.core.errands import Errand
from domain.core.outbox import Delivery, Handler, Handlers
from domain.core.piecework import Piecework
from domain.core.schedule import Job, claim
from domain.core.sealing import Sealer
from domain.core.statements import StatementSigner
from domain.holdings import HOLDINGS
from domain.hostels import jobs as hostel_jobs
from domain.hostels import notices as hostel_notices
from domain.hostels.rentals import notices as rental_notices
from domain.internships import jobs as internship_jobs
from domain.internships import notices as internship_notices
from domain.matchmaking import jobs as matchmaking_jobs
from domain.matchmaking import notices as matchmaking_notices
from domain.mentorship import jobs as mentorship_jobs
from domain.mentorship import notices as mentorship_notices
from domain.mentorship.lapsing import attending
from domain.mentorship.unfolding import unfolding
from domain.partners import notices as partner_notices
from domain.volunteering import jobs as volunteering_jobs
from domain.volunteering import notices as volunteering_notices
from domain.volunteering.perks import jobs as perk_jobs

POLL_SECONDS = 0.25
JOBS_SECONDS = 5.0
PIECES_SECONDS = 1.0
ERRANDS_SECONDS = 15.0
AT_ONCE = 100
PAUSE_AFTER_FAULT_SECONDS = 2.0
WORKER = System("worker")

log = structlog.get_logger()


def all_handlers(sealer: Sealer) -> Handlers:
    """The handlers of every programme."""
    handlers = Handlers()
    account_notices.register(handlers)
    partner_notices.register(handlers)
    internship_notices.register(handlers)
    matchmaking_notices.register(handlers)
    hostel_notices.register(handlers)
    rental_notices.register(handlers)
    case_notices.register(handlers)
    certificate_notices.register(handlers)
    mentorship_notices.register(handlers)
    volunteering_notices.register(handlers, sealer)
    return handlers


def all_jobs(sealer: Sealer) -> tuple[Job, ...]:
    """The scheduled work of every programme, and of the house."""
    house = (
        Job("core.purge_idempotency_keys", timedelta(hours=1), idempotency.purge),
        Job("accounts.purge_refresh_tokens", timedelta(hours=1), sessions.purge),
        Job("core.purge_outbox", timedelta(days=1), outbox.purge, offset=timedelta(hours=3)),
    )
    programmes = (
        *internship_jobs.JOBS,
        *hostel_jobs.JOBS,
        *matchmaking_jobs.jobs(sealer),
        *mentorship_jobs.JOBS,
        *volunteering_jobs.jobs(sealer),
        *perk_jobs.JOBS,
    )
    return (*house, *programmes)


def all_piecework(sealer: Sealer, receipts: StatementSigner) -> tuple[Piecework, ...]:
    """What is done piece by piece, of every programme."""
    return (attending(sealer), unfolding(), exporting(sealer, HOLDINGS), erasing(HOLDINGS, receipts))


def all_errands(sealer: Sealer, registry: IdentityRegistry) -> tuple[Errand[Any, Any], ...]:
    """What every programme asks of the outside."""
    return (reasking(sealer, registry),)


class Worker:
    """One worker: `run` until `stop`."""

    def __init__(
        self,
        database: Database,
        handlers: Handlers,
        jobs: Sequence[Job],
        errands: Sequence[Errand[Any, Any]] = (),
        piecework: Sequence[Piecework] = (),
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._jobs = jobs
        self._errands = errands
        self._piecework = piecework
        self._stopping = asyncio.Event()
        self._unheard: set[str] = set()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        """Until stopped; what is under way is finished first."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep(self._deliver_all, POLL_SECONDS))
            tasks.create_task(self._keep(self._run_jobs, JOBS_SECONDS))
            tasks.create_task(self._keep(self._run_errands, ERRANDS_SECONDS))
            tasks.create_task(self._keep(self.run_pieces, PIECES_SECONDS))

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
            claimed = outbox.in_one_transaction(await outbox.claim(tx, AT_ONCE), self._handlers.alone)
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

    async def _run_errands(self) -> None:
        for errand in self._errands:
            try:
                while not self._stopping.is_set() and await self.run_errand(errand):
                    pass
            except Exception:
                log.exception("worker.errand_failed", errand=errand.name)

    async def run_errand(self, errand: Errand[Any, Any]) -> bool:
        """
        Take what is due, ask about each, and write the answers down; was any answered?

        When none was, the outside is away: what else is due is left for the next round.
        """
        async with self._database.write(WORKER) as tx:
            taken = await errand.take(tx)
        places = asyncio.Semaphore(errand.side_by_side)
        return any(await asyncio.gather(*(self._answered(errand, places, each) for each in taken)))

    async def _answered(self, errand: Errand[Any, Any], places: asyncio.Semaphore, taken: object) -> bool:
        """One that fails does not hold up the others; it was put off when it was taken."""
        try:
            async with places:
                answer = None if self._stopping.is_set() else await errand.ask(taken)
                if answer is None:
                    return False
                async with self._database.write(WORKER) as tx:
                    await errand.settle(tx, taken, answer)
        except Exception:
            log.exception("worker.errand_failed", errand=errand.name)
            return False
        return True

    async def run_pieces(self) -> None:
        """Do whatever is due, each piece in a transaction of its own."""
        for work in self._piecework:
            while not self._stopping.is_set() and await self._done(work):
                pass

    async def _done(self, work: Piecework) -> bool:
        """Do the next piece, or put it off when it fails; False when there is none."""
        async with self._database.write(WORKER) as tx:
            key = await work.take(tx)
            if key is None:
                return False
            try:
                async with tx.savepoint():
                    await work.do(tx, key)
            except Exception:
                log.exception("worker.piece_failed", work=work.name, key=str(key))
                await work.put_off(tx, key)
            return True

"""
Waiting requests for the same scarce thing are gathered into one transaction: a commit for many, not one for each.

While a transaction for a thing (a hostel, an event, a perk) is under way in this process, further requests for it wait;
the next transaction takes all that have come meanwhile, in the order of their coming. Alone, a request does not wait.
Other processes do the same beside it: what keeps things from being sold twice is the database, never this queue.

One person's fault is not another's. `work` answers each request by an outcome of its own; should the transaction
itself fail, each of its requests is tried again in a transaction of its own. A request that could not be decided
without waiting for another transaction is answered by `AGAIN`, has left no trace, and comes again a moment later.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from domain.core.actors import System
from domain.core.db import Database, Write
from domain.core.idempotency import Outcome
from domain.core.refusals import ChangedMeanwhile

T = TypeVar("T")

AT_ONCE = 64
"""Requests of one transaction, at most: longer ones would keep the first in line waiting."""

TRIES_MOST = 100
PAUSE_SECONDS = 0.02
GATHERER = System("gatherer")


class _Again:
    """See `AGAIN`."""


AGAIN: Final = _Again()
"""For a request that another transaction stands in the way of."""

Answer = Outcome | _Again
Work = Callable[[Write, Any, Sequence[T]], Awaitable[Sequence[Answer]]]
"""Decides requests for one thing, in order; one answer for each. What must not be together in one transaction (twice the
same person) it answers by AGAIN."""


@dataclass(slots=True)
class _Waiting(Generic[T]):
    asked: T
    answer: asyncio.Future[Outcome]
    tries: int = 0


@dataclass(slots=True)
class _Line:
    """Who waits for one thing; `runner` works them off and ends when nobody is left."""

    waiting: deque[_Waiting[Any]] = field(default_factory=deque)
    runner: asyncio.Task[None] | None = None


class Gatherings:
    """All lines of a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lines: dict[tuple[Work[Any], Hashable], _Line] = {}

    async def ask(self, work: Work[T], key: Hashable, asked: T) -> Outcome:
        """What became of one request; raises what `work` raised for it."""
        line = self._lines.setdefault((work, key), _Line())
        one = _Waiting(asked, asyncio.get_running_loop().create_future())
        line.waiting.append(one)
        if line.runner is None:
            line.runner = asyncio.create_task(self._run(work, key, line))
        return await one.answer

    async def aclose(self) -> None:
        """Until everything that was asked is answered."""
        while runners := [line.runner for line in self._lines.values() if line.runner is not None]:
            await asyncio.gather(*runners)

    async def _run(self, work: Work[Any], key: Hashable, line: _Line) -> None:
        try:
            while batch := self._next(line):
                if all(not one.tries for one in batch):
                    await self._decide(work, key, line, batch)
                else:
                    await asyncio.sleep(PAUSE_SECONDS)
                    await self._decide(work, key, line, batch)
        finally:
            line.runner = None
            del self._lines[work, key]

    def _next(self, line: _Line) -> list[_Waiting[Any]]:
        """The first in line; who has gone away meanwhile is let go."""
        batch: list[_Waiting[Any]] = []
        while line.waiting and len(batch) < AT_ONCE:
            one = line.waiting.popleft()
            if not one.answer.done():
                batch.append(one)
        return batch

    async def _decide(
        self, work: Work[Any], key: Hashable, line: _Line, batch: Sequence[_Waiting[Any]]
    ) -> None:
        try:
            async with self._database.write(GATHERER) as tx:
                answers = await work(tx, key, [one.asked for one in batch])
        except Exception as fault:  # noqa: BLE001  # whatever it is, it belongs to whoever asked
            if len(batch) == 1:
                _fail(batch[0], fault)
                return
            for one in batch:
                await self._decide(work, key, line, [one])
            return
        again: list[_Waiting[Any]] = []
        for one, answer in zip(batch, answers, strict=True):
            if isinstance(answer, Outcome):
                _settle(one, answer)
            elif one.tries >= TRIES_MOST:
                _settle(one, Outcome(refusals=(ChangedMeanwhile(),)))
            else:
                one.tries += 1
                again.append(one)
        line.waiting.extendleft(reversed(again))


def _settle(one: _Waiting[Any], outcome: Outcome) -> None:
    if not one.answer.done():
        one.answer.set_result(outcome)


def _fail(one: _Waiting[Any], fault: Exception) -> None:
    if not one.answer.done():
        one.answer.set_exception(fault)

"""
Waiting requests for scarce things are gathered into one transaction: a commit for many, not one for each.

While a transaction for a thing (a hostel, an event, a perk) is under way in this process, further requests for it wait;
a later transaction takes what has come meanwhile, in the order of their coming. Alone, a request does not wait. Requests
for different things share a transaction where their work can decide them together; then one transaction of that work runs
at a time and the next takes all that waits, but one that takes long is not waited for. Other processes do the same beside it: what keeps things from being sold twice
is the database, never this queue.

One person's fault is not another's. `Work` answers each request by an outcome of its own; should the transaction itself
fail, each of its requests is tried again in a transaction of its own. A request that could not be decided without waiting
for another transaction is answered by `AGAIN`, has left no trace, and comes again a moment later, with nobody but those
who ask for the same thing.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from domain.core.actors import System
from domain.core.db import Database, Write
from domain.core.idempotency import Outcome
from domain.core.refusals import ChangedMeanwhile

T = TypeVar("T")

AT_ONCE = 64
"""Requests of one transaction, at most, unless the work says otherwise: longer ones would keep the first in line waiting."""

LONG_SECONDS = 0.1
LANES = 4
"""Transactions of a work that decides different things together: a further one begins when those before it take longer than
LONG_SECONDS, so many at most. Begun at once, they would gather less: one does the most work."""

TRIES_MOST = 100
PAUSE_SECONDS, PAUSE_MOST_SECONDS = 0.002, 0.05
"""Before somebody comes again: doubling from the first to the second."""
GATHERER = System("gatherer")


class _Again:
    """See `AGAIN`."""


AGAIN: Final = _Again()
"""For a request that another transaction stands in the way of."""

Answer = Outcome | _Again
Decide = Callable[[Write, Sequence[T]], Awaitable[Sequence[Answer]]]
"""Decides requests in order; one answer for each. What must not be together in one transaction (twice the same person) it
answers by AGAIN."""


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """
    How requests of one kind are decided, and what a request is for. `together`: may different things be mixed? `most`: how many
    share a transaction, at most.
    """

    decide: Decide[T]
    thing: Callable[[T], Hashable]
    together: bool = False
    most: int = AT_ONCE


@dataclass(slots=True)
class _Waiting(Generic[T]):
    asked: T
    answer: asyncio.Future[Outcome]
    tries: int = 0


_Line = deque[_Waiting[Any]]


@dataclass(slots=True)
class _Lines:
    """Who waits for which thing, for one work. A thing with somebody waiting is either `ready` or in a transaction's hands."""

    by_thing: dict[Hashable, _Line] = field(default_factory=dict)
    ready: deque[Hashable] = field(default_factory=deque)
    running: int = 0
    starting: int = 0
    """Those of the running transactions that have not taken anybody yet; each will."""
    quick: int = 0
    """Those of the running transactions that have not taken long yet."""

    def join(self, thing: Hashable, one: _Waiting[Any]) -> None:
        line = self.by_thing.get(thing)
        if line is None:
            line = self.by_thing[thing] = deque()
            self.ready.append(thing)
        line.append(one)

    def next(self, *, together: bool, most: int) -> dict[Hashable, list[_Waiting[Any]]]:
        """The first in line for the things that have waited longest; who has gone away meanwhile is let go."""
        taken: dict[Hashable, list[_Waiting[Any]]] = {}
        room = most
        while self.ready and room:
            thing = self.ready[0]
            line = self.by_thing[thing]
            while line and line[0].answer.done():
                line.popleft()
            alone = not together or (bool(line) and line[0].tries > 0)
            if taken and alone:
                break
            self.ready.popleft()
            batch: list[_Waiting[Any]] = []
            while line and len(batch) < room:
                one = line.popleft()
                if not one.answer.done():
                    batch.append(one)
            if not batch:
                del self.by_thing[thing]
                continue
            taken[thing] = batch
            room -= len(batch)
            if alone:
                break
        return taken

    def release(self, thing: Hashable) -> None:
        """A transaction is done with a thing: whoever waits for it may be next."""
        if self.by_thing[thing]:
            self.ready.append(thing)
        else:
            del self.by_thing[thing]


@dataclass(slots=True)
class _Going:
    """A transaction under way."""

    quick: bool = True


class Gatherings:
    """All lines of a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lines: dict[Work[Any], _Lines] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, work: Work[T], asked: T) -> Outcome:
        """What became of one request; raises what the work raised for it."""
        lines = self._lines.setdefault(work, _Lines())
        one = _Waiting(asked, asyncio.get_running_loop().create_future())
        lines.join(work.thing(asked), one)
        self._go_on(work, lines)
        return await one.answer

    async def aclose(self) -> None:
        """Until everything that was asked is answered."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    def _go_on(self, work: Work[Any], lines: _Lines) -> None:
        """Begin one more transaction if it may run; it takes what is there by then."""
        begins = not work.together or (not lines.quick and lines.running < LANES)
        if begins and len(lines.ready) > lines.starting:
            lines.running += 1
            lines.starting += 1
            lines.quick += 1
            self._spawn(self._run(work, lines))

    def _took_long(self, work: Work[Any], lines: _Lines, going: _Going) -> None:
        going.quick = False
        lines.quick -= 1
        self._go_on(work, lines)

    def _spawn(self, going: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(going)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, work: Work[Any], lines: _Lines) -> None:
        lines.starting -= 1
        taken = lines.next(together=work.together, most=work.most)
        going = _Going()
        late = asyncio.get_running_loop().call_later(LONG_SECONDS, self._took_long, work, lines, going)
        self._go_on(work, lines)
        try:
            await self._decide(work, [one for batch in taken.values() for one in batch])
        finally:
            lines.running -= 1
            late.cancel()
            lines.quick -= going.quick
            for thing, batch in taken.items():
                again = [one for one in batch if one.tries and not one.answer.done()]
                lines.by_thing[thing].extendleft(reversed(again))
                if again:
                    pause = min(PAUSE_SECONDS * 2 ** (again[0].tries - 1), PAUSE_MOST_SECONDS)
                    self._spawn(self._after(pause, work, lines, thing))
                else:
                    lines.release(thing)
            self._go_on(work, lines)

    async def _after(self, pause: float, work: Work[Any], lines: _Lines, thing: Hashable) -> None:
        """Meanwhile nobody asks for the thing: who comes again is still the first."""
        await asyncio.sleep(pause)
        lines.release(thing)
        self._go_on(work, lines)

    async def _decide(self, work: Work[Any], batch: Sequence[_Waiting[Any]]) -> None:
        if not batch:
            return
        try:
            async with self._database.write(GATHERER) as tx:
                answers = await work.decide(tx, [one.asked for one in batch])
            answered = list(zip(batch, answers, strict=True))
        except Exception as fault:  # noqa: BLE001  # whatever it is, it belongs to whoever asked
            if len(batch) == 1:
                _fail(batch[0], fault)
                return
            for one in batch:
                if not one.answer.done():  # who has gone away meanwhile keeps nobody waiting
                    await self._decide(work, [one])
            return
        for one, answer in answered:
            if isinstance(answer, Outcome):
                _settle(one, answer)
            elif one.tries >= TRIES_MOST:
                _settle(one, Outcome(refusals=(ChangedMeanwhile(),)))
            else:
                one.tries += 1


def _settle(one: _Waiting[Any], outcome: Outcome) -> None:
    if not one.answer.done():
        one.answer.set_result(outcome)


def _fail(one: _Waiting[Any], fault: Exception) -> None:
    if not one.answer.done():
        one.answer.set_exception(fault)

"""
The same question, asked by many at once, is answered in rounds.

A round answers all who have asked by the time it begins; those who ask while it is under way are answered by the next one.
So an answer is always begun after it was asked for: it shows whatever was there by then, as an answer of one's own would.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

Answer = Callable[[Sequence[Any]], Coroutine[Any, Any, T]]
"""Given the keys of all whom it answers, each once."""

KEYS_MOST = 1_000
"""Of one round, about: who comes after these waits for the next."""


class _Waiting(NamedTuple, Generic[K, T]):
    future: asyncio.Future[T | None]
    answer: Answer[T]
    keys: Sequence[K]


_Line = list[_Waiting[K, T]]


class Rounds(Generic[K, T]):
    """
    Of questions that are known by what they are: whatever an answer depends on is part of it, rights too. Of a question that is
    asked about things, by their keys, one answer is about all things that are asked about.
    """

    def __init__(self) -> None:
        self._lines: dict[Hashable, _Line[K, T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, question: Hashable, answer: Answer[T], keys: Sequence[K] = ()) -> T:
        """What `answer` gives, one's own or that of another who asked the same; raises only what one's own raises."""
        line = self._lines.get(question)
        if line is None:
            line = self._lines[question] = []
            task = asyncio.create_task(self._serve(question, line))
            self._tasks.add(task)
            task.add_done_callback(lambda ended: self._ended(ended, question, line))
        future: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        line.append(_Waiting(future, answer, keys))
        found = await future
        return await answer(keys) if found is None else found

    async def aclose(self) -> None:
        """Until nothing is under way any more."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None], question: Hashable, line: _Line[K, T]) -> None:
        """Also of a task that was cancelled before it began: then each who waits asks for themselves."""
        self._tasks.discard(task)
        if self._lines.get(question) is line:
            del self._lines[question]
        _give(line, None)

    async def _serve(self, question: Hashable, line: _Line[K, T]) -> None:
        """Round after round in a task of its own: whoever goes away takes nothing from the others."""
        while line:
            await asyncio.sleep(0)  # whoever comes in this turn of the loop comes along
            if waiting := _next(line):
                await _round(waiting)
        del self._lines[question]


def _next(line: _Line[K, T]) -> _Line[K, T]:
    """Take those whom a round answers, the first first; who has gone away meanwhile is let go."""
    waiting, about, passed = [], 0, 0
    for one in line:
        passed += 1
        if not one.future.done():
            waiting.append(one)
            about += len(one.keys)
        if about >= KEYS_MOST:
            break
    del line[:passed]
    return waiting


async def _round(waiting: _Line[K, T]) -> None:
    """After a fault each asks for themselves."""
    found: T | None = None
    try:
        first = waiting[0]
        keys = (
            first.keys
            if len(waiting) == 1
            else list(dict.fromkeys(key for one in waiting for key in one.keys))
        )
        found = await first.answer(keys)
    except Exception:  # noqa: BLE001  # it is raised again for those whose own answer fails
        found = None
    finally:
        _give(waiting, found)


def _give(waiting: _Line[K, T], found: T | None) -> None:
    for one in waiting:
        if not one.future.done():
            one.future.set_result(found)

"""
The same question, asked by many at once, is answered in rounds.

A round answers all who have asked by the time it begins; those who ask while it is under way are answered by the next one.
So an answer is always begun after it was asked for: it shows whatever was there by then, as an answer of one's own would.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

Answer = Callable[[], Coroutine[Any, Any, T]]

_Waiting = list[tuple[asyncio.Future[T | None], Answer[T]]]


class Rounds(Generic[T]):
    """Of questions that are known by a key: whatever an answer depends on is part of it, rights too."""

    def __init__(self) -> None:
        self._lines: dict[Hashable, _Waiting[T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, key: Hashable, answer: Answer[T]) -> T:
        """What `answer` gives, one's own or that of another who asked the same; raises only what one's own raises."""
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = []
            task = asyncio.create_task(self._serve(key, line))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        future: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        line.append((future, answer))
        found = await future
        return await answer() if found is None else found

    async def aclose(self) -> None:
        """Until nothing is under way any more."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, key: Hashable, line: _Waiting[T]) -> None:
        """Round after round in a task of its own: whoever goes away takes nothing from the others."""
        try:
            while line:
                await asyncio.sleep(0)  # whoever comes in this turn of the loop comes along
                waiting = [one for one in line if not one[0].done()]
                line.clear()
                if waiting:
                    await self._round(waiting)
        finally:
            del self._lines[key]
            _give(line, None)

    async def _round(self, waiting: _Waiting[T]) -> None:
        """After a fault each asks for themselves."""
        found: T | None = None
        try:
            found = await waiting[0][1]()
        except Exception:  # noqa: BLE001  # it is raised again for those whose own answer fails
            found = None
        finally:
            _give(waiting, found)


def _give(waiting: _Waiting[T], found: T | None) -> None:
    for future, _ in waiting:
        if not future.done():
            future.set_result(found)

"""What others tell us for a while: kept in this process, asked for by one at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from infra.outside import NoAnswer

T = TypeVar("T")

REST_SECONDS = 1.0
"""After a failure nobody asks for so long: those who wait their turn would wait for nothing."""


class Kept(Generic[T]):
    """
    A value and how long it is good, in seconds, as `ask` gives them; `ask` raises NoAnswer when it cannot.

    One that somebody found wanting is asked for anew, but not within `anew_after_seconds` of the last time.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[tuple[T, float]]],
        clock: Callable[[], float] = time.monotonic,
        anew_after_seconds: float = 0.0,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._anew_after = anew_after_seconds
        self._value: T | None = None
        self._until = self._resting_until = self._anew_from = float("-inf")
        self._asking = asyncio.Lock()

    async def get(self, *, wanting: T | None = None) -> T:
        """The value; another one than `wanting`, unless it is too early to ask again. NoAnswer when there is none."""
        async with self._asking:
            now = self._clock()
            if self._value is not None and now < self._until:
                if self._value != wanting or now < self._anew_from:
                    return self._value
                self._anew_from = now + self._anew_after
            if now < self._resting_until:
                raise NoAnswer
            self._value = None
            try:
                value, seconds = await self._ask()
            except NoAnswer:
                self._resting_until = self._clock() + REST_SECONDS
                raise
            self._value, self._until = value, now + seconds
            return value

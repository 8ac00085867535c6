"""
Work that is done piece by piece, each in a transaction of its own: long pieces, or such as must not share a lock.

The state of the rows is the queue, so that nothing can fall out of it. `take` locks the piece that is due the longest and
that nobody else has; whoever crashes leaves it as it was. A piece that fails is put off, and the others go on.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from domain.core.db import Write


@dataclass(frozen=True, slots=True)
class Piecework:
    name: str
    take: Callable[[Write], Awaitable[UUID | None]]
    do: Callable[[Write, UUID], Awaitable[None]]
    put_off: Callable[[Write, UUID], Awaitable[None]]

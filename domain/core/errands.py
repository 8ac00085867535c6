"""
Work that must ask the outside: an errand takes what is due, asks, and writes the answer down.

The outside is asked between two transactions, so that a slow one holds neither a lock nor a connection. Whoever takes
something puts it off in the same transaction: nobody else takes it meanwhile, and a crash only delays it. An answer may come
late, so `settle` must look whether it still answers what is asked now.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.core.db import Write

T = TypeVar("T")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Errand(Generic[T, A]):
    """`ask` gives None for what has no answer yet; it was put off already."""

    name: str
    take: Callable[[Write], Awaitable[Sequence[T]]]
    ask: Callable[[T], Awaitable[A | None]]
    settle: Callable[[Write, T, A], Awaitable[None]]
    side_by_side: int = 5
    """How many are asked at one time."""

"""
What a request asks for by keys: each key once, and those that are asked for in one turn of the loop together.

In place of Strawberry's own loader, of which this is one to whoever names its type: many keys cost one wait, and whoever
gives up waiting does not take the answer away from those who wait for the same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

K = TypeVar("K")
V = TypeVar("V")

Fetch = Callable[[list[K]], Awaitable[Mapping[Any, Any]]]


class Loader(DataLoader[K, V]):
    """`fetch` gives a mapping, by `identity` where keys are compared by that; what it lacks is None."""

    def __init__(self, fetch: Fetch[K], identity: Callable[[K], Hashable] | None = None) -> None:
        super().__init__(load_fn=self._unused)
        self._fetch = fetch
        self._identity: Callable[[K], Hashable] = identity or _itself
        self._rounds: dict[Hashable, asyncio.Task[Mapping[Any, Any]]] = {}
        self._next: asyncio.Task[Mapping[Any, Any]] | None = None
        self._keys: list[K] = []

    async def load(self, key: K) -> V:
        return (await self.load_many((key,)))[0]

    async def load_many(self, keys: Iterable[K]) -> list[V]:
        """In the order of the keys; raises what came of the fetch that one of them was in."""
        identities = [self._asked(key) for key in keys]
        for fetched in {self._rounds[identity] for identity in identities}:
            if not fetched.done():
                await asyncio.shield(fetched)
        return [self._rounds[identity].result().get(identity) for identity in identities]  # type: ignore[misc]  # what is lacking is None

    def _asked(self, key: K) -> Hashable:
        identity = self._identity(key)
        if identity not in self._rounds:
            if self._next is None:
                self._next = asyncio.get_running_loop().create_task(self._round())
            self._rounds[identity] = self._next
            self._keys.append(key)
        return identity

    async def _round(self) -> Mapping[Any, Any]:
        await asyncio.sleep(0)  # whoever comes in this turn of the loop comes along
        keys, self._keys, self._next = self._keys, [], None
        return await self._fetch(keys)

    async def _unused(self, _keys: list[K]) -> list[V]:
        raise NotImplementedError


def _itself(key: Any) -> Hashable:
    return key  # type: ignore[no-any-return]  # who has keys that are not hashable gives their identity


def keyed_loader(fetch: Fetch[K]) -> Loader[K, Any]:
    """A loader over a function that gives a mapping; what it lacks is None."""
    return Loader(fetch)

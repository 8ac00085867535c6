"""
What a request asks for by keys: each key once, and those that are asked for in one turn of the loop together.

In place of Strawberry's own loader: many keys cost one wait, and whoever
gives up waiting does not take the answer away from those who wait for the same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

Fetch = Callable[[list[K]], Awaitable[Mapping[Any, Any]]]


class Loader(Generic[K, V]):
    """`fetch` gives a mapping, by `identity` where keys are compared by that; what it lacks is None."""

    def __init__(self, fetch: Fetch[K], identity: Callable[[K], Hashable] | None = None) -> None:
        self._fetch = fetch
        self._identity = identity
        self._rounds: dict[Hashable, asyncio.Task[Mapping[Any, Any]]] = {}
        self._next: asyncio.Task[Mapping[Any, Any]] | None = None
        self._keys: list[K] = []

    async def load(self, key: K) -> V:
        return (await self.load_many((key,)))[0]

    async def load_many(self, keys: Iterable[K]) -> list[V]:
        """In the order of the keys; raises what came of the fetch that one of them was in."""
        asked = list(keys)
        identities = asked if self._identity is None else [self._identity(key) for key in asked]
        rounds = self._rounds
        for identity, key in zip(identities, asked, strict=True):
            if identity not in rounds:
                rounds[identity] = self._begun()
                self._keys.append(key)
        fetched = {rounds[identity] for identity in identities}
        for task in fetched:
            if not task.done():
                await asyncio.shield(task)
        if len(fetched) == 1:
            found = fetched.pop().result()
            return [found.get(identity) for identity in identities]  # type: ignore[misc]  # what is lacking is None
        return [rounds[identity].result().get(identity) for identity in identities]  # type: ignore[misc]  # as above

    def _begun(self) -> asyncio.Task[Mapping[Any, Any]]:
        """The round that a new key comes along with."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_task(self._round())
        return self._next

    async def _round(self) -> Mapping[Any, Any]:
        await asyncio.sleep(0)  # whoever comes in this turn of the loop comes along
        keys, self._keys, self._next = self._keys, [], None
        return await self._fetch(keys)


def keyed_loader(fetch: Fetch[K]) -> Loader[K, Any]:
    """A loader over a function that gives a mapping; what it lacks is None."""
    return Loader(fetch)

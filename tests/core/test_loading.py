"""Loaders: each key once, together, and nobody's giving up takes the answer from others."""

import asyncio

import pytest

from graph.core.loading import Loader, keyed_loader


class Asked:
    """A fetch that notes what it was asked for, waits until it may answer, and knows no key below zero."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.rounds: list[list[int]] = []
        self.may_answer = asyncio.Event()
        self.fault = fault

    async def __call__(self, keys: list[int]) -> dict[int, str]:
        self.rounds.append(keys)
        await self.may_answer.wait()
        if self.fault is not None:
            raise self.fault
        return {key: str(key) for key in keys if key >= 0}


async def test_keys_of_one_turn_are_fetched_together_and_once() -> None:
    asked = Asked()
    asked.may_answer.set()
    loader = keyed_loader(asked)
    found = await asyncio.gather(loader.load(1), loader.load_many([2, 1, -1]), loader.load(1))
    assert found == ["1", ["2", "1", None], "1"]
    assert await loader.load_many([1, 3]) == ["1", "3"]
    assert asked.rounds == [[1, 2, -1], [3]]


async def test_who_gives_up_takes_nothing_from_others() -> None:
    asked = Asked()
    loader = keyed_loader(asked)
    gives_up, waits = (asyncio.create_task(loader.load(1)) for _ in range(2))
    await asyncio.sleep(0.01)
    gives_up.cancel()
    await asyncio.sleep(0)
    asked.may_answer.set()
    assert await waits == "1"
    assert gives_up.cancelled()
    assert asked.rounds == [[1]]


async def test_a_fault_is_told_to_everybody_who_asked() -> None:
    asked = Asked(ValueError("away"))
    asked.may_answer.set()
    loader = keyed_loader(asked)
    found = await asyncio.gather(loader.load(1), loader.load_many([2, 1]), return_exceptions=True)
    assert [str(fault) for fault in found] == ["away", "away"]
    with pytest.raises(ValueError, match="away"):
        await loader.load(2)


async def test_keys_may_be_compared_by_what_they_are_of() -> None:
    loader: Loader[list[int], int] = Loader(_first, identity=lambda key: key[0])
    assert await loader.load_many([[1, 2], [1, 3]]) == [2, 2]


async def _first(keys: list[list[int]]) -> dict[int, int]:
    return {key[0]: key[1] for key in keys}

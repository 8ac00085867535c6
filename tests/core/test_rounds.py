"""The same question asked by many at once."""

import asyncio
from collections.abc import Sequence

import pytest

from domain.core.rounds import Rounds


class World:
    """Something that changes, and takes a while to be looked at."""

    def __init__(self) -> None:
        self.value = 0
        self.looks = 0

    async def look(self, _keys: Sequence[int] = ()) -> int:
        self.looks += 1
        seen = self.value
        await asyncio.sleep(0.005)
        return seen + 100

    async def fail(self, _keys: Sequence[int]) -> int:
        self.looks += 1
        await asyncio.sleep(0.005)
        raise LookupError


async def test_those_who_ask_together_are_answered_by_one_look() -> None:
    world, rounds = World(), Rounds[int, int]()
    assert await asyncio.gather(*(rounds.ask("how much", world.look) for _ in range(50))) == [100] * 50
    assert world.looks == 1


async def test_who_asks_while_a_round_is_under_way_is_answered_by_the_next() -> None:
    world, rounds = World(), Rounds[int, int]()

    async def change_and_ask() -> None:
        await asyncio.sleep(0.0003)  # in the middle of somebody's look, most of the time
        world.value = mine = world.value + 1
        assert await rounds.ask("how much", world.look) >= mine + 100

    for _ in range(20):
        await asyncio.gather(*(change_and_ask() for _ in range(20)), rounds.ask("how much", world.look))
    assert world.looks <= 20 * 6


async def test_different_questions_do_not_wait_for_one_another() -> None:
    rounds = Rounds[int, int]()
    release = asyncio.Event()

    async def slow(_keys: Sequence[int]) -> int:
        await release.wait()
        return 1

    waiting = asyncio.create_task(rounds.ask("slow", slow))
    assert await rounds.ask("quick", World().look) == 100
    release.set()
    assert await waiting == 1


async def test_after_a_fault_each_asks_for_themselves() -> None:
    world, rounds = World(), Rounds[int, int]()
    asked = [rounds.ask("how much", ask) for ask in (world.fail, world.look, world.look)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(found[0], LookupError)
    assert found[1:] == [100, 100]


async def test_one_answer_is_about_all_things_that_are_asked_about() -> None:
    rounds = Rounds[int, dict[int, int]]()
    asked: list[list[int]] = []

    async def squares(keys: Sequence[int]) -> dict[int, int]:
        asked.append(sorted(keys))
        await asyncio.sleep(0.002)
        return {key: key * key for key in keys}

    async def square(*keys: int) -> list[int]:
        found = await rounds.ask("squares", squares, keys)
        return [found[key] for key in keys]

    assert await asyncio.gather(square(1, 2), square(2, 3), square(4)) == [[1, 4], [4, 9], [16]]
    assert asked == [[1, 2, 3, 4]]
    await asyncio.gather(*(square(number) for number in range(2_500)))
    assert [len(keys) for keys in asked[1:]] == [1_000, 1_000, 500]


@pytest.mark.parametrize("gone", [0, 1])
async def test_who_goes_away_takes_nothing_from_the_others(gone: int) -> None:
    world, rounds = World(), Rounds[int, int]()
    tasks = [asyncio.create_task(rounds.ask("how much", world.look)) for _ in range(3)]
    await asyncio.sleep(0.001)
    tasks[gone].cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [one for one in found if one == 100] == [100, 100]
    assert await rounds.ask("how much", world.look) == 100


async def test_nothing_is_left_when_it_is_closed() -> None:
    world, rounds = World(), Rounds[int, int]()

    task = asyncio.create_task(rounds.ask("how much", world.look))
    await asyncio.sleep(0.001)
    task.cancel()
    await rounds.aclose()
    assert world.looks == 1
    assert not rounds._lines
    assert not rounds._tasks


async def test_a_round_that_is_cancelled_before_it_begins_leaves_nobody_waiting() -> None:
    world, rounds = World(), Rounds[int, int]()
    asking = asyncio.create_task(rounds.ask("how much", world.look))
    await asyncio.sleep(0)
    for task in rounds._tasks:
        task.cancel()
    assert await asyncio.wait_for(asking, 5) == 100
    assert await asyncio.wait_for(rounds.ask("how much", world.look), 5) == 100
    assert not rounds._lines

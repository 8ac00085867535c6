"""Requests that are gathered: order, one another's faults, those who go away, those who come again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from domain.core.actors import Actor
from domain.core.gathering import AGAIN, AT_ONCE, Answer, Decide, Gatherings, Work
from domain.core.idempotency import Outcome


class Transactions:
    """Counts transactions; how each ended."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def read(self) -> Any:
        raise NotImplementedError

    @asynccontextmanager
    async def write(self, actor: Actor) -> AsyncIterator[Any]:
        try:
            yield None
        except Exception:
            self.ended.append("rolled back")
            raise
        self.ended.append("committed")


def one_thing(decide: Decide[int]) -> Work[int]:
    """All numbers are for the same thing."""
    return Work(decide, thing=inn)


def inn(number: int) -> str:
    return "inn"


def own(number: int) -> int:
    return number // 100


def outcome(number: int) -> Outcome:
    return Outcome(record_id=UUID(int=number))


async def test_those_who_come_meanwhile_are_decided_together_in_order() -> None:
    transactions, batches = Transactions(), []

    async def decide(tx: Any, asked: Sequence[int]) -> Sequence[Answer]:
        batches.append(list(asked))
        await asyncio.sleep(0.01)
        return [outcome(number) for number in asked]

    gatherings = Gatherings(transactions)
    first = asyncio.create_task(gatherings.ask(one_thing(decide), 0))
    await asyncio.sleep(0)
    others = [gatherings.ask(one_thing(decide), number) for number in range(1, 100)]
    answers = await asyncio.gather(first, *others)

    assert answers == [outcome(number) for number in range(100)]
    assert batches == [[0], list(range(1, AT_ONCE + 1)), list(range(AT_ONCE + 1, 100))]
    assert transactions.ended == ["committed"] * 3


async def test_a_work_says_how_many_share_a_transaction() -> None:
    batches = list[int]()

    async def decide(tx: Any, asked: Sequence[int]) -> Sequence[Answer]:
        batches.append(len(asked))
        await asyncio.sleep(0)
        return [outcome(number) for number in asked]

    work, gatherings = Work(decide, thing=inn, most=3 * AT_ONCE), Gatherings(Transactions())
    crowd = range(4 * AT_ONCE)
    assert await asyncio.gather(*(gatherings.ask(work, number) for number in crowd)) == list(
        map(outcome, crowd)
    )
    assert batches == [3 * AT_ONCE, AT_ONCE]


async def test_who_has_gone_away_is_not_tried_again_when_the_others_are() -> None:
    tried, gatherings = list[int](), Gatherings(Transactions())

    async def decide(tx: Any, asked: Sequence[int]) -> Sequence[Answer]:
        tried.extend(asked)
        if len(asked) > 1:
            crowd[1].cancel()
            await asyncio.sleep(0)
            raise ValueError("all of them")
        return [outcome(number) for number in asked]

    work = one_thing(decide)
    crowd = [asyncio.create_task(gatherings.ask(work, number)) for number in range(3)]
    await asyncio.gather(*crowd, return_exceptions=True)
    assert [task.cancelled() for task in crowd] == [False, True, False]
    assert tried == [0, 1, 2, 0, 2]


async def test_a_crowd_that_comes_at_once_begins_one_transaction_for_each_thing() -> None:
    """What each of them would begin beyond that finds nobody left, and costs all the same."""
    transactions = Transactions()

    async def decide(tx: Any, asked: Sequence[int]) -> Sequence[Answer]:
        return [outcome(number) for number in asked]

    work, gatherings = Work(decide, thing=own), Gatherings(transactions)
    crowd = [asyncio.create_task(gatherings.ask(work, number)) for number in range(300)]
    await asyncio.sleep(0)

    assert len(gatherings._tasks) == 3
    assert await asyncio.gather(*crowd) == [outcome(number) for number in range(300)]
    await gatherings.aclose()
    assert transactions.ended == ["committed"] * 6


async def test_things_do_not_wait_for_each_other() -> None:
    going = asyncio.Event()

    async def decide(tx: Any, asked: Sequence[int]) -> Sequence[Answer]:
        if asked[0] < 100:
            await going.wait()
        return [outcome(number) for number in asked]

    work, gatherings = Work(decide, thing=own), Gatherings(Transactions())
    slow = asyncio.create_task(gatherings.ask(work, 1))
    assert await gatherings.ask(work, 200) == outcome(200)
    assert not slow.done()
    going.set()
    assert await slow == outcome(1)


async def test_different_things_share_a_transaction_where_they_may() -> None:
    going, batches = asyncio.Event(), list[list[int]]()

    async def decide(tx: Any, asked: Sequence[int]) -> Sequence[Answer]:
        batches.append(list(asked))
        await going.wait()
        return [outcome(number) for number in asked]

    work, gatherings = Work(decide, thing=own, together=True), Gatherings(Transactions())
    asking = []
    # 0 is in hand; 1 and 2 are for the same thing, the rest is gathered meanwhile.
    for number in (0, 1, 900, 2, 800, 901):
        asking.append(asyncio.create_task(gatherings.ask(work, number)))
        await asyncio.sleep(0.001)
    assert batches == [[0]]
    going.set()
    await asyncio.gather(*asking)
    assert batches == [[0], [900, 901, 800, 1, 2]]


async def test_a_transaction_that_takes_long_holds_nobody_else_up() -> None:
    going, batches = asyncio.Event(), list[list[int]]()

    async def decide(tx: Any, asked: Sequence[int]) -> Sequence[Answer]:
        batches.append(list(asked))
        if asked[0] == 0:
            await going.wait()
        return [outcome(number) for number in asked]

    work, gatherings = Work(decide, thing=own, together=True), Gatherings(Transactions())
    slow = [asyncio.create_task(gatherings.ask(work, 0))]
    await asyncio.sleep(0)
    slow.append(asyncio.create_task(gatherings.ask(work, 1)))
    answers = await asyncio.gather(*(gatherings.ask(work, number) for number in (100, 200)))
    assert answers == [outcome(100), outcome(200)]
    assert batches == [[0], [100, 200]]
    going.set()
    assert await asyncio.gather(*slow) == [outcome(0), outcome(1)]
    await gatherings.aclose()


async def test_who_comes_again_shares_no_transaction_with_other_things() -> None:
    seen: list[list[int]] = []

    async def decide(tx: Any, asked: Sequence[int]) -> Sequence[Answer]:
        seen.append(list(asked))
        if asked[0] == 100:
            await asyncio.sleep(0.03)  # meanwhile 0 may come again, and others wait too
        return [AGAIN if number == 0 and len(seen) == 1 else outcome(number) for number in asked]

    work, gatherings = Work(decide, thing=own, together=True), Gatherings(Transactions())
    asking = []
    for number in (0, 100, 200, 300):
        asking.append(asyncio.create_task(gatherings.ask(work, number)))
        await asyncio.sleep(0.0005)
    assert await asyncio.gather(*asking) == [outcome(number) for number in (0, 100, 200, 300)]
    assert [0] in seen[1:]
    assert [200, 300] in seen


async def test_one_persons_fault_is_theirs_alone() -> None:
    transactions = Transactions()

    async def decide(tx: Any, asked: Sequence[int]) -> Sequence[Answer]:
        if 3 in asked:
            raise ValueError("three")
        return [outcome(number) for number in asked]

    gatherings = Gatherings(transactions)
    answers = await asyncio.gather(
        *(gatherings.ask(one_thing(decide), number) for number in range(5)), return_exceptions=True
    )

    assert [answer for answer in answers if isinstance(answer, Outcome)] == [outcome(n) for n in (0, 1, 2, 4)]
    assert isinstance(answers[3], ValueError)
    assert transactions.ended.count("rolled back") == 2


async def test_who_could_not_be_decided_comes_again_before_those_behind() -> None:
    seen: list[list[int]] = []

    async def decide(tx: Any, asked: Sequence[int]) -> Sequence[Answer]:
        seen.append(list(asked))
        return [AGAIN if number == 1 and len(seen) < 3 else outcome(number) for number in asked]

    gatherings = Gatherings(Transactions())
    answers = await asyncio.gather(*(gatherings.ask(one_thing(decide), number) for number in range(3)))

    assert answers == [outcome(0), outcome(1), outcome(2)]
    assert seen == [[0, 1, 2], [1], [1]]


async def test_who_has_gone_away_is_let_go() -> None:
    going, seen = asyncio.Event(), list[int]()

    async def decide(tx: Any, asked: Sequence[int]) -> Sequence[Answer]:
        seen.extend(asked)
        await going.wait()
        return [outcome(number) for number in asked]

    gatherings = Gatherings(Transactions())
    first = asyncio.create_task(gatherings.ask(one_thing(decide), 1))
    await asyncio.sleep(0)
    second, third = [asyncio.create_task(gatherings.ask(one_thing(decide), n)) for n in (2, 3)]
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    going.set()
    assert [await first, await third] == [outcome(1), outcome(3)]
    assert seen == [1, 3]
    await gatherings.aclose()

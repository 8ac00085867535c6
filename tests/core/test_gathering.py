"""Requests that are gathered: order, one another's faults, those who go away, those who come again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from domain.core.actors import Actor
from domain.core.gathering import AGAIN, AT_ONCE, Answer, Gatherings
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


def outcome(number: int) -> Outcome:
    return Outcome(record_id=UUID(int=number))


async def test_those_who_come_meanwhile_are_decided_together_in_order() -> None:
    transactions, batches = Transactions(), []

    async def work(tx: Any, key: object, asked: Sequence[int]) -> Sequence[Answer]:
        batches.append(list(asked))
        await asyncio.sleep(0.01)
        return [outcome(number) for number in asked]

    gatherings = Gatherings(transactions)
    first = asyncio.create_task(gatherings.ask(work, "inn", 0))
    await asyncio.sleep(0)
    others = [gatherings.ask(work, "inn", number) for number in range(1, 100)]
    answers = await asyncio.gather(first, *others)

    assert answers == [outcome(number) for number in range(100)]
    assert batches == [[0], list(range(1, AT_ONCE + 1)), list(range(AT_ONCE + 1, 100))]
    assert transactions.ended == ["committed"] * 3


async def test_things_do_not_wait_for_each_other() -> None:
    going = asyncio.Event()

    async def work(tx: Any, key: object, asked: Sequence[int]) -> Sequence[Answer]:
        if key == "slow":
            await going.wait()
        return [outcome(number) for number in asked]

    gatherings = Gatherings(Transactions())
    slow = asyncio.create_task(gatherings.ask(work, "slow", 1))
    assert await gatherings.ask(work, "quick", 2) == outcome(2)
    assert not slow.done()
    going.set()
    assert await slow == outcome(1)


async def test_one_persons_fault_is_theirs_alone() -> None:
    transactions = Transactions()

    async def work(tx: Any, key: object, asked: Sequence[int]) -> Sequence[Answer]:
        if 3 in asked:
            raise ValueError("three")
        return [outcome(number) for number in asked]

    gatherings = Gatherings(transactions)
    answers = await asyncio.gather(
        *(gatherings.ask(work, "inn", number) for number in range(5)), return_exceptions=True
    )

    assert [answer for answer in answers if isinstance(answer, Outcome)] == [outcome(n) for n in (0, 1, 2, 4)]
    assert isinstance(answers[3], ValueError)
    assert transactions.ended.count("rolled back") == 2


async def test_who_could_not_be_decided_comes_again_before_those_behind() -> None:
    seen: list[list[int]] = []

    async def work(tx: Any, key: object, asked: Sequence[int]) -> Sequence[Answer]:
        seen.append(list(asked))
        return [AGAIN if number == 1 and len(seen) < 3 else outcome(number) for number in asked]

    gatherings = Gatherings(Transactions())
    answers = await asyncio.gather(*(gatherings.ask(work, "inn", number) for number in range(3)))

    assert answers == [outcome(0), outcome(1), outcome(2)]
    assert seen == [[0, 1, 2], [1], [1]]


async def test_who_has_gone_away_is_let_go() -> None:
    going, seen = asyncio.Event(), list[int]()

    async def work(tx: Any, key: object, asked: Sequence[int]) -> Sequence[Answer]:
        seen.extend(asked)
        await going.wait()
        return [outcome(number) for number in asked]

    gatherings = Gatherings(Transactions())
    first = asyncio.create_task(gatherings.ask(work, "inn", 1))
    await asyncio.sleep(0)
    second, third = [asyncio.create_task(gatherings.ask(work, "inn", n)) for n in (2, 3)]
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    going.set()
    assert [await first, await third] == [outcome(1), outcome(3)]
    assert seen == [1, 3]
    await gatherings.aclose()

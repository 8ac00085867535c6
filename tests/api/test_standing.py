"""Whose credentials are good is asked for many at once; what fails, fails for those it was asked for."""

import asyncio
from collections.abc import Collection, Mapping

import pytest

from api.standing import Roll
from domain.core.actors import Actor, Anonymous

PATIENCE_SECONDS = 10


class Looking:
    """The database, as a look at it sees it: each look is ended by the test."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []
        self._begun: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()

    async def __call__(self, asked: Collection[str]) -> Mapping[str, Actor]:
        self.asked.append(set(asked))
        end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._begun.put_nowait(end)
        await end
        return dict.fromkeys(asked, Anonymous())

    async def begun(self) -> asyncio.Future[None]:
        """The end of the next look, once it has begun."""
        return await asyncio.wait_for(self._begun.get(), PATIENCE_SECONDS)


async def test_who_waits_for_the_next_look_is_not_told_that_this_one_failed() -> None:
    look = Looking()
    roll: Roll[str] = Roll(look)
    early = asyncio.create_task(roll.actor("early", 1.0))
    first = await look.begun()
    late = [asyncio.create_task(roll.actor(each, 1.0)) for each in ("late", "early", "late")]
    await asyncio.sleep(0)

    first.set_exception(ConnectionResetError())
    (await look.begun()).set_result(None)

    with pytest.raises(ConnectionResetError):
        await early
    assert await asyncio.gather(*late) == [Anonymous()] * 3
    assert look.asked == [{"early"}, {"late", "early"}]


async def test_when_that_one_fails_too_they_are_told() -> None:
    look = Looking()
    roll: Roll[str] = Roll(look)
    early = asyncio.create_task(roll.actor("early", 1.0))
    first = await look.begun()
    late = asyncio.create_task(roll.actor("late", 1.0))
    await asyncio.sleep(0)

    first.set_exception(ConnectionResetError())
    (await look.begun()).set_exception(ConnectionRefusedError())

    with pytest.raises(ConnectionResetError):
        await early
    with pytest.raises(ConnectionRefusedError):
        await late
    assert look.asked == [{"early"}, {"late"}]


async def test_after_a_failure_others_are_answered() -> None:
    look = Looking()
    roll: Roll[str] = Roll(look)
    early = asyncio.create_task(roll.actor("early", 1.0))
    (await look.begun()).set_exception(ConnectionResetError())
    with pytest.raises(ConnectionResetError):
        await early

    again = asyncio.create_task(roll.actor("early", 1.0))
    (await look.begun()).set_result(None)

    assert await again == Anonymous()

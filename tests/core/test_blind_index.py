"""Sealed values are found and stay unique, whichever keys the processes have."""

import asyncio
from uuid import UUID, uuid4

import pytest
from support.house import TEST_KEYS, House

from domain.core.actors import System
from domain.core.blind_index import claim, claim_all, owner, owners, release
from domain.core.refusals import ErrorCode, Refusal
from domain.core.sealing import Sealer
from infra.keys import new_key, parse_keys
from infra.sealing import RingSealer

NEW_KEY = new_key("test2")
OLD, APPENDED, IN_FRONT, NEW = (
    RingSealer(parse_keys(ring))
    for ring in (TEST_KEYS, f"{TEST_KEYS},{NEW_KEY}", f"{NEW_KEY},{TEST_KEYS}", NEW_KEY)
)


class Taken(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh, en = "已被占用。", "Taken already."


async def claimed(house: House, sealer: Sealer, text: str, by: UUID) -> bool:
    try:
        async with house.database.write(System()) as tx:
            await claim(tx, sealer, "colour", text, by, Taken("colour"))
    except Taken:
        return False
    return True


async def owner_of(house: House, sealer: Sealer, text: str) -> UUID | None:
    async with house.looking() as db:
        return await owner(db, sealer, "colour", text)


async def test_a_value_has_one_owner_until_it_is_released(house: House) -> None:
    first, second = uuid4(), uuid4()
    assert await claimed(house, OLD, "红", first)
    assert await claimed(house, OLD, "红", first), "one's own is no other's"
    assert not await claimed(house, OLD, "红", second)
    assert await owner_of(house, OLD, "红") == first

    assert await claimed(house, OLD, "黄", first), "in place of the one before"
    assert await owner_of(house, OLD, "红") is None
    assert await claimed(house, OLD, "红", second)

    async with house.database.write(System()) as tx:
        await release(tx, first)
    assert await owner_of(house, OLD, "黄") is None


async def test_a_refused_claim_leaves_the_value_one_had(house: House) -> None:
    first, second = uuid4(), uuid4()
    await claimed(house, OLD, "蓝", first)
    await claimed(house, OLD, "绿", second)
    assert not await claimed(house, OLD, "蓝", second)
    assert await owner_of(house, OLD, "绿") == second


async def test_many_at_once_are_all_or_none(house: House) -> None:
    ids = [uuid4() for _ in range(5)]
    async with house.database.write(System()) as tx:
        await claim_all(tx, OLD, "colour", {key: f"色{n}" for n, key in enumerate(ids)}, Taken())
    with pytest.raises(Taken):
        async with house.database.write(System()) as tx:
            await claim_all(tx, OLD, "colour", {uuid4(): "色9", uuid4(): "色3"}, Taken())
    async with house.looking() as db:
        assert await owners(db, OLD, "colour", ["色0", "色3", "色9"]) == {"色0": ids[0], "色3": ids[3]}


@pytest.mark.parametrize("sealers", [(OLD, APPENDED), (APPENDED, IN_FRONT), (IN_FRONT, NEW), (OLD, OLD)])
async def test_of_many_who_claim_one_value_at_once_one_gets_it_also_while_keys_change(
    house: House, sealers: tuple[Sealer, Sealer]
) -> None:
    """Rings that follow each other in a change of keys, in two processes."""
    text = uuid4().hex
    people = [uuid4() for _ in range(10)]
    won = await asyncio.gather(
        *(claimed(house, sealers[number % 2], text, key) for number, key in enumerate(people))
    )
    assert sum(won) == 1
    for sealer in sealers:
        assert await owner_of(house, sealer, text) == people[won.index(True)]

"""A sign-in by another's door that waits for an account while the account changes."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from races.racing import outside, waiting
from support.doors import afresh, house_of_wechat, stray_indexes, youth_by_wechat
from support.house import House
from support.outside import open_to_all
from support.wechat import User, Wechat

from domain.accounts.enrolling import PHONE_INDEX, PhoneTaken
from domain.accounts.youths import locked_youth
from domain.core.actors import System
from domain.core.blind_index import claim
from infra.embedded.services import Services


@pytest.fixture(scope="module")
def wechat() -> Iterator[Wechat]:
    with open_to_all(Wechat()) as made:
        yield made


@pytest.fixture(scope="module")
async def house(database_url: str, servers: Services, wechat: Wechat) -> AsyncIterator[House]:
    async with house_of_wechat(database_url, servers.redis_url, wechat) as opened:
        await afresh(opened, wechat)
        yield opened


async def test_a_number_that_is_given_up_meanwhile_leads_nowhere(
    house: House, wechat: Wechat, database_url: str
) -> None:
    # given a youth, of whose number somebody comes while the youth changes it
    youth = await house.youth()
    user = User("openid-late", number=youth.phone.removeprefix("+86"))
    async with outside(database_url) as watcher:
        async with house.database.write(System()) as tx:
            await locked_youth(tx, youth.key)
            coming = asyncio.create_task(youth_by_wechat(house, wechat, user, phone=True))
            await waiting(watcher, 1)

            # when the change is done
            sealer = house.runtime.ports.sealer
            await claim(tx, sealer, PHONE_INDEX, "+85261000099", youth.key, PhoneTaken())
        came = await coming

    # then the youth is not entered by a number that is no longer theirs
    assert came["id"] != youth.id
    assert came["phone"] == youth.phone
    assert await stray_indexes(house) == 0

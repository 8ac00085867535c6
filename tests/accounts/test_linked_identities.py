"""What is kept of a linked identity: shown in an export, gone with the account, made anew when the keys change."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import sqlalchemy as sa
from races.racing import outside, waiting
from support.client import Client
from support.doors import afresh, by_wechat, house_of_wechat, links, stray_indexes, youth_by_wechat, youths
from support.house import House
from support.outside import open_to_all
from support.rings import IN_FRONT, NEW, quiet, sealer_of
from support.texts import played
from support.wechat import APP_ID, User, Wechat

from domain.accounts.doors import Proven, Subject
from domain.accounts.erasing import _erase_all
from domain.accounts.linking import youth_of_proof
from domain.accounts.models import Provider, YouthRow
from domain.accounts.youths import locked_youth
from domain.core.actors import System
from domain.holdings import HOLDINGS
from graph.core.ids import Tag, decode
from infra.embedded.services import Services
from infra.rotation.resealing import rotate


@pytest.fixture(scope="module")
def wechat() -> Iterator[Wechat]:
    with open_to_all(Wechat()) as made:
        yield made


@pytest.fixture(scope="module")
async def house(database_url: str, servers: Services, wechat: Wechat) -> AsyncIterator[House]:
    async with house_of_wechat(database_url, servers.redis_url, wechat) as opened:
        yield opened


@pytest.fixture(autouse=True)
async def clean(house: House, wechat: Wechat) -> AsyncIterator[None]:
    await afresh(house, wechat)
    yield
    assert await stray_indexes(house) == 0


async def test_a_youth_is_shown_it_in_an_export(house: House, wechat: Wechat) -> None:
    payload = await by_wechat(house, wechat, User("openid-shown", "union-shown"))
    client = Client(house.http, payload["accessToken"])
    await client.done("exportMyData", "dataExport { status }", idempotencyKey="key")
    await house.work()
    found = await client.run("{ viewer { youth { dataExport { downloadUrl } } } }")
    holdings = (await house.http.get(found["viewer"]["youth"]["dataExport"]["downloadUrl"])).json()[
        "holdings"
    ]
    shown = {row["provider"]: row["subject"] for row in holdings["linkedIdentities"]["rows"]}
    assert shown == {"WECHAT_OPENID": f"{APP_ID} openid-shown", "WECHAT_UNIONID": "union-shown"}


async def test_it_goes_with_the_account_and_then_leads_to_a_new_one(
    house: House, wechat: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a youth of WeChat who has asked to be erased
    others = await links(house)
    texts, user = played(house, monkeypatch), User("openid-gone", "union-gone", number="14000002001")
    payload = await by_wechat(house, wechat, user, phone=True)
    client = Client(house.http, payload["accessToken"])
    code = await texts.code("+8614000002001", "DELETE_ACCOUNT")
    receipt = (await client.done("deleteMyAccount", "receiptCode", code=code))["receiptCode"]
    assert len(await links(house)) == len(others) + 2

    # when it has happened
    with house.clock.moved(days=7):
        await house.work()

    # then nothing of it is left, and the same person is a new youth
    assert await links(house) == others
    told = (await house.http.get(f"/erasure-receipts/{receipt}")).json()
    rows = {each["holding"]: each["rows"] for each in told["receipt"]["holdings"]}
    assert (rows["linkedIdentities"], rows["linkedLookupKeys"]) == (2, 2)
    again = await youth_by_wechat(house, wechat, user, phone=True)
    assert again["id"] != payload["viewer"]["youth"]["id"]
    assert again["phone"] == "+8614000002001"


async def test_who_comes_while_the_account_is_erased_is_a_new_youth(
    house: House, wechat: Wechat, database_url: str
) -> None:
    user = User("openid-late", number="14000002002")
    first = await youth_by_wechat(house, wechat, user, phone=True)
    key, before = decode(Tag.Youth, first["id"]), await youths(house)
    async with outside(database_url) as watcher:
        async with house.database.write(System()) as tx:
            await locked_youth(tx, key)
            coming = asyncio.create_task(youth_by_wechat(house, wechat, user, phone=True))
            await waiting(watcher, 1)
            await _erase_all(tx, HOLDINGS, key)
            await tx.execute(sa.update(YouthRow).where(YouthRow.id == key).values(erased_at=tx.now))  # type: ignore[arg-type]  # SQLModel's attributes are columns of the class
        came = await coming
    assert came["id"] != first["id"]
    assert came["phone"] == first["phone"]
    assert await youths(house) == before + 1


async def test_it_is_sealed_and_found_by_the_newest_key_alone_after_a_change(
    house: House, wechat: Wechat
) -> None:
    user = User("openid-rotated", "union-rotated")
    first = await youth_by_wechat(house, wechat, user)

    done = await rotate(house.database, sealer_of(IN_FRONT), quiet)

    assert done.complete
    assert done.resealed >= 2
    newest = sealer_of(NEW)
    for subject in (
        Subject(Provider.WECHAT_OPENID, APP_ID, "openid-rotated"),
        Subject(Provider.WECHAT_UNIONID, "", "union-rotated"),
    ):
        async with house.database.write(System()) as tx:
            assert await youth_of_proof(tx, newest, Proven((subject,))) == decode(Tag.Youth, first["id"])

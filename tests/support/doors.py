"""What tests of the doors of others ask again and again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from support.client import Client
from support.house import House, open_house, settings_for
from support.wechat import SECRET, User, Wechat

from infra.kept import Kept

PAIR = "accessToken refreshToken viewer { youth { id phone } }"


@asynccontextmanager
async def house_of_wechat(database_url: str, redis_url: str, wechat: Wechat) -> AsyncIterator[House]:
    """A house with a mini-program, whose WeChat is played."""
    settings = settings_for(
        database_url,
        redis_url,
        wechat_app_id=wechat.app_id,
        wechat_secret=SECRET,
        wechat_url=wechat.address,
    )
    async with open_house(settings) as opened:
        yield opened


async def afresh(house: House, wechat: Wechat) -> None:
    """Nothing counted, nothing kept, nothing played instead."""
    await house.runtime.redis.flushdb()
    door = house.runtime.ports.mini_program
    door._token = Kept(door._ask_token)
    wechat.reset()


async def by_wechat(house: House, wechat: Wechat, user: User, *, phone: bool = False) -> dict[str, Any]:
    """The payload of a sign-in; with the user's number where it is wanted."""
    given = {"code": wechat.login(user)} | ({"phoneCode": wechat.phone(user)} if phone else {})
    return await house.anyone.mutate("signInWithWechat", PAIR, **given)


async def youth_by_wechat(house: House, wechat: Wechat, user: User, *, phone: bool = False) -> dict[str, Any]:
    """The youth of a sign-in that must succeed."""
    payload = await by_wechat(house, wechat, user, phone=phone)
    assert payload["userErrors"] == [], payload
    return payload["viewer"]["youth"]


def reasons(payload: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    return [(reason["code"], reason["field"]) for reason in payload["userErrors"]]


async def consents(house: House, payload: dict[str, Any]) -> list[str]:
    """What whoever has just signed in agreed to."""
    seen = await Client(house.http, payload["accessToken"]).run(
        "{ viewer { youth { consents { purpose withdrawnAt } } } }"
    )
    return [row["purpose"] for row in seen["viewer"]["youth"]["consents"] if row["withdrawnAt"] is None]


async def links(house: House) -> list[tuple[str, str]]:
    """The provider and realm of each identity that is linked."""
    async with house.looking() as db:
        rows = await db.rows(
            sa.text("SELECT provider, realm FROM accounts_external_identity ORDER BY linked_at, provider")
        )
    return [tuple(row) for row in rows]


async def youths(house: House) -> int:
    async with house.looking() as db:
        return int(await db.scalar(sa.text("SELECT count(*) FROM accounts_youth")))


async def stray_indexes(house: House) -> int:
    """Indexed subjects whose identity is gone, and identities that nobody finds: there must be none."""
    async with house.looking() as db:
        return int(
            await db.scalar(
                sa.text("""
                    SELECT count(*) FROM accounts_external_identity e
                    FULL JOIN (SELECT * FROM core_blind_index WHERE purpose NOT IN ('phone', 'identity')) b
                        ON b.owner_id = e.id
                    WHERE e.id IS NULL OR b.owner_id IS NULL""")
            )
        )

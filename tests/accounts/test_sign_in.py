"""Phone sign-in and sessions, through the contract's operations."""

import asyncio
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from support.client import Client
from support.house import House

PAIR = "accessToken accessTokenExpiresAt refreshToken viewer { youth { id phone } }"


class Inbox:
    """Plays the gateway of text messages."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    async def send_code(self, phone: str, code: str) -> None:
        self.sent.append((phone, code))

    def last(self, phone: str) -> str:
        return next(code for number, code in reversed(self.sent) if number == phone)


@pytest.fixture
async def texts(house: House, monkeypatch: pytest.MonkeyPatch) -> Inbox:
    inbox = Inbox()
    monkeypatch.setattr(house.runtime.ports.codes, "_texts", inbox)
    await house.runtime.redis.flushdb()
    return inbox


async def asked(house: House, texts: Inbox, phone: str) -> str:
    await house.anyone.done("requestPhoneCode", "expiresAt resendAfterSeconds", phone=phone)
    return texts.last(phone)


async def signed_in(house: House, texts: Inbox, phone: str) -> dict[str, Any]:
    code = await asked(house, texts, phone)
    return await house.anyone.done("signInWithPhone", PAIR, phone=phone, code=code)


def as_youth(house: House, pair: dict[str, Any]) -> Client:
    return Client(house.http, pair["accessToken"])


async def test_a_number_and_its_code_sign_in_and_the_same_number_is_the_same_youth(
    house: House, texts: Inbox
) -> None:
    first = await signed_in(house, texts, "+8614000000001")
    await house.runtime.redis.flushdb()
    second = await signed_in(house, texts, "+8614000000001")
    assert first["viewer"] == second["viewer"]
    assert first["viewer"]["youth"]["phone"] == "+8614000000001"
    seen = await as_youth(house, first).run(
        "{ viewer { youth { id consents { purpose } } sessions { current } } }"
    )
    assert [consent["purpose"] for consent in seen["viewer"]["youth"]["consents"]] == ["TERMS"]
    assert sorted(session["current"] for session in seen["viewer"]["sessions"]) == [False, True]


@pytest.mark.parametrize("phone", ["+85261234567", "+85366123456", "+886912345678"])
async def test_numbers_of_hong_kong_macao_and_taiwan_sign_in(house: House, texts: Inbox, phone: str) -> None:
    assert (await signed_in(house, texts, phone))["viewer"]["youth"]["phone"] == phone


async def test_a_code_serves_once_and_for_its_purpose_alone(house: House, texts: Inbox) -> None:
    phone = "+8614000000002"
    code = await asked(house, texts, phone)
    await house.anyone.done("signInWithPhone", PAIR, phone=phone, code=code)
    assert await house.anyone.refused("signInWithPhone", PAIR, phone=phone, code=code) == [
        ("INVALID_INPUT", ["input", "code"])
    ]
    await house.runtime.redis.flushdb()
    await house.anyone.done("requestPhoneCode", "expiresAt", phone=phone, purpose="DELETE_ACCOUNT")
    assert await house.anyone.refused("signInWithPhone", PAIR, phone=phone, code=texts.last(phone)) == [
        ("INVALID_INPUT", ["input", "code"])
    ]


async def test_five_tries_also_at_once_then_the_right_code_is_dead(house: House, texts: Inbox) -> None:
    phone = "+8614000000003"
    code = await asked(house, texts, phone)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    tries = (house.anyone.refused("signInWithPhone", PAIR, phone=phone, code=wrong) for _ in range(50))
    assert {tuple(reasons) for reasons in map(tuple_of, await asyncio.gather(*tries))} == {("INVALID_INPUT",)}
    assert await house.anyone.refused("signInWithPhone", PAIR, phone=phone, code=code)


def tuple_of(reasons: list[tuple[str, list[str] | None]]) -> tuple[str, ...]:
    return tuple(code for code, _ in reasons)


async def test_one_code_a_minute_for_each_number_known_or_not(house: House, texts: Inbox) -> None:
    known, unknown = (await house.youth()).phone, "+8614000000004"
    for phone in (known, unknown):
        await asked(house, texts, phone)
        assert tuple_of(
            await house.anyone.refused("requestPhoneCode", "resendAfterSeconds", phone=phone)
        ) == ("RATE_LIMITED",)


async def test_without_valkey_no_code_is_given(
    house: House, texts: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise RedisConnectionError("away")

    monkeypatch.setattr(house.runtime.ports.codes._redis, "execute_command", away)
    codes = await house.anyone.refused("requestPhoneCode", "expiresAt", phone="+8614000000005")
    assert tuple_of(codes) == ("RATE_LIMITED",)
    assert texts.sent == []


async def test_a_refresh_token_is_used_once_and_a_stolen_one_locks_the_session(
    house: House, texts: Inbox
) -> None:
    # given the owner's session, whose refresh token a thief has copied
    pair = await signed_in(house, texts, "+8614000000006")
    stolen = pair["refreshToken"]
    owners = await house.anyone.done("refreshSession", PAIR, refreshToken=stolen)
    assert owners["refreshToken"] != stolen

    # when the thief uses the copy
    assert tuple_of(await house.anyone.refused("refreshSession", PAIR, refreshToken=stolen)) == (
        "UNAUTHENTICATED",
    )

    # then nobody goes on with that session
    refused = await house.anyone.refused("refreshSession", PAIR, refreshToken=owners["refreshToken"])
    assert tuple_of(refused) == ("UNAUTHENTICATED",)
    await asyncio.sleep(0.6)
    assert (await as_youth(house, owners).post("{ viewer { scopes } }")).status_code == 401


async def test_a_lost_answer_is_given_again_within_a_minute(house: House, texts: Inbox) -> None:
    pair = await signed_in(house, texts, "+8614000000007")
    first = await house.anyone.done(
        "refreshSession", PAIR, refreshToken=pair["refreshToken"], idempotencyKey="r1"
    )
    again = await house.anyone.done(
        "refreshSession", PAIR, refreshToken=pair["refreshToken"], idempotencyKey="r1"
    )
    assert again["refreshToken"] == first["refreshToken"]
    await house.anyone.done("refreshSession", PAIR, refreshToken=again["refreshToken"])


async def test_the_same_refresh_token_used_at_once_by_two_locks_the_session(
    house: House, texts: Inbox
) -> None:
    pair = await signed_in(house, texts, "+8614000000008")
    both = await asyncio.gather(
        *(house.anyone.mutate("refreshSession", PAIR, refreshToken=pair["refreshToken"]) for _ in range(2))
    )
    assert sorted(bool(payload["userErrors"]) for payload in both) == [False, True]
    [won] = [payload for payload in both if not payload["userErrors"]]
    assert await house.anyone.refused("refreshSession", PAIR, refreshToken=won["refreshToken"])


async def test_signing_out_ends_this_session_or_all_within_a_second(house: House, texts: Inbox) -> None:
    phone, clients = "+8614000000009", []
    for _ in range(3):
        clients.append(as_youth(house, await signed_in(house, texts, phone)))
        await house.runtime.redis.flushdb()
    await clients[0].done("signOut", "__typename")
    await asyncio.sleep(0.6)
    statuses = [(await client.post("{ viewer { scopes } }")).status_code for client in clients]
    assert statuses == [401, 200, 200]
    await clients[1].done("signOut", "__typename", everywhere=True)
    await asyncio.sleep(0.6)
    assert [(await client.post("{ viewer { scopes } }")).status_code for client in clients] == [401, 401, 401]


async def test_a_session_knows_when_it_was_last_used(house: House, texts: Inbox) -> None:
    pair = await signed_in(house, texts, "+8614000000011")
    with house.clock.moved(minutes=5):
        seen = await as_youth(house, pair).run("{ viewer { sessions { createdAt lastUsedAt current } } }")
    [session] = seen["viewer"]["sessions"]
    assert session["current"]
    assert session["lastUsedAt"] > session["createdAt"]

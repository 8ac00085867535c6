"""Phone codes: how often one is sent, by number, address and device, and how often one is tried."""

import asyncio
import json
from collections import Counter
from typing import Any

import httpx
import pytest
from support.client import Client
from support.house import House
from support.texts import Texts, other, played

from api.runtime import VALKEY_CONNECTIONS
from infra.codes import DAY, HOUR, MINUTE, CodeLimits, Limit

ASK = (
    "mutation ($input: RequestPhoneCodeInput!) { requestPhoneCode(input: $input)"
    " { resendAfterSeconds userErrors { code message } } }"
)
_numbers = iter(range(100_000))


@pytest.fixture
async def texts(house: House, monkeypatch: pytest.MonkeyPatch) -> Texts:
    await house.runtime.redis.flushdb()
    return played(house, monkeypatch)


def number() -> str:
    """One that nothing was asked of yet."""
    return f"+86171{next(_numbers):08d}"


def place(house: House, address: str, device: str = "") -> Client:
    """A client at an address, that says of itself what it is."""
    app = house.http._transport.app  # type: ignore[attr-defined]  # the house's own
    transport = httpx.ASGITransport(app=app, client=(address, 1))
    return Client(
        httpx.AsyncClient(transport=transport, base_url="http://house"), headers={"user-agent": device}
    )


async def asked(client: Client, phone: str, purpose: str = "SIGN_IN") -> tuple[bool, int]:
    """Was one sent, and after how many seconds may another be asked for?"""
    payload = (await client.run(ASK, input={"phone": phone, "purpose": purpose}))["requestPhoneCode"]
    codes = [reason["code"] for reason in payload["userErrors"]]
    assert codes in ([], ["RATE_LIMITED"])
    return codes == [], payload["resendAfterSeconds"]


async def sent(client: Client, phones: list[str]) -> int:
    """To how many of these, asked for one after the other."""
    return [(await asked(client, phone))[0] for phone in phones].count(True)


async def elapsed(house: House, seconds: int) -> None:
    """Windows up to so long are over."""
    async for key in house.runtime.redis.scan_iter("codes:asked:*"):
        if int(key.decode().rpartition(":")[2]) <= seconds:
            await house.runtime.redis.delete(key)


async def test_a_number_gets_one_a_minute_five_an_hour_ten_a_day(house: House, texts: Texts) -> None:
    phone, got = number(), list[tuple[bool, int]]()
    for hour in range(3):
        for minute in range(7):
            # each time from another place: what counts is the number
            client = place(house, f"198.51.100.{10 * hour + minute}")
            got.append(await asked(client, phone))
            again, wait = await asked(client, phone)
            assert not again
            assert 0 < wait <= DAY
            await elapsed(house, MINUTE)
        await elapsed(house, HOUR)
    assert [one for one, _ in got] == [*[True] * 5, *[False] * 2] * 2 + [False] * 7
    assert all(wait == MINUTE for one, wait in got if one)
    assert MINUTE < got[5][1] <= HOUR
    assert HOUR < got[-1][1] <= DAY
    assert len(texts.sent) == 10
    await elapsed(house, DAY)
    assert (await asked(place(house, "198.51.100.99"), phone))[0]


async def test_purposes_do_not_multiply_what_a_number_gets(house: House, texts: Texts) -> None:
    phone = number()
    purposes = ("SIGN_IN", "STAFF_SIGN_IN", "CHANGE_PHONE", "GUARDIAN_CONSENT", "DELETE_ACCOUNT")
    assert [(await asked(house.anyone, phone, each))[0] for each in purposes] == [True, *[False] * 4]


async def test_an_address_gets_so_many_an_hour_and_a_day(house: House, texts: Texts) -> None:
    most = {limit.seconds: limit.most for limit in CodeLimits().address}
    assert most == {HOUR: 200, DAY: 1_000}
    # devices that each ask five times, as there are in a school
    here = [place(house, "203.0.113.7", f"device {each}") for each in range(50)]
    came = Counter[bool]()
    for client in here:
        came.update([(await asked(client, number()))[0] for _ in range(5)])
    assert came == {True: 200, False: 50}
    assert await sent(place(house, "203.0.113.8"), [number()]) == 1
    for _ in range(5):
        await elapsed(house, HOUR)
        for client in here:
            came.update([(await asked(client, number()))[0] for _ in range(5)])
    assert came[True] == 1_000


async def test_a_device_gets_ten_an_hour(house: House, texts: Texts) -> None:
    mine = place(house, "203.0.113.9", "one and the same")
    assert await sent(mine, [number() for _ in range(15)]) == 10
    # the same name elsewhere is another device, and so is another name here
    assert await sent(place(house, "203.0.113.10", "one and the same"), [number()]) == 1
    assert await sent(place(house, "203.0.113.9", "another"), [number()]) == 1
    await elapsed(house, HOUR)
    assert await sent(mine, [number()]) == 1


async def test_all_together_have_a_budget(
    house: House, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CodeLimits().everyone == (Limit(20_000, HOUR),)
    monkeypatch.setattr(house.runtime.ports.codes, "_limits", CodeLimits(everyone=(Limit(30, HOUR),)))
    came = [await sent(place(house, f"192.0.2.{each}"), [number()]) for each in range(50)]
    assert sum(came) == len(texts.sent) == 30


async def test_who_is_refused_uses_up_nothing_of_others(house: House, texts: Texts) -> None:
    phone, mine = number(), place(house, "203.0.113.11", "mine")
    assert await sent(mine, [phone] * 50) == 1
    assert await sent(mine, [number() for _ in range(12)]) == 9


async def test_a_thousand_requests_over_fifty_addresses_are_one_message(house: House, texts: Texts) -> None:
    """Threat 7: bombing one number."""
    phone, places = number(), [place(house, f"198.18.0.{each}", "bot") for each in range(50)]
    came = Counter[bool]()
    for _ in range(20):
        came.update([one for one, _ in await asyncio.gather(*(asked(each, phone) for each in places))])
    assert came == {True: 1, False: 999}
    assert [to for to, _ in texts.sent] == [phone]


async def test_a_thousand_numbers_over_fifty_addresses_are_ten_an_address(house: House, texts: Texts) -> None:
    """Threat 7: toll fraud. Each address is one device here, whatever it calls."""
    places = [place(house, f"198.18.1.{each}", "bot") for each in range(50)]
    for _ in range(20):
        await asyncio.gather(*(asked(each, number()) for each in places))
    assert len(texts.sent) == 500


async def test_a_flood_waits_for_its_turn_at_valkey(house: House, texts: Texts) -> None:
    """More at once than there are connections: none is refused for want of one."""
    places = [place(house, f"198.18.2.{each}") for each in range(2 * VALKEY_CONNECTIONS)]
    came = await asyncio.gather(*(asked(each, number()) for each in places))
    assert [one for one, _ in came] == [True] * len(places)


# ── tries ────────────────────────────────────────────────────────────────────


def tries(phone: str, codes: list[str]) -> str:
    """One document that tries each of the codes."""
    return (
        "mutation { "
        + " ".join(
            f"t{at}: signInWithPhone(input: {{phone: {json.dumps(phone)}, code: {json.dumps(code)}}})"
            " { accessToken userErrors { code } }"
            for at, code in enumerate(codes)
        )
        + " }"
    )


async def right(house: House, phone: str, code: str) -> bool:
    payload = await house.anyone.mutate("signInWithPhone", "accessToken", phone=phone, code=code)
    return payload["accessToken"] is not None


async def test_a_hundred_and_one_aliases_are_refused_as_one(house: House, texts: Texts) -> None:
    """Threat 6: the document is refused whole, and no try is counted."""
    phone = number()
    code = await texts.code(phone, "SIGN_IN")
    response = await house.anyone.post(tries(phone, [other(code)] * 100 + [code]))
    answer: dict[str, Any] = response.json()
    assert not answer.get("data")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_INPUT"]
    assert await right(house, phone, code)


async def test_each_alias_is_a_try(house: House, texts: Texts) -> None:
    """Threat 6: fifteen in one request are fifteen, of which five are looked at."""
    phone = number()
    code = await texts.code(phone, "SIGN_IN")
    data = await house.anyone.run(tries(phone, [other(code)] * 14 + [code]))
    assert [payload["accessToken"] for payload in data.values()] == [None] * 15
    assert not await right(house, phone, code)


async def test_the_fifth_try_may_be_right_and_the_sixth_may_not(house: House, texts: Texts) -> None:
    for wrong, good in ((4, True), (5, False)):
        phone = number()
        code = await texts.code(phone, "SIGN_IN")
        for _ in range(wrong):
            assert not await right(house, phone, other(code))
        assert await right(house, phone, code) is good


async def test_of_fifty_tries_at_once_the_right_code_is_taken_once(house: House, texts: Texts) -> None:
    phone = number()
    code = await texts.code(phone, "SIGN_IN")
    came = await asyncio.gather(*(right(house, phone, code) for _ in range(50)))
    assert came.count(True) == 1

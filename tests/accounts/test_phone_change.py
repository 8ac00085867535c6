"""The number of a youth, changed by a code sent to the new one."""

import asyncio

import pytest
from support.client import Client
from support.house import House
from support.raw import everything
from support.texts import Texts, other, played

PHONE = "youth { id phone }"


@pytest.fixture
def texts(house: House, monkeypatch: pytest.MonkeyPatch) -> Texts:
    return played(house, monkeypatch)


async def test_the_code_of_the_new_number_changes_it(house: House, texts: Texts) -> None:
    # given a youth, and a code at another number
    youth, phone = await house.youth(), "+85261000001"
    code = await texts.code(phone, "CHANGE_PHONE")

    # when the code is handed in, and once more since the answer was lost
    for _ in range(2):
        done = await youth.done("changePhone", PHONE, phone=phone, code=code)
        assert done["youth"] == {"id": youth.id, "phone": phone}

    # then the new number signs in as the same youth, and the old one is free
    code = await texts.code(phone, "SIGN_IN")
    pair = await house.anyone.done("signInWithPhone", "accessToken", phone=phone, code=code)
    seen = await Client(house.http, pair["accessToken"]).run("{ viewer { youth { id } } }")
    assert seen["viewer"]["youth"]["id"] == youth.id
    code = await texts.code(youth.phone, "SIGN_IN")
    pair = await house.anyone.done("signInWithPhone", "accessToken", phone=youth.phone, code=code)
    seen = await Client(house.http, pair["accessToken"]).run("{ viewer { youth { id } } }")
    assert seen["viewer"]["youth"]["id"] != youth.id


async def test_another_code_changes_nothing(house: House, texts: Texts) -> None:
    youth, phone = await house.youth(), "+85261000002"
    before = await everything(house)
    code = await texts.code(phone, "CHANGE_PHONE")
    for wrong in (other(code), "", "12345", "x" * 100):
        assert await youth.refused("changePhone", PHONE, phone=phone, code=wrong) == [
            ("INVALID_INPUT", ["input", "code"])
        ]
    code = await texts.code(phone, "SIGN_IN")
    await house.runtime.redis.flushdb()
    assert await youth.refused("changePhone", PHONE, phone=phone, code=code) == [
        ("INVALID_INPUT", ["input", "code"])
    ]
    assert await everything(house) == before


async def test_a_number_with_an_account_is_told_to_its_reader_alone(house: House, texts: Texts) -> None:
    youth, holder = await house.youths(2)
    before = await everything(house)
    code = await texts.code(holder.phone, "CHANGE_PHONE")
    assert await youth.refused("changePhone", PHONE, phone=holder.phone, code=other(code)) == [
        ("INVALID_INPUT", ["input", "code"])
    ]
    assert await youth.refused("changePhone", PHONE, phone=holder.phone, code=code) == [
        ("ALREADY_EXISTS", ["input", "phone"])
    ]
    assert await everything(house) == before


class EveryCode:
    """Takes any code, once all have handed theirs in: so that nobody is first."""

    def __init__(self, count: int) -> None:
        self.barrier = asyncio.Barrier(count)

    async def take(self, *_: object) -> None:
        await self.barrier.wait()


async def test_of_many_accounts_at_once_one_gets_the_number(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    youths, phone = await house.youths(6), "+85261000003"
    monkeypatch.setattr(house.runtime.ports.codes, "take", EveryCode(6).take)
    payloads = await asyncio.gather(
        *(youth.mutate("changePhone", PHONE, phone=phone, code="123456") for youth in youths)
    )
    refusals = [(reason["code"], reason["field"]) for payload in payloads for reason in payload["userErrors"]]
    assert refusals == [("ALREADY_EXISTS", ["input", "phone"])] * 5
    phones = [
        (await youth.run("{ viewer { youth { phone } } }"))["viewer"]["youth"]["phone"] for youth in youths
    ]
    assert phones.count(phone) == 1
    assert sum(now == youth.phone for now, youth in zip(phones, youths, strict=True)) == 5


async def test_a_change_and_a_first_sign_in_at_once_leave_one_account(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    youth, phone = await house.youth(), "+85261000004"
    monkeypatch.setattr(house.runtime.ports.codes, "take", EveryCode(2).take)
    changed, signed_in = await asyncio.gather(
        youth.mutate("changePhone", PHONE, phone=phone, code="123456"),
        house.anyone.mutate("signInWithPhone", "accessToken", phone=phone, code="123456"),
    )
    assert signed_in["userErrors"] == []
    seen = await Client(house.http, signed_in["accessToken"]).run("{ viewer { youth { id } } }")
    was_first = changed["userErrors"] == []
    assert (seen["viewer"]["youth"]["id"] == youth.id) is was_first
    if not was_first:
        assert [reason["code"] for reason in changed["userErrors"]] == ["ALREADY_EXISTS"]


async def test_only_a_youth_changes_a_number(house: House, texts: Texts) -> None:
    asked = {"phone": "+85261000005", "code": await texts.code("+85261000005", "CHANGE_PHONE")}
    assert await house.anyone.refused("changePhone", PHONE, **asked) == [("UNAUTHENTICATED", None)]
    for client in (await house.staff(), await house.partner()):
        assert await client.refused("changePhone", PHONE, **asked) == [("FORBIDDEN", None)]

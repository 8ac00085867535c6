"""One person, one account, by whichever door: what is linked, what is answered as a conflict, who comes at the same moment."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from support.client import Client
from support.doors import (
    PAIR,
    afresh,
    by_wechat,
    house_of_wechat,
    links,
    reasons,
    stray_indexes,
    youth_by_wechat,
    youths,
)
from support.house import House
from support.outside import open_to_all
from support.raw import everything
from support.texts import played
from support.wechat import APP_ID, User, Wechat

from domain.accounts.doors import Proven
from domain.accounts.linking import subject_place
from domain.core.actors import System
from infra.embedded.services import Services

OTHER_APP = "wxfedcba9876543210"
AT_PHONE = [("ALREADY_EXISTS", ["input", "phoneCode"])]
AT_CODE = [("ALREADY_EXISTS", ["input", "code"])]
AT_ONCE = 8

_numbers = count(1)


def somebody(**others: Any) -> User:
    """A user of whom nobody has heard, with a number that nobody has."""
    number = next(_numbers)
    return User(**{"openid": f"openid-{number}", "number": f"1400001{number:04d}", **others})


def phone_of(user: User) -> str:
    return f"+86{user.number}"


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


async def conflicts(
    house: House, wechat: Wechat, user: User, expected: list[tuple[str, list[str] | None]], *, phone: bool
) -> None:
    """The sign-in is refused so, and nothing is changed."""
    before = await everything(house)
    assert reasons(await by_wechat(house, wechat, user, phone=phone)) == expected
    assert await everything(house) == before


async def test_a_number_that_has_an_account_leads_to_it(
    house: House, wechat: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a youth who signed in by a code
    user, texts = somebody(), played(house, monkeypatch)
    code = await texts.code(phone_of(user), "SIGN_IN")
    pair = await house.anyone.done("signInWithPhone", PAIR, phone=phone_of(user), code=code)

    # when WeChat proves the same number
    linked = await youth_by_wechat(house, wechat, user, phone=True)

    # then it is the same account, from now on without the number too
    assert linked == pair["viewer"]["youth"]
    assert await youth_by_wechat(house, wechat, user) == linked


async def test_a_unionid_that_appears_later_leads_there_from_another_mini_program(
    house: House, wechat: Wechat, database_url: str, servers: Services
) -> None:
    user, union = somebody(), "union-later"
    first = await youth_by_wechat(house, wechat, user)
    user.unionid = union
    assert await youth_by_wechat(house, wechat, user) == first
    with open_to_all(Wechat(OTHER_APP)) as other_wechat:
        async with house_of_wechat(database_url, servers.redis_url, other_wechat) as other_house:
            there = User("openid-elsewhere", union)
            assert await youth_by_wechat(other_house, other_wechat, there) == first
            # an openid is one within its mini-program alone
            namesake = User(user.openid)
            assert (await youth_by_wechat(other_house, other_wechat, namesake))["id"] != first["id"]
    assert ("WECHAT_OPENID", OTHER_APP) in await links(house)


async def test_a_unionid_that_wechat_says_anew_takes_the_place_of_the_old(
    house: House, wechat: Wechat
) -> None:
    user = somebody(unionid="union-old")
    first = await youth_by_wechat(house, wechat, user)
    user.unionid = "union-new"
    assert await youth_by_wechat(house, wechat, user) == first
    # the old one is nobody's any more
    assert (await youth_by_wechat(house, wechat, somebody(unionid="union-old")))["id"] != first["id"]
    conflicting = somebody(unionid="union-new")
    await conflicts(house, wechat, conflicting, AT_CODE, phone=False)


async def test_an_account_without_a_number_gets_the_one_that_is_proved(house: House, wechat: Wechat) -> None:
    user = somebody()
    first = await youth_by_wechat(house, wechat, user)
    assert first["phone"] is None
    for _ in range(2):
        bound = await youth_by_wechat(house, wechat, user, phone=True)
        assert bound == {"id": first["id"], "phone": phone_of(user)}


async def test_a_number_of_another_account_is_a_conflict(house: House, wechat: Wechat) -> None:
    holder = await house.youth()
    number = holder.phone.removeprefix("+86")
    for has_one in (False, True):
        user = somebody()
        own = await youth_by_wechat(house, wechat, user, phone=has_one)
        user.number = number
        await conflicts(house, wechat, user, AT_PHONE, phone=True)
        # without the number it goes on as before, as the answer says
        assert await youth_by_wechat(house, wechat, user) == own


async def test_signing_in_does_not_change_the_number(house: House, wechat: Wechat) -> None:
    user = somebody()
    await youth_by_wechat(house, wechat, user, phone=True)
    user.number = somebody().number
    await conflicts(house, wechat, user, AT_PHONE, phone=True)


async def test_an_account_of_another_user_of_wechat_is_a_conflict(house: House, wechat: Wechat) -> None:
    first, second = somebody(), somebody()
    await youth_by_wechat(house, wechat, first, phone=True)
    second.number = first.number
    await conflicts(house, wechat, second, AT_PHONE, phone=True)
    # also where only the unionid is another's
    third = somebody(number=first.number, unionid="union-third")
    await conflicts(house, wechat, third, AT_PHONE, phone=True)


async def test_two_subjects_of_two_accounts_are_a_conflict(house: House, wechat: Wechat) -> None:
    one, two = somebody(), somebody(unionid="union-of-two")
    await youth_by_wechat(house, wechat, one)
    await youth_by_wechat(house, wechat, two)
    one.unionid = two.unionid
    await conflicts(house, wechat, one, AT_CODE, phone=False)
    await conflicts(house, wechat, one, AT_CODE, phone=True)


async def test_the_subject_is_sealed_in_its_place(house: House, wechat: Wechat) -> None:
    user = somebody()
    await youth_by_wechat(house, wechat, user)
    async with house.looking() as db:
        row = await db.first(
            sa.text(
                "SELECT id, subject_sealed FROM accounts_external_identity ORDER BY linked_at DESC LIMIT 1"
            )
        )
    assert (
        house.runtime.ports.sealer.open(row.subject_sealed, subject_place(row.id))
        == f"{APP_ID} {user.openid}"
    )


async def test_the_database_itself_forbids_a_second_openid_of_a_mini_program(
    house: House, wechat: Wechat
) -> None:
    await youth_by_wechat(house, wechat, somebody())
    with pytest.raises(IntegrityError, match="one_of_each"):
        async with house.database.write(System()) as tx:
            await tx.execute(
                sa.text("""
                    INSERT INTO accounts_external_identity (id, youth_id, provider, realm, subject_sealed, linked_at)
                    SELECT gen_random_uuid(), youth_id, provider, realm, subject_sealed, linked_at
                    FROM accounts_external_identity LIMIT 1""")
            )


@dataclass(slots=True)
class Meeting:
    """Where those who were proved by WeChat, and those who hand in any code of a phone, wait for one another."""

    barrier: asyncio.Barrier

    async def take(self, *_: object) -> None:
        await self.barrier.wait()


def meeting(house: House, monkeypatch: pytest.MonkeyPatch, people: int) -> None:
    """From now on, so many wait for one another at both doors."""
    meet, door = Meeting(asyncio.Barrier(people)), house.runtime.ports.mini_program
    prove = door.prove

    async def with_the_others(*given: Any) -> Proven:
        proven = await prove(*given)
        await meet.barrier.wait()
        return proven

    monkeypatch.setattr(door, "prove", with_the_others)
    monkeypatch.setattr(house.runtime.ports.codes, "take", meet.take)


@pytest.fixture
def together(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is proved waits until all others are."""
    meeting(house, monkeypatch, AT_ONCE)


def found(payloads: list[dict[str, Any]]) -> set[str]:
    """The accounts that they ended in."""
    return {payload["viewer"]["youth"]["id"] for payload in payloads if payload["viewer"]}


@pytest.mark.parametrize("phone", [False, True])
async def test_a_new_person_at_once_is_one_account(
    house: House, wechat: Wechat, together: None, phone: bool
) -> None:
    user, before = somebody(unionid=f"union-at-once-{phone}"), await youths(house)
    payloads = await asyncio.gather(*(by_wechat(house, wechat, user, phone=phone) for _ in range(AT_ONCE)))
    assert [payload["userErrors"] for payload in payloads] == [[]] * AT_ONCE
    assert len(found(payloads)) == 1
    assert await youths(house) == before + 1


async def test_new_people_with_one_number_at_once_are_one_account_and_conflicts(
    house: House, wechat: Wechat, together: None
) -> None:
    number, before = somebody().number, await youths(house)
    users = [somebody(number=number) for _ in range(AT_ONCE)]
    payloads = await asyncio.gather(*(by_wechat(house, wechat, user, phone=True) for user in users))
    assert sorted(reasons(payload) for payload in payloads) == [[]] + [AT_PHONE] * (AT_ONCE - 1)
    assert await youths(house) == before + 1


async def test_one_person_with_many_numbers_at_once_has_one_of_them(
    house: House, wechat: Wechat, together: None
) -> None:
    user, before = somebody(), await youths(house)
    users = [User(user.openid, number=somebody().number) for _ in range(AT_ONCE)]
    payloads = await asyncio.gather(*(by_wechat(house, wechat, user, phone=True) for user in users))
    assert sorted(reasons(payload) for payload in payloads) == [[]] + [AT_PHONE] * (AT_ONCE - 1)
    assert await youths(house) == before + 1


async def test_both_doors_at_once_are_one_account(house: House, wechat: Wechat, together: None) -> None:
    user, before = somebody(), await youths(house)
    by_phone = (
        house.anyone.mutate("signInWithPhone", PAIR, phone=phone_of(user), code="123456")
        for _ in range(AT_ONCE // 2)
    )
    payloads = await asyncio.gather(
        *by_phone, *(by_wechat(house, wechat, user, phone=True) for _ in range(AT_ONCE // 2))
    )
    assert [payload["userErrors"] for payload in payloads] == [[]] * AT_ONCE
    assert len(found(payloads)) == 1
    assert await youths(house) == before + 1


async def test_a_number_bound_and_proved_at_once_is_one_accounts(
    house: House, wechat: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account changes to the number while another of WeChat comes with it."""
    youth, user = await house.youth(), somebody()
    meeting(house, monkeypatch, 2)
    changed, signed_in = await asyncio.gather(
        youth.mutate("changePhone", "youth { id }", phone=phone_of(user), code="123456"),
        by_wechat(house, wechat, user, phone=True),
    )
    assert signed_in["userErrors"] == []
    now = await Client(house.http, signed_in["accessToken"]).run("{ viewer { youth { id phone } } }")
    assert now["viewer"]["youth"]["phone"] == phone_of(user)
    was_first = changed["userErrors"] == []
    assert (now["viewer"]["youth"]["id"] == youth.id) is was_first

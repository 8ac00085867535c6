"""The real name, from a claim to the registry's answer."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col
from support.asking import decided
from support.client import Client
from support.house import House, Person
from support.raw import everything
from support.real_names import STATUS, Registry, claimed, number, verified

from domain.accounts.models import IDENTITY_INDEX, YouthRow
from domain.accounts.policies import REAL_NAME_CLAIMS_A_DAY
from domain.accounts.registry import RegistryAnswer
from domain.accounts.youths import identity_place
from domain.core.blind_index import owner

YOUTH = "youth { realNameStatus gender birthDate consents { purpose withdrawnAt } }"


async def refused(client: Client, name: str, number: str) -> list[tuple[str, list[str] | None]]:
    """As `claimed`, for one that must be refused before anything is written."""
    payload = await claimed(client, name, number)
    assert payload["youth"] is None, payload
    return [(reason["code"], reason["field"]) for reason in payload["userErrors"]]


async def stored(house: House, youth: Person) -> Any:
    async with house.looking() as db:
        return await db.first(sa.select(YouthRow).where(col(YouthRow.id) == youth.key))


async def owner_of(house: House, number: str) -> UUID | None:
    async with house.looking() as db:
        return await owner(db, house.runtime.ports.sealer, IDENTITY_INDEX, number)


@pytest.mark.parametrize(
    ("area", "order", "gender"),
    [
        ("440106", 11, "MALE"),
        ("440106", 12, "FEMALE"),
        ("810000", 13, "MALE"),
        ("820000", 14, "FEMALE"),
        ("830000", 15, "MALE"),
    ],
)
async def test_a_match_verifies_with_sex_and_birth_of_the_number(
    house: House, area: str, order: int, gender: str
) -> None:
    # given a youth who said otherwise before
    youth = await house.youth()
    await youth.done("updateProfile", STATUS, gender="MALE", birthDate="2001-01-01")

    # when the name and the number match
    done = await verified(youth, "李梅", number(order, area=area).lower(), YOUTH)

    # then the identity says who the youth is
    assert done["youth"] == {
        "realNameStatus": "VERIFIED",
        "gender": gender,
        "birthDate": "2004-02-29",
        "consents": [
            {"purpose": "TERMS", "withdrawnAt": None},
            {"purpose": "REAL_NAME", "withdrawnAt": None},
        ],
    }


async def test_name_and_number_are_sealed_where_they_lie(house: House) -> None:
    youth, sealer = await house.youth(), house.runtime.ports.sealer
    whole = number(21)
    await verified(youth, "欧阳若曦", whole)
    row = await stored(house, youth)
    assert sealer.open(row.identity_sealed, identity_place(youth.key)) == whole
    assert await owner_of(house, whole) == youth.key
    for text in ("欧阳若曦", whole):
        assert all(text.encode() not in value for value in row if isinstance(value, bytes))


async def test_a_mismatch_rejects_and_may_be_mended(house: House) -> None:
    youth = await house.youth()
    payload = await claimed(youth, "李假", number(31), YOUTH)
    assert [reason["code"] for reason in payload["userErrors"]] == ["NOT_ELIGIBLE"]
    assert payload["youth"]["realNameStatus"] == "REJECTED"
    assert [consent["purpose"] for consent in payload["youth"]["consents"]] == ["TERMS"]
    row = await stored(house, youth)
    assert (row.legal_name_sealed, row.identity_sealed) == (None, None)
    assert await owner_of(house, number(31)) is None

    mended = await verified(youth, "李梅", number(31))
    assert mended["youth"]["realNameStatus"] == "VERIFIED"


async def test_an_outage_keeps_the_claim_and_holds_no_number(house: House) -> None:
    # given a claim that the registry could not answer
    waiting, owner = await house.youths(2)
    payload = await verified(waiting, "李断", number(41), YOUTH)
    assert payload["youth"]["realNameStatus"] == "PENDING"
    assert payload["youth"]["birthDate"] is None
    row = await stored(house, waiting)
    sealer = house.runtime.ports.sealer
    assert sealer.open(row.identity_sealed, identity_place(waiting.key)) == number(41)
    assert await owner_of(house, number(41)) is None

    # when the number's owner comes, it is theirs
    done = await verified(owner, "李梅", number(41))
    assert done["youth"]["realNameStatus"] == "VERIFIED"
    assert await refused(waiting, "李梅", number(41)) == [("ALREADY_EXISTS", ["input", "idNumber"])]


async def test_verified_once_is_verified(house: House) -> None:
    for youth in (await house.youth(verified=True), await house.youth()):
        await claimed(youth, "李梅", number(51))
        before = await everything(house)
        for name in ("李梅", "李假", "李断"):
            assert await refused(youth, name, number(52)) == [("INVALID_STATE", None)]
        assert await everything(house) == before


async def test_what_is_mistyped_names_its_field_and_asks_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(RegistryAnswer.MATCH)
    monkeypatch.setattr(house.runtime.ports.registry, "check", registry.check)
    youth, wrong = await house.youth(), number(61)[:17] + "?"
    before = await everything(house)
    assert await refused(youth, "Li", number(61)) == [("INVALID_INPUT", ["input", "name"])]
    assert await refused(youth, "", wrong) == [
        ("INVALID_INPUT", ["input", "name"]),
        ("INVALID_INPUT", ["input", "idNumber"]),
    ]
    for born in ("19800101", "20200101"):
        assert await refused(youth, "李梅", number(1, born)) == [("NOT_ELIGIBLE", ["input", "idNumber"])]
    assert registry.asked == []
    assert await everything(house) == before


async def test_one_number_serves_one_account(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = await house.youths(2)
    await verified(first, "李梅", number(71))
    registry = Registry(RegistryAnswer.MATCH)
    monkeypatch.setattr(house.runtime.ports.registry, "check", registry.check)
    assert await refused(second, "李梅", number(71)) == [("ALREADY_EXISTS", ["input", "idNumber"])]
    assert registry.asked == []
    assert (await stored(house, second)).real_name_status == "NONE"


class Together(Registry):
    """Answers when all have asked: nobody is settled before everybody has been found free."""

    def __init__(self, count: int) -> None:
        super().__init__(RegistryAnswer.MATCH)
        self.barrier = asyncio.Barrier(count)

    async def check(self, name: str, number: str) -> RegistryAnswer:
        await self.barrier.wait()
        return await super().check(name, number)


async def test_of_many_accounts_at_once_one_gets_the_number(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    youths = await house.youths(8)
    monkeypatch.setattr(house.runtime.ports.registry, "check", Together(8).check)
    payloads = await asyncio.gather(*(claimed(youth, "李梅", number(81)) for youth in youths))
    codes = [reason["code"] for payload in payloads for reason in payload["userErrors"]]
    assert codes == ["ALREADY_EXISTS"] * 7
    rows = [await stored(house, youth) for youth in youths]
    assert sorted(row.real_name_status.value for row in rows) == ["NONE"] * 7 + ["VERIFIED"]


async def test_one_youth_with_two_numbers_at_once_gets_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    youth = await house.youth()
    monkeypatch.setattr(house.runtime.ports.registry, "check", Together(2).check)
    payloads = await asyncio.gather(*(claimed(youth, "李梅", number(order)) for order in (91, 92)))
    codes = [reason["code"] for payload in payloads for reason in payload["userErrors"]]
    assert codes == ["INVALID_STATE"]


async def test_neither_the_number_nor_the_name_is_logged_or_answered(
    house: House, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    youths = await house.youths(3)
    answers = [
        await claimed(youth, name, number(order))
        for youth, name, order in zip(youths, ("诸葛梅", "诸葛假", "诸葛断"), (101, 102, 103), strict=True)
    ]
    said = "".join((str(answers), *capfd.readouterr(), caplog.text))
    assert "诸葛" not in said
    assert number(101)[:14] not in said


async def test_only_a_youth_has_a_real_name_here(house: House) -> None:
    assert await refused(house.anyone, "李梅", number(111)) == [("UNAUTHENTICATED", None)]
    for client in (await house.staff(), await house.partner()):
        assert await refused(client, "李梅", number(111)) == [("FORBIDDEN", None)]


# ── how often a day ──────────────────────────────────────────────────────────


async def test_five_claims_a_day_whatever_becomes_of_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given claims that were denied, unanswered and refused as another account's number
    youth, owner, other = await house.youths(3)
    await verified(owner, "李梅", number(121))
    registry = Registry(RegistryAnswer.MATCH)
    for name in ("李假", "李断", "李假"):
        await claimed(youth, name, number(122))
    for _ in range(2):
        assert await refused(youth, "李梅", number(121)) == [("ALREADY_EXISTS", ["input", "idNumber"])]

    # when there is a sixth, then nobody is asked and nothing changes
    monkeypatch.setattr(house.runtime.ports.registry, "check", registry.check)
    before = await everything(house)
    assert await refused(youth, "李梅", number(122)) == [("QUOTA_EXCEEDED", None)]
    assert await refused(youth, "李梅", number(121)) == [("QUOTA_EXCEEDED", None)]
    assert registry.asked == []
    assert await everything(house) == before

    # others have their own, and tomorrow is another day
    assert (await verified(other, "李梅", number(123)))["youth"]["realNameStatus"] == "VERIFIED"
    house.clock.move(days=1)
    try:
        assert (await verified(youth, "李梅", number(122)))["youth"]["realNameStatus"] == "VERIFIED"
    finally:
        house.clock.move(days=-1)


async def test_what_is_mistyped_is_no_claim(house: House) -> None:
    youth = await house.youth()
    for _ in range(10):
        assert await refused(youth, "Li", number(131)) == [("INVALID_INPUT", ["input", "name"])]
    assert (await verified(youth, "李梅", number(131)))["youth"]["realNameStatus"] == "VERIFIED"


async def test_of_fifty_claims_at_once_five_are_asked(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    youth = await house.youth()
    registry = Registry(RegistryAnswer.MISMATCH)
    monkeypatch.setattr(house.runtime.ports.registry, "check", registry.check)
    payloads = await asyncio.gather(*(claimed(youth, "李梅", number(141)) for _ in range(50)))
    codes = Counter(reason["code"] for payload in payloads for reason in payload["userErrors"])
    assert codes == {"NOT_ELIGIBLE": 5, "QUOTA_EXCEEDED": 45}
    assert len(registry.asked) == 5


async def test_a_division_decides_how_often(house: House) -> None:
    near, far = await house.youth(division_code="440106"), await house.youth(division_code="440304")
    async with decided(house, REAL_NAME_CLAIMS_A_DAY, 1, "440100"):
        for youth in (near, far):
            await claimed(youth, "李假", number(151))
        assert await refused(near, "李梅", number(151)) == [("QUOTA_EXCEEDED", None)]
        assert (await verified(far, "李梅", number(151)))["youth"]["realNameStatus"] == "VERIFIED"

"""Consents, given and withdrawn, also by a guardian."""

import asyncio
from typing import Any

import pytest
from support.house import House, Person
from support.raw import everything
from support.texts import Texts, other, played

CONSENTS = "youth { consents { purpose version withdrawnAt } }"
GUARDIAN = "+8613900000001"


@pytest.fixture
def texts(house: House, monkeypatch: pytest.MonkeyPatch) -> Texts:
    return played(house, monkeypatch)


def of(payload: dict[str, Any], purpose: str) -> list[tuple[str, bool]]:
    """Version of each consent for a purpose, the oldest first, and whether it is in force."""
    return [
        (consent["version"], consent["withdrawnAt"] is None)
        for consent in payload["youth"]["consents"]
        if consent["purpose"] == purpose
    ]


async def given(youth: Person, purpose: str, version: str = "1", **others: Any) -> list[tuple[str, bool]]:
    payload = await youth.done("giveConsent", CONSENTS, purpose=purpose, version=version, **others)
    return of(payload, purpose)


@pytest.mark.parametrize("purpose", ["MATCHMAKING", "MENTORSHIP", "HEALTH_AND_COUNSELLING"])
async def test_given_twice_is_one_withdrawn_twice_is_none(house: House, purpose: str) -> None:
    youth = await house.youth()
    for _ in range(2):
        assert await given(youth, purpose) == [("1", True)]
    for _ in range(2):
        assert await given(youth, purpose, withdraw=True) == [("1", False)]
    assert await given(youth, purpose) == [("1", False), ("1", True)]


async def test_another_version_closes_the_one_before(house: House) -> None:
    youth = await house.youth()
    await given(youth, "MATCHMAKING", "2026-01")
    assert await given(youth, "MATCHMAKING", " 2026-02 ") == [("2026-01", False), ("2026-02", True)]
    assert await given(youth, "TERMS", "2027-01") == [("2026-01", False), ("2027-01", True)]


async def test_withdrawing_what_was_never_given_changes_nothing(house: House) -> None:
    youth = await house.youth()
    before = await everything(house)
    assert await given(youth, "MENTORSHIP", withdraw=True) == []
    assert await everything(house) == before


@pytest.mark.parametrize("purpose", ["TERMS", "REAL_NAME"])
async def test_terms_and_real_name_are_not_withdrawn_here(house: House, purpose: str) -> None:
    youth = await house.youth(verified=True)
    before = await everything(house)
    refused = await youth.refused("giveConsent", CONSENTS, purpose=purpose, version="1", withdraw=True)
    assert refused == [("INVALID_STATE", ["input", "purpose"])]
    assert await everything(house) == before


@pytest.mark.parametrize("withdraw", [False, True])
@pytest.mark.parametrize("version", ["", " ", "1" * 21, "1\n2"])
async def test_a_version_has_1_to_20_characters(house: House, version: str, withdraw: bool) -> None:
    youth = await house.youth()
    refused = await youth.refused(
        "giveConsent", CONSENTS, purpose="MENTORSHIP", version=version, withdraw=withdraw
    )
    assert refused == [("INVALID_INPUT", ["input", "version"])]


async def test_given_by_many_requests_at_once_it_is_one(house: House) -> None:
    youth = await house.youth()
    await asyncio.gather(*(given(youth, "MATCHMAKING", str(number % 2)) for number in range(8)))
    seen = await given(youth, "MATCHMAKING", "2")
    assert [version for version, in_force in seen if in_force] == ["2"]


async def test_a_guardian_agrees_by_a_code(house: House, texts: Texts) -> None:
    # given a code sent to the guardian
    youth = await house.youth()
    code = await texts.code(GUARDIAN, "GUARDIAN_CONSENT")
    by_guardian = {"guardianPhone": GUARDIAN, "guardianCode": code}

    # when the youth hands it in, and the network makes them do so again
    for _ in range(2):
        assert await given(youth, "GUARDIAN", **by_guardian) == [("1", True)]

    # then another version needs another code
    refused = await youth.refused("giveConsent", CONSENTS, purpose="GUARDIAN", version="2", **by_guardian)
    assert refused == [("INVALID_INPUT", ["input", "guardianCode"])]
    by_guardian["guardianCode"] = await texts.code(GUARDIAN, "GUARDIAN_CONSENT")
    assert await given(youth, "GUARDIAN", "2", **by_guardian) == [("1", False), ("2", True)]
    assert await given(youth, "GUARDIAN", "2", withdraw=True) == [("1", False), ("2", False)]


async def test_without_the_guardians_right_code_nothing_is_given(house: House, texts: Texts) -> None:
    youth = await house.youth()
    before = await everything(house)
    own = await texts.code(youth.phone, "GUARDIAN_CONSENT")
    elsewhere = await texts.code(GUARDIAN, "SIGN_IN")
    code = await texts.code(GUARDIAN, "GUARDIAN_CONSENT")
    phone_field, code_field = ["input", "guardianPhone"], ["input", "guardianCode"]
    cases: list[tuple[dict[str, str], list[list[str]]]] = [
        ({}, [phone_field, code_field]),
        ({"guardianPhone": GUARDIAN}, [code_field]),
        ({"guardianCode": code}, [phone_field]),
        ({"guardianPhone": youth.phone, "guardianCode": own}, [phone_field]),
        ({"guardianPhone": GUARDIAN, "guardianCode": other(code)}, [code_field]),
    ]
    if elsewhere != code:
        cases.append(({"guardianPhone": GUARDIAN, "guardianCode": elsewhere}, [code_field]))
    for by_guardian, fields in cases:
        refused = await youth.refused("giveConsent", CONSENTS, purpose="GUARDIAN", version="1", **by_guardian)
        assert refused == [("INVALID_INPUT", field) for field in fields]
    assert await everything(house) == before


async def test_only_a_youth_gives_consent(house: House) -> None:
    asked = {"purpose": "MENTORSHIP", "version": "1"}
    assert await house.anyone.refused("giveConsent", CONSENTS, **asked) == [("UNAUTHENTICATED", None)]
    for client in (await house.staff(), await house.partner()):
        assert await client.refused("giveConsent", CONSENTS, **asked) == [("FORBIDDEN", None)]

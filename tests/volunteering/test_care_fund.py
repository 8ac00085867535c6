"""Claims on the care fund: who decides, how many, and never more than the fund holds."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from support.asking import node, told
from support.house import House, Person
from support.volunteering import claimed

from domain.core.actors import StaffRole
from domain.volunteering.policies import CARE_FUND_FEN

CLAIM = "claim { id status approvedFen approvals decisionNote }"
SMALL, LARGE = 5_000_00, 5_000_01
"""Fen; above the first two must approve."""


async def manager(house: House, unit: str = "440106") -> Person:
    return await house.staff(StaffRole.PROGRAMME_MANAGER, unit=unit)


async def decide(who: Person, claim: str, to: str, **others: object) -> dict:
    return await who.mutate("decideCareFundClaim", CLAIM, claimId=claim, to=to, **others)


def codes(payload: dict) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def fund(house: House) -> tuple[int, int]:
    async with house.looking() as db:
        row = await db.first(sa.text("SELECT holds_fen, given_fen FROM volunteering_fund"))
    return (0, 0) if row is None else (row.holds_fen, row.given_fen)


async def test_one_is_enough_up_to_the_limit(house: House, youth: Person) -> None:
    _, before = await fund(house)
    claim = await claimed(youth, SMALL)
    staff = await manager(house)

    approved = (await decide(staff, claim, "APPROVED", amountFen=SMALL - 1, note="材料齐全"))["claim"]
    assert (approved["status"], approved["approvedFen"], approved["approvals"]) == ("APPROVED", SMALL - 1, 1)
    assert (await fund(house))[1] == before + SMALL - 1
    paid = (await decide(staff, claim, "PAID"))["claim"]
    assert (paid["status"], paid["decisionNote"]) == ("PAID", "材料齐全")
    assert (await decide(staff, claim, "PAID"))["claim"] == paid

    own = await node(
        youth, "CareFundClaim", claim, "description status history { status } claimant { legalName }"
    )
    assert own["description"] == "住院治疗"
    assert [one["status"] for one in own["history"]] == ["SUBMITTED", "APPROVED", "PAID"]
    await house.work()
    assert await told(youth) == ["VOLUNTEERING_CLAIM_PAID", "VOLUNTEERING_CLAIM_APPROVED"]


async def test_above_the_limit_two_different_people(house: House, youth: Person) -> None:
    claim = await claimed(youth, LARGE)
    first, second = await manager(house), await manager(house, "440100")
    _, before = await fund(house)

    waits = (await decide(first, claim, "APPROVED"))["claim"]
    assert (waits["status"], waits["approvals"], waits["approvedFen"]) == ("SUBMITTED", 1, LARGE)
    assert codes(await decide(first, claim, "APPROVED")) == ["FORBIDDEN"]
    assert codes(await decide(second, claim, "PAID")) == ["INVALID_STATE"]
    # another amount begins anew
    other = (await decide(second, claim, "APPROVED", amountFen=LARGE - 1 + 1))["claim"]
    assert other["status"] == "APPROVED"
    assert (await fund(house))[1] == before + LARGE
    assert codes(await decide(first, claim, "REJECTED")) == ["INVALID_STATE"]


async def test_an_approval_of_another_amount_is_the_first_of_it(house: House, youth: Person) -> None:
    claim = await claimed(youth, LARGE + 500)
    first, second = await manager(house), await manager(house)
    await decide(first, claim, "APPROVED")

    waits = (await decide(second, claim, "APPROVED", amountFen=LARGE))["claim"]
    assert (waits["status"], waits["approvals"], waits["approvedFen"]) == ("SUBMITTED", 1, LARGE)
    assert (await decide(first, claim, "APPROVED"))["claim"]["status"] == "APPROVED"


async def test_a_claim_is_rejected_and_another_may_follow(house: House, youth: Person) -> None:
    claim = await claimed(youth, SMALL)
    again = await youth.refused(
        "claimCareFund",
        CLAIM,
        reason="SERIOUS_ILLNESS",
        description="x",
        amountFen=1,
        idempotencyKey="again",
    )
    assert again == [("ALREADY_EXISTS", ["input", "reason"])]
    staff = await manager(house)
    assert (await decide(staff, claim, "REJECTED"))["claim"]["status"] == "REJECTED"
    assert codes(await decide(staff, claim, "APPROVED")) == ["INVALID_STATE"]
    assert await claimed(youth, SMALL) != claim


async def test_who_sees_a_claim(house: House, youth: Person) -> None:
    claim = await claimed(youth, SMALL)
    beside, other = await manager(house, "440300"), await house.youth()
    assert await node(beside, "CareFundClaim", claim, "id") is None
    assert await node(other, "CareFundClaim", claim, "id") is None
    assert codes(await decide(beside, claim, "APPROVED")) == ["NOT_FOUND"]
    seen = await node(
        await manager(house), "CareFundClaim", claim, "description claimant { maskedName legalName }"
    )
    assert seen["description"] == "住院治疗"
    log = await youth.run("{ viewer { youth { accessLog(first: 5) { nodes { fields } } } } }")
    looks = {field for one in log["viewer"]["youth"]["accessLog"]["nodes"] for field in one["fields"]}
    assert {"description", "legalName"} <= looks


async def test_who_claims(house: House) -> None:
    stranger = await house.youth()
    given = {"reason": "ACCIDENT", "description": "骨折", "amountFen": 0, "idempotencyKey": "k"}
    assert await stranger.refused("claimCareFund", CLAIM, **given) == [
        ("INVALID_INPUT", ["input", "amountFen"]),
        ("REAL_NAME_REQUIRED", None),
    ]


@pytest.fixture
async def nearly_empty(house: House) -> AsyncIterator[None]:
    """A fund with 10 yuan left; afterwards it holds again what it held, for the tests that come after."""
    await _hold(house, "volunteering_fund.given_fen + 1000")
    yield
    await _hold(house, f"volunteering_fund.given_fen + {CARE_FUND_FEN.default}")


async def _hold(house: House, fen: str) -> None:
    async with house.database.engine.begin() as connection:
        await connection.execute(
            sa.text(
                "INSERT INTO volunteering_fund (number, holds_fen) VALUES (1, 1000)"
                f" ON CONFLICT (number) DO UPDATE SET holds_fen = {fen}"
            )
        )


async def test_the_fund_never_gives_more_than_it_holds(house: House, nearly_empty: None) -> None:
    _, before = await fund(house)
    people = await house.youths(8, verified=True, division_code="440106")
    claims = [await claimed(who, 300) for who in people]
    staff = await manager(house)

    payloads = await asyncio.gather(*(decide(staff, claim, "APPROVED") for claim in claims))

    outcomes = [codes(payload) for payload in payloads]
    assert outcomes.count([]) == 3
    assert outcomes.count(["QUOTA_EXCEEDED"]) == 5
    assert await fund(house) == (before + 1000, before + 900)
    with pytest.raises(sa.exc.IntegrityError, match="never_more_than_it_holds"):
        async with house.database.engine.begin() as connection:
            await connection.execute(sa.text("UPDATE volunteering_fund SET given_fen = holds_fen + 1"))

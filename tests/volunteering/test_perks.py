"""Perks: what may be redeemed and why not, codes, tills, and what goes back."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.asking import day, sent, told
from support.house import House, Partner, Person
from support.raw import everything
from support.volunteering import (
    a_perk,
    a_perk_input,
    a_record,
    account,
    entries_of,
    given_hours,
    perk,
    recorded,
    redeem,
    redeemed,
    redemption,
)

from api.commands.ledger import verified
from domain.accounts.models import ConsentPurpose
from domain.core.actors import StaffRole
from domain.core.clock import day_of
from domain.searchable import REWRITINGS
from graph.core.ids import Tag, decode
from infra.grants import GRANTS
from infra.reindexing import reindex


@pytest.fixture(scope="module")
async def merchant(house: House) -> Partner:
    return await house.partner(division_code="440106")


@pytest.fixture(scope="module")
async def staff(house: House) -> Person:
    return await house.staff(StaffRole.PROGRAMME_MANAGER)


@pytest.fixture
async def youth(house: House, merchant: Partner) -> Person:
    """Ten hours, ten points."""
    youth = await house.youth(verified=True, division_code="440106")
    await given_hours(house, merchant, youth, 10)
    return youth


def codes(payload: dict) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def reasons(who: Person, identity: str) -> list[tuple[str, str]]:
    found = await perk(who, identity, "viewerEligibility { eligible reasons { code message } }")
    eligibility = found["viewerEligibility"]
    assert eligibility["eligible"] == (not eligibility["reasons"])
    return [(one["code"], one["message"]) for one in eligibility["reasons"]]


async def consume(till: Partner, code: str, key: str = "till") -> dict:
    return await till.mutate("consumePerkCode", "redemption { status code }", code=code, idempotencyKey=key)


async def test_a_perk_is_redeemed_shown_and_used(
    house: House, merchant: Partner, staff: Person, youth: Person
) -> None:
    offered = await a_perk(staff, merchant, pointsCost=4, stock=2)
    assert await reasons(youth, offered) == []

    made = await redeemed(youth, offered)

    assert made["status"] == "ISSUED"
    assert len(made["code"].replace("-", "")) == 10
    assert (await account(youth))["pointsBalance"] == 6
    assert await perk(youth, offered) == {"stock": 2, "remaining": 1}
    picture = (await redemption(youth, made["id"], "codeQrSvg"))["codeQrSvg"]
    assert picture.startswith("<svg")
    [latest, *_] = await entries_of(youth)
    assert (latest["kind"], latest["points"]) == ("REDEMPTION", -4)

    used = await consume(merchant, made["code"].lower().replace("-", " "), "first")
    assert used == {"redemption": {"status": "USED", "code": None}, "userErrors": []}
    assert await consume(merchant, made["code"].lower().replace("-", " "), "first") == used
    assert codes(await consume(merchant, made["code"], "second")) == ["INVALID_STATE"]
    assert (await redemption(youth, made["id"]))["status"] == "USED"
    refused = await youth.refused("cancelPerkRedemption", "redemption { id }", redemptionId=made["id"])
    assert refused == [("INVALID_STATE", ["input", "redemptionId"])]
    assert (await account(youth))["pointsBalance"] == 6
    await house.work()
    assert "VOLUNTEERING_CODE_USED" in await told(youth)


async def test_every_reason_and_how_far_it_is(
    house: House, merchant: Partner, staff: Person, youth: Person
) -> None:
    offered = await a_perk(
        staff,
        merchant,
        minStars=1,
        pointsCost=12,
        divisionCodes=["440300"],
        startsOn=day(house, 1),
        stock=0,
    )
    before = await everything(house, but=("core_idempotency_key",))

    found = await reasons(youth, offered)
    payload = await redeem(youth, offered)

    assert [code for code, _ in found] == [
        "NOT_ELIGIBLE",
        "NOT_ELIGIBLE",
        "INVALID_STATE",
        "SOLD_OUT",
        "QUOTA_EXCEEDED",
    ]
    assert "5400" in found[0][1]
    assert "2" in found[4][1]
    assert codes(payload) == [code for code, _ in found]
    assert await everything(house, but=("core_idempotency_key",)) == before


async def test_the_next_perk_and_the_minutes_to_it(house: House, merchant: Partner, staff: Person) -> None:
    youth = await house.youth(division_code="441900")
    await given_hours(house, merchant, youth, 10)
    here = {"divisionCodes": ["441900"]}
    await a_perk(staff, merchant, pointsCost=10, **here)
    near = await a_perk(staff, merchant, pointsCost=13, **here)
    await a_perk(staff, merchant, minStars=1, **here)
    await a_perk(staff, merchant, pointsCost=11, divisionCodes=["440300"])

    found = await account(youth, "nextPerk { id } minutesToNextPerk")

    assert found == {"nextPerk": {"id": near}, "minutesToNextPerk": 180}


async def test_stars_by_hours(house: House, merchant: Partner, staff: Person) -> None:
    youth = await house.youth()
    await given_hours(house, merchant, youth, 100)
    offered = await a_perk(staff, merchant, minStars=1)

    assert await account(youth) == {
        "serviceMinutes": 6_000,
        "stars": 1,
        "minutesToNextStar": 12_000,
        "pointsBalance": 100,
    }
    assert (await redeemed(youth, offered))["status"] == "ISSUED"


async def test_a_person_has_so_many_and_a_key_gives_one(
    house: House, merchant: Partner, staff: Person, youth: Person
) -> None:
    offered = await a_perk(staff, merchant, pointsCost=1, perPersonLimit=2)
    first, again = await redeem(youth, offered, "k"), await redeem(youth, offered, "k")
    assert first == again
    await redeemed(youth, offered)

    assert codes(await redeem(youth, offered)) == ["QUOTA_EXCEEDED"]
    assert (await account(youth))["pointsBalance"] == 8
    # what is given back may be redeemed again
    identity = first["redemption"]["id"]
    await youth.done("cancelPerkRedemption", "redemption { status }", redemptionId=identity)
    await youth.done("cancelPerkRedemption", "redemption { status }", redemptionId=identity)
    assert (await account(youth))["pointsBalance"] == 9
    await redeemed(youth, offered)
    assert codes(await redeem(youth, offered)) == ["QUOTA_EXCEEDED"]


async def test_codes_are_the_volunteers_and_the_merchants(
    house: House, merchant: Partner, staff: Person, youth: Person
) -> None:
    offered = await a_perk(staff, merchant)
    made = await redeemed(youth, offered)
    other_shop, other = await house.partner(), await house.youth()

    assert codes(await consume(other_shop, made["code"])) == ["NOT_FOUND"]
    for nonsense in ("", "x", "00000-00000", "é" * 10, "9" * 1000):
        assert codes(await consume(merchant, nonsense, f"n{nonsense[:9]}")) == ["NOT_FOUND"]
    narrow = await house.partner(existing=merchant.key, scopes=("service:write",))
    assert codes(await consume(narrow, made["code"], "narrow")) == ["FORBIDDEN"]
    assert await redemption(other, made["id"]) is None
    assert await redemption(staff, made["id"]) is None
    assert (await redemption(youth, made["id"]))["status"] == "ISSUED"


async def test_a_code_runs_out_once(house: House, merchant: Partner, staff: Person, youth: Person) -> None:
    offered = await a_perk(staff, merchant, pointsCost=3, stock=1, redeemWithinDays=7)
    made = await redeemed(youth, offered)
    house.clock.move(days=8)

    assert codes(await consume(merchant, made["code"])) == ["INVALID_STATE"]
    assert (await redemption(youth, made["id"]))["status"] == "EXPIRED"
    for _ in range(2):
        await house.work()
        house.clock.move(hours=1)

    assert (await account(youth))["pointsBalance"] == 10
    assert await perk(youth, offered) == {"stock": 1, "remaining": 1}
    assert [one["kind"] for one in await entries_of(youth)][:2] == ["REFUND", "REDEMPTION"]
    assert "VOLUNTEERING_CODE_RAN_OUT" in await told(youth)


async def test_a_correction_takes_points_that_are_spent_from_those_to_come(
    house: House, merchant: Partner, staff: Person
) -> None:
    youth = await house.youth()
    record = a_record(house, youth, hours=5)
    await recorded(merchant, record)
    offered = await a_perk(staff, merchant, pointsCost=4, perPersonLimit=2)
    made = await redeemed(youth, offered)
    entry = next(one for one in await entries_of(youth) if one["kind"] == "SERVICE")
    await staff.done(
        "correctServiceRecord", "entry { id }", entryId=entry["id"], minutes=120, reason="多记三小时"
    )
    assert (await account(youth))["pointsBalance"] == 0

    await recorded(merchant, a_record(house, youth, hours=3, days_ago=3))
    assert (await account(youth))["pointsBalance"] == 1
    await youth.done("cancelPerkRedemption", "redemption { id }", redemptionId=made["id"])
    assert (await account(youth))["pointsBalance"] == 5
    assert await verified(house.database, None) == []


async def test_search(house: House, merchant: Partner, staff: Person, youth: Person) -> None:
    cinema = await a_perk(
        staff, merchant, title="珠江影城电影票", category="CULTURE", divisionCodes=["440100"]
    )
    clinic = await a_perk(staff, merchant, title="口腔洁牙服务", category="HEALTH", pointsCost=99)
    past = await a_perk(staff, merchant, title="电影票旧场", endsOn="2026-02-01")

    async def found(who: Person, **asked: object) -> set[str]:
        data = await who.run(
            "query ($f: PerkFilter) { perks(filter: $f, first: 100) { nodes { id } } }", f=asked
        )
        return {one["id"] for one in data["perks"]["nodes"]} & {cinema, clinic, past}

    assert await found(youth) == {cinema, clinic}
    assert await found(youth, text="电影") == {cinema}
    assert await found(youth, categories=["HEALTH"]) == {clinic}
    assert await found(youth, divisionCodes=["440106"]) == {cinema, clinic}
    assert await found(youth, divisionCodes=["440300"]) == {clinic}
    assert await found(youth, eligibleOnly=True) == {cinema}
    assert await found(house.anyone, eligibleOnly=True) == set()


async def test_words_are_made_anew_while_people_search(house: House, staff: Person) -> None:
    shop = await house.partner(name="榕树下咖啡馆", division_code="440106")
    made = await a_perk(staff, shop, title="手冲拿铁一杯", description="工作日下午可用")

    async def found(text: str) -> bool:
        document = "query ($t: String!) { perks(filter: {text: $t}) { nodes { id } } }"
        return made in {one["id"] for one in (await shop.run(document, t=text))["perks"]["nodes"]}

    words = ("拿铁", "咖啡馆", "工作日")
    assert [await found(word) for word in words] == [True] * 3
    async with house.database.engine.begin() as connection:
        await connection.execute(sa.text("UPDATE volunteering_perk SET search_terms = ''"))
    assert [await found(word) for word in words] == [False] * 3
    told: list[tuple[str, int, int]] = []

    await reindex(house.runtime.database, GRANTS, REWRITINGS, lambda *step: told.append(step))

    assert [await found(word) for word in words] == [True] * 3
    assert told[-1][0] == "volunteering_perk"
    assert told[-1][1] == told[-1][2] >= 1


async def test_who_enters_perks_and_what_is_wrong_with_them(
    house: House, merchant: Partner, staff: Person
) -> None:
    beside = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440300")
    payload = await sent(beside, "upsertPerk", "perk { id }", a_perk_input(house, merchant))
    assert codes(payload) == ["NOT_FOUND"]
    wrong = a_perk_input(house, merchant, title="", minStars=6, pointsCost=-1, stock=-1, endsOn="2020-01-01")
    payload = await sent(staff, "upsertPerk", "perk { id }", wrong)
    fields = {error["field"][1] for error in payload["userErrors"]}
    assert fields == {"title", "minStars", "pointsCost", "stock", "endsOn"}
    unverified = await house.partner(verified=False)
    payload = await sent(staff, "upsertPerk", "perk { id }", a_perk_input(house, unverified))
    assert codes(payload) == ["NOT_ELIGIBLE"]


async def test_a_stock_never_falls_below_what_is_taken(
    house: House, merchant: Partner, staff: Person, youth: Person
) -> None:
    given = a_perk_input(house, merchant, stock=3, perPersonLimit=2)
    payload = await sent(staff, "upsertPerk", "perk { id version }", given)
    identity, version = payload["perk"]["id"], payload["perk"]["version"]
    await redeemed(youth, identity)
    await redeemed(youth, identity)

    payload = await sent(staff, "upsertPerk", "perk { id }", {**given, "id": identity, "stock": 1})
    assert codes(payload) == ["INVALID_STATE"]
    changed = {**given, "id": identity, "stock": 2, "expectedVersion": version}
    assert codes(await sent(staff, "upsertPerk", "perk { id }", changed)) == []
    assert codes(await sent(staff, "upsertPerk", "perk { id }", changed)) == ["CONFLICT"]
    assert await perk(youth, identity) == {"stock": 2, "remaining": 0}
    other = await house.youth()
    assert codes(await redeem(other, identity)) == ["SOLD_OUT"]


async def test_the_database_itself_forbids_too_many(
    house: House, merchant: Partner, staff: Person, youth: Person
) -> None:
    offered = await a_perk(staff, merchant, pointsCost=1, stock=1)
    await redeemed(youth, offered)
    for statement, rule in (
        ("UPDATE volunteering_perk SET taken = taken + 1 WHERE stock = 1 AND taken = 1", "never_oversold"),
        (
            (
                "INSERT INTO volunteering_redemption (id, perk_id, volunteer_id, turn, most, points, status, expires_at, created_at)"
                " SELECT uuidv7(), perk_id, volunteer_id, turn, most, points, status, expires_at, created_at"
                " FROM volunteering_redemption WHERE status = 'ISSUED' LIMIT 1"
            ),
            "turns",
        ),
        ("UPDATE volunteering_account SET consumed = consumed + 1", "balance_follows"),
    ):
        with pytest.raises(sa.exc.IntegrityError, match=rule):
            async with house.database.engine.begin() as connection:
                await connection.execute(sa.text(statement))


async def test_the_young_need_their_guardian(house: House, merchant: Partner, staff: Person) -> None:
    born = day_of(house.clock()) - timedelta(days=16 * 366)
    alone = await house.youth(verified=True, birth_date=born)
    agreed = await house.youth(
        verified=True, birth_date=born, consents=(ConsentPurpose.TERMS, ConsentPurpose.GUARDIAN)
    )
    offered = await a_perk(staff, merchant)

    assert codes(await redeem(alone, offered)) == ["CONSENT_REQUIRED"]
    await redeemed(agreed, offered)


async def test_figures_for_the_merchant(house: House, staff: Person) -> None:
    shop, other = await house.partner(), await house.partner()
    offered = await a_perk(staff, shop, pointsCost=1)
    people = await house.youths(3)
    made = []
    for who in people:
        await given_hours(house, shop, who, 2)
        made.append(await redeemed(who, offered))
    await consume(shop, made[0]["code"])
    await people[1].done("cancelPerkRedemption", "redemption { id }", redemptionId=made[1]["id"])
    document = (
        "query ($id: ID!) { node(id: $id) { ... on Organization"
        " { perkFigures { perk { id } issued used cancelled expired points } } } }"
    )

    figures = {"perk": {"id": offered}, "issued": 1, "used": 1, "cancelled": 1, "expired": 0, "points": 2}
    for who, seen in ((shop, [figures]), (staff, [figures]), (other, None), (people[0], None)):
        data = await who.run(document, id=shop.id)
        assert data["node"]["perkFigures"] == seen


async def test_figures_beyond_what_a_number_of_the_schema_holds(
    house: House, merchant: Partner, staff: Person, youth: Person
) -> None:
    """No merchant takes so many points within a lifetime of tests: three redemptions are made dear by hand."""
    shop = await house.partner()
    offered = await a_perk(staff, shop, pointsCost=1, perPersonLimit=3)
    for _ in range(3):
        await redeemed(youth, offered)
    dear = "UPDATE volunteering_redemption SET points = 1000000000 WHERE perk_id = :perk"
    document = "query ($id: ID!) { node(id: $id) { ... on Organization { perkFigures { issued points } } } }"
    async with house.database.engine.begin() as connection:
        await connection.execute(sa.text(dear).bindparams(perk=decode(Tag.Perk, offered)))

    data = await shop.run(document, id=shop.id)

    assert data["node"]["perkFigures"] == [{"issued": 3, "points": 2**31 - 1}]


async def test_two_tills_at_once(house: House, merchant: Partner, staff: Person) -> None:
    offered = await a_perk(staff, merchant)
    for number, who in enumerate(await house.youths(10)):
        code = (await redeemed(who, offered))["code"]
        payloads = await asyncio.gather(*(consume(merchant, code, f"t{number}-{till}") for till in range(4)))
        assert sorted(codes(payload) for payload in payloads) == [[], *[["INVALID_STATE"]] * 3]

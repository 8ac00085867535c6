"""Certificates of service: what they say, who sees what, when they fall."""

from datetime import timedelta

import jwt
import pytest
import sqlalchemy as sa
from support.asking import day, node, told
from support.house import House, Partner, Person
from support.raw import everything
from support.volunteering import CERTIFICATE, a_record, certified, entries_of, given_hours, recorded

from domain.accounts.models import ConsentPurpose
from domain.core.actors import StaffRole
from domain.core.clock import day_of

VERIFY = (
    "query ($code: String!) { verifyCertificate(code: $code) {"
    " id code kind title holderName url issuedOn revokedAt revocationReason signature issuer { name }"
    " service { minutes stars organizations } } }"
)


@pytest.fixture(scope="module")
async def partner(house: House) -> Partner:
    return await house.partner(division_code="440106")


@pytest.fixture
async def youth(house: House, partner: Partner) -> Person:
    """Twenty hours on the three days up to yesterday."""
    youth = await house.youth(verified=True, division_code="440106")
    await given_hours(house, partner, youth, 20)
    return youth


async def verify(who: Person | object, code: str) -> dict | None:
    return (await who.run(VERIFY, code=code))["verifyCertificate"]  # type: ignore[attr-defined]  # whoever asks


async def own(youth: Person, selection: str = "id revokedAt revocationReason") -> list[dict]:
    data = await youth.run(f"{{ viewer {{ youth {{ certificates {{ {selection} }} }} }} }}")
    return data["viewer"]["youth"]["certificates"]


async def refused(who: Person, **given: object) -> list[tuple[str, list[str] | None]]:
    return await who.refused("requestServiceCertificate", CERTIFICATE, idempotencyKey="refused", **given)


async def test_a_certificate_says_what_was_served(house: House, partner: Partner, youth: Person) -> None:
    other = await house.partner()
    await recorded(other, a_record(house, youth, days_ago=9, hours=1.5))
    whole = await certified(youth)
    part = await certified(youth, since=day(house, -3), until=day(house, -2))

    said = {"stars": 0, "servedSince": day(house, -9)}
    assert whole["service"] == said | {
        "since": day(house, -9),
        "until": day(house),
        "minutes": 21 * 60 + 30,
        "organizations": 2,
    }
    assert part["service"] == said | {
        "since": day(house, -3),
        "until": day(house, -2),
        "minutes": 12 * 60,
        "organizations": 1,
    }
    assert whole["url"].endswith(f"/certificates/{whole['code']}")
    assert (whole["title"], whole["issuedOn"], whole["revokedAt"]) == ("志愿服务时长证明", day(house), None)
    assert [one["id"] for one in await own(youth)] == [part["id"], whole["id"]]
    assert await node(youth, "Certificate", whole["id"], "code") == {"code": whole["code"]}


async def test_anybody_with_the_number_checks_it_and_its_signature(house: House, youth: Person) -> None:
    made = await certified(youth)
    for typed in (made["code"], made["code"].lower().replace("-", ""), f" {made['code']} "):
        found = await verify(house.anyone, typed)
        assert found is not None
        assert found["id"] == made["id"]
    assert made["holderName"] != found["holderName"]
    assert found["holderName"] == made["holderName"][0] + "*" * (len(made["holderName"]) - 1)

    keys = (await house.http.get("/.well-known/certificate-keys.json")).json()["keys"]
    key = next(one for one in keys if one["kid"] == jwt.get_unverified_header(made["signature"])["kid"])
    token = jwt.api_jws.decode_complete(made["signature"], jwt.PyJWK(key).key, algorithms=["EdDSA"])
    assert token["header"]["typ"] == "certificate+jws"
    payload = token["payload"].decode()
    assert made["code"] in payload
    assert made["holderName"] not in payload
    assert youth.phone not in payload
    changed = made["signature"].replace(".e", ".f", 1)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.api_jws.decode(changed, jwt.PyJWK(key).key, algorithms=["EdDSA"])


@pytest.mark.parametrize("code", ["", "0", "0" * 24, "x" * 10_000, "000000-000000-000000-00000!", "😀"])
async def test_no_number_of_ours(house: House, code: str) -> None:
    assert await verify(house.anyone, code) is None


async def test_the_numbers_are_not_in_the_database(house: House, youth: Person) -> None:
    made = await certified(youth)
    async with house.looking() as db:
        rows = await db.rows(sa.text("SELECT c::text FROM certificates_certificate AS c"))
    written = "".join(row[0] for row in rows)
    assert len(made["code"].replace("-", "")) == 24
    for secret in (made["code"], made["code"].replace("-", ""), made["holderName"], made["signature"]):
        assert secret not in written


async def test_one_key_is_one_certificate(house: House, youth: Person) -> None:
    one, two = [
        await youth.done("requestServiceCertificate", CERTIFICATE, idempotencyKey="once") for _ in range(2)
    ]
    assert one == two
    assert len(await own(youth)) == 1


async def test_who_gets_none(house: House, partner: Partner, youth: Person) -> None:
    idle = await house.youth(verified=True)
    nameless = await house.youth()
    await given_hours(house, partner, nameless, 2)
    before = await everything(house, but=["core_idempotency_key"])

    assert await refused(idle) == [("NOT_ELIGIBLE", None)]
    assert await refused(nameless) == [("REAL_NAME_REQUIRED", None)]
    assert await refused(youth, since=day(house), until=day(house, -1)) == [
        ("INVALID_INPUT", ["input", "since"])
    ]
    assert await youth.refused(
        "requestServiceCertificate", CERTIFICATE, until=day(house, 1), idempotencyKey="later"
    ) == [("INVALID_INPUT", ["input", "until"])]
    assert await youth.refused(
        "requestServiceCertificate", CERTIFICATE, until=day(house, -30), idempotencyKey="long ago"
    ) == [("NOT_ELIGIBLE", None)]
    assert await everything(house, but=["core_idempotency_key"]) == before


async def test_the_young_need_their_guardian(house: House, partner: Partner) -> None:
    born = day_of(house.clock()) - timedelta(days=16 * 366)
    alone = await house.youth(verified=True, birth_date=born)
    agreed = await house.youth(
        verified=True, birth_date=born, consents=(ConsentPurpose.TERMS, ConsentPurpose.GUARDIAN)
    )
    for who in (alone, agreed):
        await given_hours(house, partner, who, 2)
    assert await refused(alone) == [("CONSENT_REQUIRED", None)]
    assert (await certified(agreed))["service"]["minutes"] == 120


async def test_so_many_a_day(house: House, youth: Person) -> None:
    for _ in range(10):
        await certified(youth)
    assert await refused(youth) == [("QUOTA_EXCEEDED", None)]
    assert len(await own(youth)) == 10


async def test_it_falls_when_a_correction_leaves_less(house: House, partner: Partner, youth: Person) -> None:
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER)
    whole = await certified(youth)
    before = await certified(youth, until=day(house, -2))
    [latest, *_] = [one for one in await entries_of(youth) if one["startedAt"] > f"{day(house, -2)}T20"]

    more = {"entryId": latest["id"], "minutes": latest["minutes"] + 60, "reason": "补记"}
    await staff.done("correctServiceRecord", "entry { id }", **more)
    assert [one["revokedAt"] for one in await own(youth)] == [None, None]

    same = more | {"minutes": latest["minutes"], "reason": "更正"}
    await staff.done("correctServiceRecord", "entry { id }", **same)
    assert [one["revokedAt"] for one in await own(youth)] == [None, None]

    less = more | {"minutes": latest["minutes"] - 1, "reason": "提前离开"}
    await staff.done("correctServiceRecord", "entry { id }", **less)
    kept, fallen = await own(youth)
    assert (kept["id"], kept["revokedAt"]) == (before["id"], None)
    assert fallen["id"] == whole["id"]
    assert fallen["revokedAt"] is not None
    seen = await verify(house.anyone, whole["code"])
    assert seen is not None
    assert seen["revokedAt"] == fallen["revokedAt"]
    assert seen["revocationReason"] == "所载内容已被更正。"
    await house.work()
    assert "CERTIFICATE_REVOKED_CORRECTED" in await told(youth)


async def test_it_falls_when_its_organization_says_less(
    house: House, partner: Partner, youth: Person
) -> None:
    record = a_record(house, youth, days_ago=12, hours=4)
    await recorded(partner, record)
    made = await certified(youth, since=day(house, -12), until=day(house, -12))
    shorter = a_record(house, youth, days_ago=12, hours=3, ref=record["externalRef"])
    [result] = await recorded(partner, shorter)
    assert result["outcome"] == "UPDATED"
    found = await verify(house.anyone, made["code"])
    assert found is not None
    assert found["revokedAt"] is not None


async def test_it_falls_with_the_stars_that_it_tells(house: House, partner: Partner) -> None:
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER)
    youth = await house.youth(verified=True)
    await given_hours(house, partner, youth, 100)
    made = await certified(youth, since=day(house, -3), until=day(house))
    assert made["service"]["stars"] == 1
    oldest = min(await entries_of(youth), key=lambda one: one["startedAt"])
    await staff.done("correctServiceRecord", "entry { id }", entryId=oldest["id"], minutes=0, reason="误录")
    [fallen] = await own(youth)
    assert fallen["revokedAt"] is not None


async def test_staff_in_reach_revoke_it_and_say_why(house: House, youth: Person) -> None:
    made = await certified(youth)
    manager = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440106")
    beside = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440300")
    given = {"certificateId": made["id"], "reason": "冒领他人时长"}
    assert await beside.refused("revokeCertificate", "certificate { id }", **given) == [
        ("NOT_FOUND", ["input", "certificateId"])
    ]
    assert await manager.refused("revokeCertificate", "certificate { id }", **given | {"reason": " "}) == [
        ("INVALID_INPUT", ["input", "reason"])
    ]
    [kept] = await own(youth)
    assert kept["revokedAt"] is None

    selection = "certificate { revokedAt revocationReason holderName }"
    one = (await manager.done("revokeCertificate", selection, **given))["certificate"]
    again = (await manager.done("revokeCertificate", selection, **given | {"reason": "x"}))["certificate"]
    assert one == again
    assert one["revocationReason"] == "冒领他人时长"
    assert one["holderName"] != made["holderName"]
    [seen] = await own(youth)
    assert seen["revocationReason"] == "冒领他人时长"
    public = await verify(house.anyone, made["code"])
    assert public is not None
    assert public["revocationReason"] == "已由颁发单位撤销。"


async def test_an_id_finds_nothing_for_others(house: House, youth: Person) -> None:
    made = await certified(youth)
    other = await house.youth()
    beside = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440300")
    for who in (house.anyone, other, beside):
        assert await node(who, "Certificate", made["id"], "id") is None

"""Organizations: entered and verified by staff in reach, read by everyone."""

from typing import Any

import pytest
from support.asking import inbox, node, sent
from support.client import Client
from support.house import House

from domain.core.actors import StaffRole
from domain.partners.models import OrganizationKind

MANAGER = StaffRole.PROGRAMME_MANAGER
ORGANIZATION = (
    "organization { id version name kind verified employeeCount recommendedPosts industryCode"
    " division { code } unit { division { code } } history { status note } }"
)
UPSERT = "upsertOrganization"


def an_organization(**others: Any) -> dict[str, Any]:
    return {"name": "广州青年科技有限公司", "kind": "PRIVATE", "divisionCode": "440106", **others}


async def entered(client: Client, given: dict[str, Any]) -> Any:
    payload = await sent(client, UPSERT, ORGANIZATION, given)
    assert payload["userErrors"] == [], payload["userErrors"]
    return payload["organization"]


async def refused(client: Client, given: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    payload = await sent(client, UPSERT, ORGANIZATION, given)
    assert payload["organization"] is None
    return [(reason["code"], reason["field"]) for reason in payload["userErrors"]]


async def found(client: Client, **asked: Any) -> list[str]:
    data = await client.run(
        "query ($filter: OrganizationFilter) { organizations(filter: $filter, first: 100) {"
        " nodes { id } totalCount } }",
        filter=asked,
    )
    assert data["organizations"]["totalCount"] == len(data["organizations"]["nodes"])
    return [row["id"] for row in data["organizations"]["nodes"]]


async def test_a_new_organization_is_unverified_and_below_the_unit_of_its_division(house: House) -> None:
    staff = await house.staff(MANAGER)

    made = await entered(staff, an_organization(employeeCount=101, industryCode="6510"))

    assert made.pop("id")
    assert made == {
        "version": 1,
        "name": "广州青年科技有限公司",
        "kind": "PRIVATE",
        "verified": False,
        "employeeCount": 101,
        "recommendedPosts": 11,
        "industryCode": "6510",
        "division": {"code": "440106"},
        "unit": {"division": {"code": "440106"}},
        "history": [{"status": "UNVERIFIED", "note": None}],
    }


async def test_with_an_id_what_is_absent_keeps_its_value_and_null_clears(house: House) -> None:
    staff = await house.staff(MANAGER)
    made = await entered(staff, an_organization(employeeCount=50, industryCode="6510"))

    kept = await entered(staff, an_organization(id=made["id"], name="新名称"))
    cleared = await entered(staff, an_organization(id=made["id"], employeeCount=None))

    assert kept == {**made, "version": 2, "name": "新名称"}
    assert cleared == {**made, "version": 3, "employeeCount": None, "recommendedPosts": None}


async def test_the_same_holds_for_what_stands_in_the_document_itself(house: House) -> None:
    staff = await house.staff(MANAGER)
    made = await entered(staff, an_organization(employeeCount=50, industryCode="6510"))

    data = await staff.run(
        'mutation ($id: ID!, $industry: String) { upsertOrganization(input: {id: $id, name: "文档",'
        ' kind: SOCIAL, divisionCode: "440106", employeeCount: null, industryCode: $industry})'
        " { organization { employeeCount industryCode kind } userErrors { code } } }",
        id=made["id"],
    )

    assert data["upsertOrganization"] == {
        "organization": {"employeeCount": None, "industryCode": "6510", "kind": "SOCIAL"},
        "userErrors": [],
    }


async def test_a_version_that_is_no_longer_true_is_a_conflict(house: House) -> None:
    staff = await house.staff(MANAGER)
    made = await entered(staff, an_organization())
    await entered(staff, an_organization(id=made["id"], expectedVersion=1))

    assert await refused(staff, an_organization(id=made["id"], expectedVersion=1, name="来晚了")) == [
        ("CONFLICT", ["input", "expectedVersion"])
    ]
    assert (await entered(staff, an_organization(id=made["id"], expectedVersion=2)))["version"] == 3


async def test_the_same_key_enters_one_organization(house: House) -> None:
    staff = await house.staff(MANAGER)

    first, again = [await entered(staff, an_organization(idempotencyKey="k")) for _ in range(2)]

    assert first == again
    assert await refused(staff, an_organization(idempotencyKey="k", name="别的")) == [
        ("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "名" * 101}, "name"),
        ({"employeeCount": 0}, "employeeCount"),
        ({"employeeCount": -5}, "employeeCount"),
        ({"employeeCount": 10_000_001}, "employeeCount"),
        ({"industryCode": ""}, "industryCode"),
        ({"industryCode": "123456"}, "industryCode"),
        ({"industryCode": "六五一〇"}, "industryCode"),
        ({"divisionCode": "999999"}, "divisionCode"),
    ],
)
async def test_a_record_beyond_a_limit_is_refused_at_its_field(
    house: House, changes: dict[str, Any], field: str
) -> None:
    staff = await house.staff(MANAGER)
    assert await refused(staff, an_organization(**changes)) == [("INVALID_INPUT", ["input", field])]


async def test_organizations_are_of_programme_managers_within_reach(house: House) -> None:
    city, county = await house.staff(MANAGER, unit="440100"), await house.staff(MANAGER, unit="440106")
    beside = await house.staff(MANAGER, unit="440105")
    made = await entered(city, an_organization(divisionCode="440106"))

    # below is in reach; above and beside are not, neither for what is there nor for where it shall go
    await entered(county, an_organization(id=made["id"], divisionCode="440106"))
    assert await refused(beside, an_organization(id=made["id"], divisionCode="440105")) == [
        ("NOT_FOUND", ["input", "id"])
    ]
    for division in ("440100", "440105", "440300"):
        beyond = [("FORBIDDEN", ["input", "divisionCode"])]
        assert await refused(county, an_organization(divisionCode=division)) == beyond
        assert await refused(county, an_organization(id=made["id"], divisionCode=division)) == beyond

    # and nobody else's
    for client, code in (
        (await house.staff(StaffRole.CASE_WORKER, StaffRole.AUDITOR), "FORBIDDEN"),
        (await house.partner(), "FORBIDDEN"),
        (await house.youth(), "FORBIDDEN"),
        (house.anyone, "UNAUTHENTICATED"),
    ):
        assert await refused(client, an_organization()) == [(code, None)]


async def test_staff_verify_and_the_organization_is_told_once(house: House) -> None:
    staff, partner = await house.staff(MANAGER), await house.partner(verified=False)
    given = {"organizationId": partner.id, "verified": True, "note": "材料齐全"}

    first = await staff.done("verifyOrganization", ORGANIZATION, **given)
    again = await staff.done("verifyOrganization", ORGANIZATION, **given)

    assert first == again
    assert first["organization"]["verified"] is True
    assert first["organization"]["history"] == [
        {"status": "UNVERIFIED", "note": None},
        {"status": "VERIFIED", "note": "材料齐全"},
    ]
    await house.work()
    [notice] = await inbox(partner)
    assert notice["kind"] == "ORGANIZATION_VERIFIED"
    assert "材料齐全" in notice["body"]

    # and it may be taken back
    taken = await staff.done("verifyOrganization", ORGANIZATION, organizationId=partner.id, verified=False)
    assert taken["organization"]["verified"] is False
    await house.work()
    assert [notice["kind"] for notice in await inbox(partner)] == [
        "ORGANIZATION_REFUSED",
        "ORGANIZATION_VERIFIED",
    ]


async def test_only_programme_managers_in_reach_verify(house: House) -> None:
    partner = await house.partner(verified=False, division_code="440106")
    given = {"organizationId": partner.id, "verified": True}

    for client, reason in (
        (await house.staff(MANAGER, unit="440105"), ("NOT_FOUND", ["input", "organizationId"])),
        (await house.staff(StaffRole.EVENT_HOST), ("FORBIDDEN", None)),
        (partner, ("FORBIDDEN", None)),
        (await house.youth(), ("FORBIDDEN", None)),
        (house.anyone, ("UNAUTHENTICATED", None)),
    ):
        assert await client.refused("verifyOrganization", "organization { id }", **given) == [reason]
    assert (await node(house.anyone, "Organization", partner.id, "verified")) == {"verified": False}
    await (await house.staff(StaffRole.ADMIN, unit="440106")).done(
        "verifyOrganization", "organization { id }", **given
    )


async def test_organizations_by_name_kind_division_and_verification(house: House) -> None:
    firm = await house.partner(name="韶关钢铁集团", division_code="440203", verified=False)
    bureau = await house.partner(
        name="韶关市图书馆", division_code="440200", kind=OrganizationKind.PUBLIC_INSTITUTION
    )
    here = {"divisionCodes": ["440200"]}

    assert await found(house.anyone, **here) == [bureau.id, firm.id]  # the newest first
    assert await found(house.anyone, divisionCodes=["440203"]) == [firm.id]
    assert await found(house.anyone, **here, verified=True) == [bureau.id]
    assert await found(house.anyone, **here, verified=False) == [firm.id]
    assert await found(house.anyone, **here, kinds=["PUBLIC_INSTITUTION", "SOCIAL"]) == [bureau.id]
    assert await found(house.anyone, **here, text="图书馆") == [bureau.id]
    assert await found(house.anyone, **here, text="韶关") == [bureau.id, firm.id]
    assert await found(house.anyone, **here, text="钢铁 图书馆") == []


async def test_the_viewer_of_a_token_is_its_organization_with_its_scopes(house: House) -> None:
    partner = await house.partner(scopes=("internships:write", "internships:read"))

    data = await partner.run("{ viewer { youth { id } staff { id } organization { id } scopes } }")

    assert data["viewer"] == {
        "youth": None,
        "staff": None,
        "organization": {"id": partner.id},
        "scopes": ["internships:read", "internships:write"],
    }

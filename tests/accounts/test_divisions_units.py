"""Divisions and units: the tree that reach goes by, and the viewer."""

from typing import Any

from support.asking import node
from support.client import Client
from support.house import House

from domain.core.actors import StaffRole


async def divisions(client: Client, parent: str | None = None) -> list[Any]:
    data = await client.run(
        "query ($parent: String) { divisions(parentCode: $parent) { code name level parent { code } } }",
        parent=parent,
    )
    return data["divisions"]


async def test_divisions_go_from_the_province_down_to_counties(house: House) -> None:
    [province] = await divisions(house.anyone)
    assert province == {"code": "440000", "name": "广东省", "level": "PROVINCE", "parent": None}

    cities = await divisions(house.anyone, "440000")
    assert len(cities) == 21
    assert [city["code"] for city in cities] == sorted(city["code"] for city in cities)
    assert {city["level"] for city in cities} == {"CITY"}
    assert cities[0] == {
        "code": "440100",
        "name": "广州市",
        "level": "CITY",
        "parent": {"code": "440000"},
    }

    counties = await divisions(house.anyone, "440100")
    assert {"440105", "440106"} <= {county["code"] for county in counties}
    assert {county["level"] for county in counties} == {"COUNTY"}


async def test_a_division_without_any_below_or_unknown_has_none(house: House) -> None:
    for code in ("441900", "442000", "440106", "999999", "", "'"):
        assert await divisions(house.anyone, code) == []


async def test_children_and_parents_of_divisions_agree(house: House) -> None:
    data = await house.anyone.run(
        "{ divisions { code children { code parent { code } children { code parent { code } } } } }"
    )
    [province] = data["divisions"]
    for city in province["children"]:
        assert city["parent"] == {"code": "440000"}
        for county in city["children"]:
            assert county["parent"] == {"code": city["code"]}


UNIT = "id name level division { code } parent { id }"


async def units(client: Client, parent: str | None = None) -> list[Any]:
    data = await client.run(f"query ($parent: ID) {{ units(parentId: $parent) {{ {UNIT} }} }}", parent=parent)
    return data["units"]


async def test_units_follow_the_divisions(house: House) -> None:
    [root] = await units(house.anyone)
    assert (root["level"], root["division"], root["parent"]) == ("PROVINCE", {"code": "440000"}, None)

    cities = await units(house.anyone, root["id"])
    assert [unit["division"]["code"] for unit in cities] == [
        division["code"] for division in await divisions(house.anyone, "440000")
    ]
    assert {unit["parent"]["id"] for unit in cities} == {root["id"]}
    assert await node(house.anyone, "Unit", cities[0]["id"], UNIT) == cities[0]

    [error] = await house.anyone.errors('{ units(parentId: "nonsense") { id } }')
    assert error["extensions"]["code"] == "NOT_FOUND"


async def test_members_of_a_unit_are_seen_by_staff_in_reach(house: House) -> None:
    city, county = await house.staff(StaffRole.AUDITOR, unit="441300"), await house.staff(unit="441302")
    member = await house.staff(StaffRole.CASE_WORKER, unit="441302")

    async def seen(client: Client) -> list[str] | None:
        found = (await node(client, "Unit", member.unit_id, "staff { nodes { id } totalCount }"))["staff"]
        return None if found is None else [row["id"] for row in found["nodes"]]

    assert await seen(city) == [county.id, member.id]
    assert await seen(member) == [county.id, member.id]
    for client in (
        house.anyone,
        await house.youth(),
        await house.partner(),
        await house.staff(StaffRole.ADMIN, unit="441200"),
        county,  # has no role
    ):
        assert await seen(client) is None
    assert await node(city, "StaffMember", member.id, "roles unit { id }") == {
        "roles": ["CASE_WORKER"],
        "unit": {"id": member.unit_id},
    }
    for client in (house.anyone, await house.youth(), await house.staff(StaffRole.ADMIN, unit="441200")):
        assert await node(client, "StaffMember", member.id, "id") is None


async def test_the_viewer_is_who_the_credentials_say(house: House) -> None:
    document = "{ viewer { youth { id phone } staff { id roles } organization { id } scopes } }"
    youth, staff = await house.youth(), await house.staff(StaffRole.AUDITOR)

    assert (await house.anyone.run(document))["viewer"] is None
    assert (await youth.run(document))["viewer"] == {
        "youth": {"id": youth.id, "phone": youth.phone},
        "staff": None,
        "organization": None,
        "scopes": [],
    }
    assert (await staff.run(document))["viewer"] == {
        "youth": None,
        "staff": {"id": staff.id, "roles": ["AUDITOR"]},
        "organization": None,
        "scopes": [],
    }

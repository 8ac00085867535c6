"""Admins change the tree of units within their reach; the database keeps it a tree."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from support.asking import node
from support.client import Client
from support.house import House, Person
from support.raw import everything
from support.staffing import a_unit, reasons, upsert_staff, upsert_unit

from domain.core.actors import StaffRole, System
from graph.core.ids import parse


async def territory(house: House, code: str) -> str:
    return (await house.staff(StaffRole.AUDITOR, unit=code)).unit_id


async def path(house: House, unit_id: str) -> list[str]:
    async with house.looking() as db:
        found = await db.scalar(
            sa.text("SELECT path FROM accounts_unit WHERE id = :id").bindparams(id=parse(unit_id)[1])
        )
    return [str(step) for step in found]


async def changes(house: House, identity: str) -> list[tuple[str, str]]:
    """What is written down: what and by whom."""
    async with house.looking() as db:
        rows = await db.rows(
            sa.text(
                "SELECT status, actor FROM core_state_event WHERE subject_id = :id ORDER BY id"
            ).bindparams(id=parse(identity)[1])
        )
    return [(row.status, row.actor) for row in rows]


async def sees_staff(member: Person, unit_id: str) -> bool:
    return (await node(member, "Unit", unit_id, "staff { totalCount }"))["staff"] is not None


async def test_an_admin_creates_renames_and_moves_a_unit_with_all_below_it(house: House) -> None:
    # given a system below the province, a school below it, and an admin of each
    admin, city = await house.staff(StaffRole.ADMIN), await house.staff(StaffRole.ADMIN, unit="440100")
    system = await a_unit(admin, admin.unit_id, name="广东省直属机关团工委")
    school = await a_unit(admin, system, name="省直中学", level="SCHOOL", divisionCode="440106")
    assert not await sees_staff(city, school)

    # when the system is renamed and moved below the city
    await upsert_unit(admin, id=system, name="机关团工委", level="SYSTEM")
    moved = await upsert_unit(admin, id=system, name="机关团工委", level="SYSTEM", parentId=city.unit_id)

    # then it stands there with its school, and the city's admin reaches both
    assert moved["userErrors"] == []
    assert moved["unit"]["name"] == "机关团工委"
    assert moved["unit"]["parent"] == {"id": city.unit_id}
    assert await path(house, school) == [*await path(house, system), str(parse(school)[1])]
    assert await path(house, system) == [*await path(house, city.unit_id), str(parse(system)[1])]
    assert await sees_staff(city, school)
    assert await changes(house, system) == [
        (change, f"staff:{admin.key}") for change in ("CREATED", "RENAMED", "MOVED")
    ]
    seen = await node(city, "Unit", school, "name level division { code } parent { id }")
    assert seen == {
        "name": "省直中学",
        "level": "SCHOOL",
        "division": {"code": "440106"},
        "parent": {"id": system},
    }


async def test_the_same_again_changes_nothing_and_absent_is_not_null(house: House) -> None:
    admin = await house.staff(StaffRole.ADMIN, unit="440300")
    unit = await a_unit(admin, admin.unit_id, name="某校", level="SCHOOL", divisionCode="440305")
    before = await everything(house)
    for given in ({}, {"parentId": admin.unit_id}, {"divisionCode": "440305"}, {"name": " 某校 "}):
        payload = await upsert_unit(admin, **{"id": unit, "name": "某校", "level": "SCHOOL", **given})
        assert payload["unit"]["division"] == {"code": "440305"}
    assert await everything(house) == before
    cleared = await upsert_unit(admin, id=unit, name="某校", level="SCHOOL", divisionCode=None)
    assert cleared["unit"]["division"] is None
    refused = await upsert_unit(admin, id=unit, name="某校", level="SCHOOL", parentId=None)
    assert reasons(refused) == [("INVALID_STATE", ["parentId"])]


async def test_a_unit_is_created_once_for_each_key(house: House) -> None:
    admin = await house.staff(StaffRole.ADMIN, unit="440300")
    given = {"parentId": admin.unit_id, "name": "一次", "idempotencyKey": "unit-once"}
    first, second = await upsert_unit(admin, **given), await upsert_unit(admin, **given)
    assert first["unit"]["id"] == second["unit"]["id"]
    assert reasons(await upsert_unit(admin, **{**given, "name": "两次"})) == [
        ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])
    ]


async def test_who_does_not_reach_a_unit_does_not_know_of_it(house: House) -> None:
    # given an admin of a city, and units above, beside and below it
    admin = await house.staff(StaffRole.ADMIN, unit="440400")
    above, beside, below = [await territory(house, code) for code in ("440000", "440500", "440402")]
    own = await a_unit(admin, below)
    theirs = await a_unit(await house.staff(StaffRole.ADMIN), beside)
    before = await everything(house)

    # then neither creating there, nor moving there, nor changing what is there is possible
    for parent in (above, beside, "nonsense", admin.id):
        assert reasons(await upsert_unit(admin, parentId=parent)) == [("NOT_FOUND", ["parentId"])]
        assert reasons(await upsert_unit(admin, id=own, parentId=parent)) == [("NOT_FOUND", ["parentId"])]
    for unit in (above, beside, theirs, "nonsense", admin.id):
        assert reasons(await upsert_unit(admin, id=unit)) == [("NOT_FOUND", ["id"])]
    assert reasons(await upsert_unit(admin, id=theirs, parentId=below)) == [("NOT_FOUND", ["id"])]
    assert await everything(house) == before

    # and an admin below reaches its own unit alone
    county = await house.staff(StaffRole.ADMIN, unit="440402")
    renamed = await upsert_unit(county, id=below, name="共青团香洲区委员会（新）", level="COUNTY")
    assert renamed["userErrors"] == []
    assert reasons(await upsert_unit(county, parentId=admin.unit_id)) == [("NOT_FOUND", ["parentId"])]


async def test_only_admins_change_the_tree(house: House) -> None:
    root = await territory(house, "440000")
    partner, youth = await house.partner(), await house.youth()
    others = [await house.staff(role) for role in StaffRole if role is not StaffRole.ADMIN]
    await partner.run("{ viewer { scopes } }")  # the first use of a token is noted
    before = await everything(house)
    clients: list[tuple[Client, str]] = [(house.anyone, "UNAUTHENTICATED"), (youth, "FORBIDDEN")]
    clients += [(client, "FORBIDDEN") for client in (partner, *others)]
    for client, code in clients:
        assert reasons(await upsert_unit(client, parentId=root)) == [(code, [])]
        assert reasons(await upsert_unit(client, id=root, level="PROVINCE")) == [(code, [])]
    assert await everything(house) == before


@pytest.mark.parametrize(
    ("level", "above", "good"),
    [
        ("PROVINCE", "440000", False),
        ("CITY", "440000", True),
        ("CITY", "440100", False),
        ("COUNTY", "440000", False),
        ("COUNTY", "440106", False),
        ("TOWNSHIP", "440000", False),
        ("TOWNSHIP", "441900", True),
        ("TOWNSHIP", "440106", True),
        *((level, code, True) for level in ("SYSTEM", "SCHOOL") for code in ("440000", "440100", "440106")),
    ],
)
async def test_levels_stand_where_they_make_sense(house: House, level: str, above: str, good: bool) -> None:
    admin, parent = await house.staff(StaffRole.ADMIN), await territory(house, above)
    division = {"PROVINCE": "440000", "CITY": "440200", "COUNTY": "440103"}.get(level)
    before = await everything(house)

    payload = await upsert_unit(admin, level=level, parentId=parent, divisionCode=division)

    if good and division is None:
        assert payload["userErrors"] == []
        assert payload["unit"]["level"] == level
        return
    # Each division has its unit already; that is said only where the level stands well.
    refusal = ("ALREADY_EXISTS", ["divisionCode"]) if good else ("INVALID_INPUT", ["level"])
    assert reasons(payload) == [refusal]
    assert await everything(house) == before


async def test_systems_and_schools_nest_and_no_territory_below_them(house: House) -> None:
    admin = await house.staff(StaffRole.ADMIN, unit="440600")
    system = await a_unit(admin, admin.unit_id)
    inner = await a_unit(admin, system)
    school = await a_unit(admin, inner, level="SCHOOL")
    assert await a_unit(admin, school, level="SCHOOL")
    for level, parent in (("TOWNSHIP", system), ("SYSTEM", school), ("COUNTY", system), ("CITY", school)):
        payload = await upsert_unit(admin, level=level, parentId=parent, divisionCode="440604")
        assert reasons(payload) == [("INVALID_INPUT", ["level"])]
    # a unit with systems below it cannot become a school, one with schools below it can
    assert reasons(await upsert_unit(admin, id=system, level="SCHOOL")) == [("INVALID_INPUT", ["level"])]
    assert (await upsert_unit(admin, id=inner, level="SYSTEM"))["userErrors"] == []


async def test_territories_keep_level_division_and_place(house: House) -> None:
    admin = await house.staff(StaffRole.ADMIN)
    city, county = await territory(house, "440700"), await territory(house, "440703")
    other = await territory(house, "440800")
    system = await a_unit(admin, city)
    before = await everything(house)
    for given, refusal in (
        ({"id": county, "level": "TOWNSHIP"}, ("INVALID_STATE", ["level"])),
        ({"id": county, "level": "COUNTY", "divisionCode": "440704"}, ("INVALID_STATE", ["divisionCode"])),
        ({"id": county, "level": "COUNTY", "divisionCode": None}, ("INVALID_STATE", ["divisionCode"])),
        ({"id": county, "level": "COUNTY", "parentId": other}, ("INVALID_INPUT", ["parentId"])),
        ({"id": county, "level": "COUNTY", "parentId": system}, ("INVALID_INPUT", ["parentId"])),
        ({"id": system, "level": "COUNTY"}, ("INVALID_STATE", ["level"])),
        ({"id": admin.unit_id, "level": "PROVINCE", "parentId": city}, ("INVALID_STATE", ["parentId"])),
        ({"level": "COUNTY", "parentId": city}, ("INVALID_INPUT", ["divisionCode"])),
        (
            {"level": "COUNTY", "parentId": city, "divisionCode": "440106"},
            ("INVALID_INPUT", ["divisionCode"]),
        ),
        (
            {"level": "COUNTY", "parentId": city, "divisionCode": "440703"},
            ("ALREADY_EXISTS", ["divisionCode"]),
        ),
        ({"parentId": city, "divisionCode": "999999"}, ("INVALID_INPUT", ["divisionCode"])),
        ({"level": "SYSTEM"}, ("INVALID_INPUT", ["parentId"])),
    ):
        assert reasons(await upsert_unit(admin, **given)) == [refusal], given
    assert await everything(house) == before


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\u200bb"])
async def test_a_name_has_1_to_100_characters(house: House, name: str) -> None:
    admin = await house.staff(StaffRole.ADMIN)
    before = await everything(house)
    for given in ({"parentId": admin.unit_id}, {"id": admin.unit_id, "level": "PROVINCE"}):
        assert reasons(await upsert_unit(admin, name=name, **given)) == [("INVALID_INPUT", ["name"])]
    assert await everything(house) == before
    assert (await upsert_unit(admin, parentId=admin.unit_id, name="校" * 100))["userErrors"] == []


async def test_a_unit_cannot_be_moved_below_itself(house: House) -> None:
    admin = await house.staff(StaffRole.ADMIN, unit="440900")
    unit = await a_unit(admin, admin.unit_id)
    child = await a_unit(admin, unit)
    before = await everything(house)
    for below in (unit, child):
        assert reasons(await upsert_unit(admin, id=unit, parentId=below)) == [("INVALID_INPUT", ["parentId"])]
    assert await everything(house) == before


async def test_the_tree_is_twelve_levels_deep_at_most(house: House) -> None:
    admin = await house.staff(StaffRole.ADMIN, unit="440900")
    top = unit = await a_unit(admin, admin.unit_id)
    for _ in range(9):
        unit = await a_unit(admin, unit)
    other = await a_unit(admin, admin.unit_id)
    assert len(await path(house, unit)) == 12
    before = await everything(house)
    for given in ({"parentId": unit}, {"id": top, "parentId": other}):
        assert reasons(await upsert_unit(admin, **given)) == [("INVALID_INPUT", ["parentId"])]
    assert await everything(house) == before
    assert (await upsert_unit(admin, id=unit, parentId=other))["userErrors"] == []


async def test_two_moves_at_once_never_make_a_cycle(house: House) -> None:
    admin = await house.staff(StaffRole.ADMIN, unit="441500")
    for _ in range(8):
        first, second = [await a_unit(admin, admin.unit_id) for _ in range(2)]
        moved = await asyncio.gather(
            upsert_unit(admin, id=first, parentId=second), upsert_unit(admin, id=second, parentId=first)
        )
        assert sorted(map(str, map(reasons, moved))) == ["[('INVALID_INPUT', ['parentId'])]", "[]"]
        paths = [await path(house, unit) for unit in (first, second)]
        assert sorted(map(len, paths)) == [3, 4]


async def test_a_move_and_a_creation_at_once_leave_paths_that_agree(house: House) -> None:
    admin = await house.staff(StaffRole.ADMIN, unit="441600")
    home = await a_unit(admin, admin.unit_id)
    unit = await a_unit(admin, admin.unit_id)
    for target in (home, admin.unit_id) * 4:
        _, child = await asyncio.gather(upsert_unit(admin, id=unit, parentId=target), a_unit(admin, unit))
        assert await path(house, child) == [*await path(house, unit), str(parse(child)[1])]


async def test_rights_follow_a_move_within_the_second(house: House) -> None:
    admin, rival = await house.staff(StaffRole.ADMIN), await house.staff(StaffRole.ADMIN, unit="441700")
    unit = await a_unit(rival, rival.unit_id)
    assert (await upsert_unit(rival, id=unit, name="还在"))["userErrors"] == []
    elsewhere = await territory(house, "441800")
    await upsert_unit(admin, id=unit, name="走了", parentId=elsewhere)
    assert reasons(await upsert_unit(rival, id=unit, name="抢回")) == [("NOT_FOUND", ["id"])]
    assert reasons(await upsert_staff(rival, unitId=unit, phone="+8614077799999")) == [
        ("NOT_FOUND", ["unitId"])
    ]


@pytest.mark.parametrize(
    "statement",
    [
        # a unit below itself, by parent alone and with paths to match
        "UPDATE accounts_unit SET parent_id = id WHERE id = :unit",
        "UPDATE accounts_unit SET parent_id = id, path = path || id WHERE id = :unit",
        "UPDATE accounts_unit SET parent_id = :child, path = path || :child || id WHERE id = :unit",
        # another parent without its path, a path without its parent
        "UPDATE accounts_unit SET parent_id = :root WHERE id = :child",
        "UPDATE accounts_unit SET path = ARRAY[:root, :child] WHERE id = :child",
        # one that leaves those below it behind
        "UPDATE accounts_unit SET parent_id = :root, path = ARRAY[:root, id] WHERE id = :unit",
        # a second unit of a division, and a territory without one
        "UPDATE accounts_unit SET level = 'COUNTY', division_code = '440106' WHERE id = :child",
        "UPDATE accounts_unit SET level = 'COUNTY', division_code = NULL WHERE id = :child",
    ],
)
async def test_the_database_keeps_it_a_tree(house: House, statement: str) -> None:
    admin = await house.staff(StaffRole.ADMIN, unit="442000")
    unit = await a_unit(admin, admin.unit_id)
    child = await a_unit(admin, unit)
    [root] = (await admin.run("{ units { id } }"))["units"]
    ids = {"unit": unit, "child": child, "root": root["id"]}
    values = {name: parse(identity)[1] for name, identity in ids.items() if f":{name}" in statement}
    before = await everything(house)
    bound = sa.text(statement).bindparams(*(sa.bindparam(name, type_=sa.Uuid) for name in values))
    with pytest.raises(IntegrityError):
        async with house.database.write(System("test")) as tx:
            await tx.connection.execute(bound, values)
    assert await everything(house) == before

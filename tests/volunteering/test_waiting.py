"""Pages of the hours that wait: each member's own, the oldest first, also when organizations and units move."""

from typing import Any

import pytest
import sqlalchemy as sa
from support.house import House, Partner, Person
from support.volunteering import a_record, recorded

from domain.core.actors import StaffRole, System
from graph.core.ids import Tag, encode

MANAGER = StaffRole.PROGRAMME_MANAGER
HERE, BESIDE, CITY, ELSEWHERE, OTHER_CITY = "440106", "440105", "440100", "440303", "440300"
PAGE = (
    "query ($first: Int, $after: String, $last: Int, $before: String) { viewer { staff { reviewQueue(kinds: [SERVICE_RECORD],"
    " first: $first, after: $after, last: $last, before: $before) { totalCount nodes { unit { id } waitingSince subject { id } }"
    " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }"
)


async def page(who: Person, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await who.run(PAGE, **asked))["viewer"]["staff"]["reviewQueue"]
    return found


async def subjects(who: Person) -> list[str]:
    found = await page(who, first=100)
    assert found["totalCount"] == len(found["nodes"])
    return [one["subject"]["id"] for one in found["nodes"]]


async def waits(house: House, partner: Partner, hours: float = 9, **given: Any) -> str:
    """A record of a new volunteer's that waits; its id."""
    [result] = await recorded(partner, record := a_record(house, await house.youth(), hours=hours, **given))
    assert result["status"] == "PENDING"
    statement = "SELECT id FROM volunteering_record WHERE external_ref = :ref"
    async with house.looking() as db:
        key = await db.scalar(sa.text(statement).bindparams(ref=record["externalRef"]))
    house.clock.move(minutes=1)
    return encode(Tag.LedgerEntry, key)


@pytest.fixture
async def staff(house: House) -> dict[str, Person]:
    """Managers by their unit's division; nothing waits for them yet."""
    before = "UPDATE volunteering_record SET status = 'REJECTED', waits_for = NULL WHERE status = 'PENDING'"
    async with house.database.write(System("test")) as tx:
        await tx.execute(sa.text(before))
    codes = (HERE, BESIDE, CITY, ELSEWHERE, OTHER_CITY, "440000")
    return {code: await house.staff(MANAGER, unit=code) for code in codes}


async def test_each_sees_what_units_in_reach_decide_and_the_province_everything(
    house: House, staff: dict[str, Person]
) -> None:
    # given records that wait in counties of two cities, in turn, and one that the province decides
    partners = [await house.partner(division_code=code) for code in (HERE, BESIDE, ELSEWHERE)]
    made = [await waits(house, partner) for _ in range(3) for partner in partners]
    of_province = await waits(house, partners[0], 13)

    # then everybody has their own, the oldest first
    assert await subjects(staff[HERE]) == made[0::3]
    assert await subjects(staff[BESIDE]) == made[1::3]
    assert await subjects(staff[ELSEWHERE]) == await subjects(staff[OTHER_CITY]) == made[2::3]
    city = [one for place, one in enumerate(made) if place % 3 < 2]
    assert await subjects(staff[CITY]) == city
    everything = await subjects(staff["440000"])
    assert [one for one in everything if one in {*made, of_province}] == [*made, of_province]

    # and a city's pages follow each other both ways
    forward, backward = [], []
    found = await page(staff[CITY], first=4)
    while True:
        forward += [one["subject"]["id"] for one in found["nodes"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        found = await page(staff[CITY], first=4, after=found["pageInfo"]["endCursor"])
    found = await page(staff[CITY], last=4)
    while True:
        backward = [one["subject"]["id"] for one in found["nodes"]] + backward
        if not found["pageInfo"]["hasPreviousPage"]:
            break
        found = await page(staff[CITY], last=4, before=found["pageInfo"]["startCursor"])
    assert forward == backward == city


async def test_what_waits_moves_with_its_organization(house: House, staff: dict[str, Person]) -> None:
    # given a record that waits for its county, and one for the province
    partner = await house.partner(division_code=HERE)
    await recorded(partner, a_record(house, await house.youth(), hours=2))
    one, _ = await waits(house, partner), await waits(house, partner, 13)

    # when the organization moves to another city
    fields = {"name": "搬迁示例", "kind": "PUBLIC_INSTITUTION", "divisionCode": ELSEWHERE}
    await staff["440000"].done("upsertOrganization", "organization { id }", id=partner.id, **fields)

    # then what waits is decided there, and was never posted here
    assert await subjects(staff[HERE]) == await subjects(staff[CITY]) == []
    assert await subjects(staff[ELSEWHERE]) == await subjects(staff[OTHER_CITY]) == [one]
    [row] = (await page(staff[ELSEWHERE]))["nodes"]
    assert row["unit"]["id"] == staff[ELSEWHERE].unit_id
    gone = await staff[HERE].refused("decideServiceRecord", "entry { id }", entryId=one, approve=True)
    assert gone == [("NOT_FOUND", ["input", "entryId"])]
    await staff[ELSEWHERE].done("decideServiceRecord", "entry { status }", entryId=one, approve=True)
    assert await subjects(staff[ELSEWHERE]) == []


async def test_what_waits_moves_with_its_unit(house: House, staff: dict[str, Person]) -> None:
    # given an organization of a unit below a county's
    admin = await house.staff(StaffRole.ADMIN)
    given = {"name": "示例系统", "level": "SYSTEM"}
    below = await admin.done("upsertUnit", "unit { id }", parentId=staff[HERE].unit_id, **given)
    partner = await house.partner(division_code=HERE)
    one = await waits(house, partner)
    statement = "UPDATE partners_organization SET unit_id = (SELECT id FROM accounts_unit WHERE name = '示例系统') WHERE id = :id"
    async with house.database.write(System("test")) as tx:
        await tx.execute(sa.text(statement).bindparams(id=partner.key))
    assert await subjects(staff[HERE]) == await subjects(staff[CITY]) == [one]

    # when the unit is moved
    moved = {"id": below["unit"]["id"], "parentId": staff[ELSEWHERE].unit_id}
    await admin.done("upsertUnit", "unit { id }", **moved, **given)

    # then so is what waits
    assert await subjects(staff[HERE]) == await subjects(staff[CITY]) == []
    assert await subjects(staff[ELSEWHERE]) == [one]


async def test_who_decides_changes_with_what_is_said(house: House, staff: dict[str, Person]) -> None:
    partner, youth = await house.partner(division_code=HERE), await house.youth()
    for hours, queue in ((9, 1), (13, 0), (9, 1), (2, 0)):
        [result] = await recorded(partner, a_record(house, youth, ref="turning", hours=hours))
        assert result["status"] == ("PENDING" if hours > 2 else "POSTED")
        assert len(await subjects(staff[HERE])) == queue


async def test_an_older_server_that_knows_nothing_of_it(house: House, staff: dict[str, Person]) -> None:
    """It writes rows without the unit, and decides without clearing it."""
    partner = await house.partner(division_code=HERE)
    one = await waits(house, partner)
    copied = (
        "INSERT INTO volunteering_record (id, organization_id, external_ref, person_id, activity, started_at, ended_at, minutes,"
        " status, waits_for, recorded_at) SELECT uuidv7(), organization_id, 'older', uuidv7(), activity, started_at, ended_at,"
        " minutes, status, waits_for, recorded_at FROM volunteering_record WHERE organization_id = :id"
    )
    decided = (
        "UPDATE volunteering_record SET status = 'REJECTED', waits_for = NULL WHERE external_ref <> 'older'"
    )
    async with house.database.write(System("test")) as tx:
        await tx.execute(sa.text(copied).bindparams(id=partner.key))
        assert len(await subjects(staff[HERE])) == 1  # not before it is committed
    assert one in await subjects(staff[HERE])
    assert len(await subjects(staff[HERE])) == 2
    async with house.database.write(System("test")) as tx:
        await tx.execute(sa.text(decided + " AND organization_id = :id").bindparams(id=partner.key))
    [left] = await subjects(staff[HERE])
    assert left != one

"""Hours come in and are decided while their organizations move: what waits is where its organization is."""

import asyncio

from races.racing import deadlocks, outside, rows, waiting
from support.house import House, Partner, Person
from support.volunteering import a_record, entries_of, recorded

from domain.core.actors import StaffRole
from domain.core.columns import new_id

ASTRAY = """
    SELECT r.id FROM volunteering_record r JOIN partners_organization o ON o.id = r.organization_id
    WHERE r.unit_id IS DISTINCT FROM CASE WHEN r.waits_for = 'UNIT' THEN o.unit_id END
"""
FIELDS = {"name": "搬迁示例", "kind": "SOCIAL"}


async def test_organizations_move_while_hours_come_and_are_decided(house: House) -> None:
    partners = [await house.partner() for _ in range(3)]
    staff, youths = await house.staff(StaffRole.PROGRAMME_MANAGER), await house.youths(18)

    async def come(partner: Partner, who: Person) -> None:
        for days in (2, 3, 4):
            waits, posted = (
                a_record(house, who, days_ago=days, hours=9),
                a_record(house, who, days_ago=days + 5),
            )
            await recorded(partner, waits, posted)
            await recorded(partner, waits | {"activity": "改了名称"})

    async def decide(who: Person) -> None:
        for _ in range(6):
            for entry in await entries_of(who):
                if entry["status"] == "PENDING":
                    await staff.mutate(
                        "decideServiceRecord", "entry { id }", entryId=entry["id"], approve=True
                    )

    async def move(partner: Partner) -> None:
        for code in ("440106", "440303", "440605", "440105") * 3:
            given = {"id": partner.id, "divisionCode": code, **FIELDS}
            await staff.done("upsertOrganization", "organization { id }", **given)

    coming = [come(partners[place % 3], who) for place, who in enumerate(youths)]
    await asyncio.gather(*coming, *map(decide, youths[::2]), *map(move, partners))

    assert len(await rows(house, "SELECT 1 FROM volunteering_record WHERE waits_for = 'UNIT'")) >= 27
    assert await rows(house, ASTRAY) == []
    assert await deadlocks(house) == 0


ENTERED = """
    INSERT INTO volunteering_record (id, organization_id, external_ref, person_id, volunteer_id, activity,
        started_at, ended_at, minutes, status, waits_for, recorded_at)
    SELECT $1, $2, 'raw', $3, $3, 'x', now() - interval '9 hours', now(), 540, 'PENDING', 'UNIT', now()
"""
MOVED = """
    UPDATE partners_organization SET unit_id = (SELECT id FROM accounts_unit WHERE division_code = '440303' LIMIT 1)
    WHERE id = $1
"""


async def test_an_organization_waits_for_a_record_that_begins_to_wait(
    house: House, database_url: str
) -> None:
    # given a record that is written, by whatever means, and not committed yet
    partner, youth = await house.partner(division_code="440106"), await house.youth()
    async with (
        outside(database_url) as writer,
        outside(database_url) as mover,
        outside(database_url) as watcher,
    ):
        entering = writer.transaction()
        await entering.start()
        await writer.execute(ENTERED, new_id(), partner.key, youth.key)

        # when its organization moves meanwhile
        moving = asyncio.create_task(mover.execute(MOVED, partner.key))
        await waiting(watcher, 1)
        await entering.commit()
        await moving

    # then the record has moved with it
    assert await rows(house, "SELECT 1 FROM volunteering_record WHERE external_ref = 'raw'") == [(1,)]
    assert await rows(house, ASTRAY) == []

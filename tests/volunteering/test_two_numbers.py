"""Hours that were kept for a number join those of its owner: the rules of a day hold over both numbers together."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.asking import decided, told
from support.canaries import signed_in
from support.house import House, Partner, Person
from support.raw import everything
from support.staffing import a_number
from support.texts import Texts, played
from support.volunteering import a_record, account, entries_of, recorded

from api.commands.ledger import verified
from domain.core.actors import StaffRole
from domain.volunteering.policies import DAY_POSTS_MINUTES, POINTS_LAST_YEARS
from graph.core.ids import Tag, encode

ENTRY = "entry { id status balanceAfter }"


@pytest.fixture
def texts(house: House, monkeypatch: pytest.MonkeyPatch) -> Texts:
    return played(house, monkeypatch)


async def takes(texts: Texts, youth: Person, number: str) -> None:
    """The youth has another number from now on, and the worker has heard of it."""
    code = await texts.code(number, "CHANGE_PHONE")
    await youth.done("changePhone", "youth { id }", phone=number, code=code)
    await texts.house.work()


async def waiting(who: Person) -> dict[int, str]:
    """By minutes: the ids of entries that wait."""
    return {one["minutes"]: one["id"] for one in await entries_of(who) if one["status"] == "PENDING"}


async def test_the_hours_of_a_day_are_counted_over_both_numbers(
    house: House, partner: Partner, youth: Person, texts: Texts
) -> None:
    # given sixteen hours of one day, half of them for another number, all posted
    second, other = a_number(), await house.partner(division_code="440303")
    kept = a_record(house, second, start=8, hours=8, ref="second")
    [first] = await recorded(partner, a_record(house, youth, start=0, hours=8))
    [posted] = await recorded(other, kept)
    assert (first["status"], posted["status"]) == ("POSTED", "POSTED")

    # when the youth takes the other number
    await takes(texts, youth, second)

    # then what was kept for it waits, and the province decides, as it is over twelve hours
    assert (await account(youth))["serviceMinutes"] == 480
    [entry] = (await waiting(youth)).values()
    assert (await recorded(other, kept))[0]["status"] == "PENDING"
    assert "VOLUNTEERING_HOURS_CREDITED" not in await told(youth)
    near = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440303")
    before = await everything(house)
    for who, code in ((near, "FORBIDDEN"), (other, "FORBIDDEN"), (youth, "FORBIDDEN")):
        given = {"entryId": entry, "approve": True}
        assert [one for one, _ in await who.refused("decideServiceRecord", ENTRY, **given)] == [code]
    assert await everything(house) == before

    province = await house.staff(StaffRole.PROGRAMME_MANAGER)
    done = await province.done("decideServiceRecord", ENTRY, entryId=entry, approve=True)
    assert done["entry"] == {"id": entry, "status": "POSTED", "balanceAfter": 16}
    assert (await account(youth))["serviceMinutes"] == 960
    assert await verified(house.database, None) == []


async def test_up_to_twelve_hours_the_unit_of_the_organization_decides(
    house: House, partner: Partner, youth: Person, texts: Texts
) -> None:
    second = a_number()
    await recorded(partner, a_record(house, youth, start=0, hours=7))
    await recorded(
        partner,
        a_record(house, second, start=8, hours=1),
        a_record(house, second, start=10, hours=2),
        a_record(house, second, start=13, hours=2.5),
        a_record(house, second, start=0, hours=8, days_ago=2),
    )

    await takes(texts, youth, second)

    # the other day is the number's alone, and the first hour is within the eight
    assert (await account(youth))["serviceMinutes"] == 480 + 420 + 60
    waits = await waiting(youth)
    assert set(waits) == {120, 150}
    queue = "{ viewer { staff { reviewQueue(kinds: [SERVICE_RECORD], first: 100) { nodes { subject { id } } } } } }"
    near = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440106")
    nodes = (await near.run(queue))["viewer"]["staff"]["reviewQueue"]["nodes"]
    found = {one["subject"]["id"] for one in nodes}
    assert waits[120] in found
    assert waits[150] not in found
    await near.done("decideServiceRecord", ENTRY, entryId=waits[120], approve=True)
    refused = await near.refused("decideServiceRecord", ENTRY, entryId=waits[150], approve=True)
    assert refused == [("FORBIDDEN", ["input", "entryId"])]
    assert (await account(youth))["serviceMinutes"] == 480 + 480 + 120


async def test_what_was_decided_stands_on_a_day_of_one_number(
    house: House, partner: Partner, youth: Person, texts: Texts
) -> None:
    # given two days of nine hours for a number, one of them approved, and a day of its own
    second, near = a_number(), await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440106")
    await recorded(partner, a_record(house, youth, start=0, hours=8))
    await recorded(
        partner,
        a_record(house, second, start=0, hours=9, days_ago=3, ref="approved"),
        a_record(house, second, start=0, hours=9.5, days_ago=4),
    )
    async with house.looking() as db:
        [key] = await db.scalars(
            sa.text("SELECT id FROM volunteering_record WHERE external_ref = 'approved'")
        )
    approved = encode(Tag.LedgerEntry, key)
    await near.done("decideServiceRecord", ENTRY, entryId=approved, approve=True)

    await takes(texts, youth, second)

    assert (await account(youth))["serviceMinutes"] == 480 + 540
    [entry] = (await waiting(youth)).values()
    await near.done("decideServiceRecord", ENTRY, entryId=entry, approve=True)
    assert (await account(youth))["serviceMinutes"] == 480 + 540 + 570


async def test_what_waited_for_the_unit_waits_for_the_province(
    house: House, partner: Partner, youth: Person, texts: Texts
) -> None:
    second, near = a_number(), await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440106")
    [waits] = await recorded(partner, a_record(house, second, start=8, hours=9))
    await recorded(partner, a_record(house, youth, start=0, hours=4))
    assert waits["status"] == "PENDING"

    await takes(texts, youth, second)

    [entry] = (await waiting(youth)).values()
    refused = await near.refused("decideServiceRecord", ENTRY, entryId=entry, approve=True)
    assert refused == [("FORBIDDEN", ["input", "entryId"])]
    assert (await account(youth))["serviceMinutes"] == 240


async def test_service_at_one_time_counts_once(
    house: House, partner: Partner, youth: Person, texts: Texts
) -> None:
    second = a_number()
    await recorded(partner, a_record(house, youth, start=6, hours=2))
    await recorded(
        partner, a_record(house, second, start=7, hours=2), a_record(house, second, start=9, hours=1)
    )

    await takes(texts, youth, second)

    assert (await account(youth))["serviceMinutes"] == 180
    assert [one["minutes"] for one in await entries_of(youth) if one["status"] == "REJECTED"] == [120]


async def test_a_night_counts_on_the_day_that_both_numbers_share(
    house: House, partner: Partner, youth: Person, texts: Texts
) -> None:
    # given nights of six hours and two, and a day of its own before each second day is over
    second = a_number()
    await recorded(
        partner,
        a_record(house, second, start=18, hours=8, days_ago=5),
        a_record(house, second, start=18, hours=8, days_ago=10),
    )
    await recorded(
        partner,
        a_record(house, youth, start=8, hours=7, days_ago=4),  # two hours of the night make it nine
        a_record(house, youth, start=8, hours=6, days_ago=9),  # they make it eight
    )

    await takes(texts, youth, second)

    assert (await account(youth))["serviceMinutes"] == 13 * 60 + 8 * 60
    assert set(await waiting(youth)) == {480}


async def test_each_organization_has_the_rules_of_its_division(
    house: House, partner: Partner, youth: Person, texts: Texts
) -> None:
    second, elsewhere = a_number(), await house.partner(division_code="440303")
    async with (
        decided(house, DAY_POSTS_MINUTES, 600, "440100"),
        decided(house, POINTS_LAST_YEARS, 5, "440100"),
    ):
        await recorded(partner, a_record(house, youth, start=0, hours=6))
        await recorded(partner, a_record(house, second, start=6, hours=3))
        await recorded(elsewhere, a_record(house, second, start=10, hours=0.5))
        await recorded(elsewhere, a_record(house, second, start=10, hours=2, days_ago=2))
        await takes(texts, youth, second)

    assert (await account(youth))["serviceMinutes"] == 360 + 180 + 120
    assert set(await waiting(youth)) == {30}
    lasting = {one["minutes"]: one["expiresAt"] for one in await entries_of(youth) if one["expiresAt"]}
    year = (house.clock() + timedelta(hours=8)).year
    assert {minutes: int(day[:4]) - year for minutes, day in lasting.items()} == {360: 5, 180: 5, 120: 2}


async def test_numbers_that_were_missed_are_looked_up_again_together(
    house: House, partner: Partner, texts: Texts
) -> None:
    # given three who sign up, of whose numbers the worker has not heard
    numbers = [a_number() for _ in range(3)]
    await house.work()  # the sweep of this hour is over
    await recorded(partner, *(a_record(house, number, hours=2) for number in numbers))
    people = [(await signed_in(house, texts, number))[0] for number in numbers]
    async with house.database.engine.begin() as connection:
        await connection.execute(
            sa.text("UPDATE core_outbox_event SET done_at = now() WHERE topic = 'accounts.phone_bound'")
        )

    house.clock.move(hours=1)
    await house.work()

    assert [(await account(who))["serviceMinutes"] for who in people] == [120] * 3
    assert [await told(who) for who in people] == [["VOLUNTEERING_HOURS_CREDITED"]] * 3
    assert await verified(house.database, None) == []

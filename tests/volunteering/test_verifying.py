"""`qingyi ledger verify`: a whole ledger is whole, and whatever is changed by hand is found."""

import pytest
import sqlalchemy as sa
from support.asking import day
from support.house import House, Person
from support.tampering import by_hand
from support.volunteering import a_perk, a_record, given_hours, recorded, redeemed

from api.commands.ledger import verified
from domain.core.actors import StaffRole
from domain.volunteering.models import AccountRow, EntryRow, ServiceRecordRow


@pytest.fixture(scope="module")
async def youth(house: House) -> Person:
    """Somebody with ten hours, a correction, a code and a code given back; and two others."""
    partner, staff = await house.partner(), await house.staff(StaffRole.PROGRAMME_MANAGER)
    youth, *others = await house.youths(3)
    for who in (youth, *others):
        await given_hours(house, partner, who, 10)
    record = a_record(house, youth, days_ago=9, hours=4)
    await recorded(partner, record)
    await recorded(partner, record | {"activity": "改了名称"})
    perk = await a_perk(staff, partner, pointsCost=2, perPersonLimit=5, stock=10, startsOn=day(house))
    await redeemed(youth, perk)
    back = await redeemed(youth, perk)
    await youth.done("cancelPerkRedemption", "redemption { status }", redemptionId=back["id"])
    return youth


async def whole(house: House) -> bool:
    return await verified(house.database, None) == []


OTHERS = {
    sa.Integer: "{column} + 1000",
    sa.SmallInteger: "{column} + 1",
    sa.Uuid: "uuidv7()",
    sa.DateTime: "COALESCE({column}, now()) + interval '1 microsecond'",
    sa.Text: "COALESCE({column}, '') || 'x'",
    sa.LargeBinary: "decode(repeat('ab', 32), 'hex')",
}


def other(column: sa.Column) -> str:
    """Another value of the same kind."""
    enums = {"kind": "'CORRECTION'", "status": "'REJECTED'", "waits_for": "'UNIT'"}
    if column.name == "lapses_at":
        # Before it nothing lapses: it may be too early.
        return "now() + interval '10 years'"
    return enums.get(column.name) or OTHERS[type(column.type)].format(column=column.name)


def columns(table: type) -> list[str]:
    """Every one that there is, so that a new one is not forgotten."""
    return [column.name for column in sa.inspect(table).columns]


async def test_a_ledger_that_nobody_touched_is_whole(house: House, youth: Person) -> None:
    assert await whole(house)
    assert await verified(house.database, youth.key) == []


@pytest.mark.parametrize("column", columns(EntryRow))
async def test_each_column_of_an_entry(house: House, youth: Person, column: str) -> None:
    value = other(sa.inspect(EntryRow).columns[column])
    statement = (
        f"UPDATE volunteering_entry SET {column} = {value} WHERE volunteer_id = :youth AND sequence = 2"
    )
    async with by_hand(house, statement, youth=youth.key):
        found = await verified(house.database, None)
        assert found
        if column != "volunteer_id":
            own = await verified(house.database, youth.key)
            assert own[0].volunteer_id == youth.key
            assert own[0].sequence in (2, 3), own[0]
    assert await whole(house)


@pytest.mark.parametrize("column", columns(AccountRow))
async def test_each_column_of_an_account(house: House, youth: Person, column: str) -> None:
    value = other(sa.inspect(AccountRow).columns[column])
    statement = f"UPDATE volunteering_account SET {column} = {value} WHERE volunteer_id = :youth"
    async with by_hand(house, statement, youth=youth.key):
        assert await verified(house.database, None)


async def test_points_that_would_never_lapse(house: House, youth: Person) -> None:
    statement = "UPDATE volunteering_account SET lapses_at = NULL WHERE volunteer_id = :youth"
    async with by_hand(house, statement, youth=youth.key):
        [found] = await verified(house.database, youth.key)
        assert (found.volunteer_id, found.what) == (youth.key, "its points would lapse too late")


@pytest.mark.parametrize("column", columns(ServiceRecordRow))
async def test_each_column_of_a_record(house: House, youth: Person, column: str) -> None:
    value = other(sa.inspect(ServiceRecordRow).columns[column])
    statement = (
        f"UPDATE volunteering_record SET {column} = {value} WHERE id ="
        " (SELECT record_id FROM volunteering_entry WHERE volunteer_id = :youth AND sequence = 3)"
    )
    async with by_hand(house, statement, youth=youth.key):
        assert await verified(house.database, None)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM volunteering_entry WHERE volunteer_id = :youth AND sequence = 1",
        (
            "DELETE FROM volunteering_entry WHERE volunteer_id = :youth AND sequence = (SELECT max(sequence)"
            " FROM volunteering_entry WHERE volunteer_id = :youth)"
        ),
        "DELETE FROM volunteering_entry WHERE volunteer_id = :youth",
        "DELETE FROM volunteering_account WHERE volunteer_id = :youth",
        "DELETE FROM volunteering_record WHERE volunteer_id = :youth",
        "DELETE FROM volunteering_redemption WHERE volunteer_id = :youth",
        "UPDATE volunteering_redemption SET status = 'EXPIRED' WHERE volunteer_id = :youth AND status = 'ISSUED'",
        "UPDATE volunteering_redemption SET points = 0 WHERE volunteer_id = :youth AND status = 'ISSUED'",
        (
            "UPDATE volunteering_perk SET taken = taken + 1 WHERE volunteering_perk.id IN"
            " (SELECT perk_id FROM volunteering_redemption WHERE volunteer_id = :youth)"
        ),
    ],
)
async def test_what_is_removed_or_does_not_fit(house: House, youth: Person, statement: str) -> None:
    async with by_hand(house, statement, youth=youth.key):
        assert await verified(house.database, None)
    assert await whole(house)


async def test_the_first_broken_link_is_named(house: House, youth: Person) -> None:
    statement = (
        "UPDATE volunteering_entry SET minutes = minutes + 60 WHERE volunteer_id = :youth AND sequence >= 2"
    )
    async with by_hand(house, statement, youth=youth.key):
        found = [one for one in await verified(house.database, None) if one.sequence is not None]
    assert [(one.volunteer_id, one.sequence) for one in found] == [(youth.key, 2)]


@pytest.mark.parametrize("statement", ["UPDATE {} SET minutes = 1", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_database_lets_nobody_change_an_entry(house: House, youth: Person, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="only ever added"):
        async with house.database.engine.begin() as connection:
            await connection.execute(sa.text(statement.format("volunteering_entry")))


async def test_a_role_that_reads_and_adds_has_no_right_to_change(house: House, youth: Person) -> None:
    async with house.database.engine.connect() as connection:
        for statement in (
            "CREATE ROLE ledger_app",
            "GRANT SELECT, INSERT ON volunteering_entry TO ledger_app",
            "SET LOCAL ROLE ledger_app",
            "SELECT count(*) FROM volunteering_entry",
        ):
            await connection.execute(sa.text(statement))
        with pytest.raises(sa.exc.DBAPIError, match="permission denied"):
            await connection.execute(sa.text("UPDATE volunteering_entry SET minutes = 1"))
        await connection.rollback()


async def test_its_owner_has_no_right_either(house: House, youth: Person) -> None:
    async with house.looking() as db:
        rights = await db.scalars(
            sa.text(
                "SELECT privilege_type FROM information_schema.role_table_grants"
                " WHERE table_name = 'volunteering_entry' AND grantee = current_user"
            )
        )
    assert set(rights) & {"UPDATE", "DELETE", "TRUNCATE"} == set()
    assert "INSERT" in rights

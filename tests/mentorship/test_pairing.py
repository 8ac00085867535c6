"""A unit pairs youths with cadres from a spreadsheet: each row by itself, again without harm, counted."""

import base64
from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.asking import told
from support.house import House, Person
from support.mentorship import guide, mentee, sheet

from domain.core.actors import StaffRole
from domain.mentorship.figures import pairs_made
from graph.core.ids import Tag, decode

SELECTION = "paired rowErrors { row userErrors { code field } }"


async def pairs(house: House) -> int:
    async with house.looking() as db:
        return int(await db.scalar(sa.text("SELECT count(*) FROM mentorship_pairing WHERE ended_at IS NULL")))


async def paired_with(youth: Person) -> str | None:
    data = await youth.run("{ viewer { youth { pairedMentor { id } } } }")
    found = data["viewer"]["youth"]["pairedMentor"]
    return None if found is None else str(found["id"])


async def test_each_row_by_itself_and_again_without_harm(house: House) -> None:
    cadre = await house.staff(StaffRole.AUDITOR, unit="440106", phone="+8613800000001")
    other = await house.staff(StaffRole.AUDITOR, unit="440106", phone="+8613800000002")
    mentor, second = await guide(house, cadre), await guide(house, other)
    manager = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440100")
    one, two = await mentee(house), await mentee(house)
    silent = await house.youth()
    workbook = sheet(
        (one.phone.removeprefix("+86"), "13800000001"),
        (two.phone, "138-0000-0001"),
        (silent.phone, "13800000001"),
        ("13811112222", "13800000009"),
        ("x", ""),
        (one.phone, "13800000002"),
    )

    for _ in range(2):
        payload = await manager.done("pairMentees", SELECTION, workbook=workbook)
        assert payload["paired"] == 2
        assert {
            row["row"]: [error["code"] for error in row["userErrors"]] for row in payload["rowErrors"]
        } == {
            4: ["CONSENT_REQUIRED"],
            5: ["NOT_FOUND", "NOT_FOUND"],
            6: ["INVALID_INPUT", "INVALID_INPUT"],
            7: ["ALREADY_EXISTS"],
        }
    assert await pairs(house) == 2
    assert await paired_with(one) == mentor.id != second.id
    await house.work()
    assert await told(one) == ["MENTORSHIP_PAIRED"]
    log = await one.run("{ viewer { youth { accessLog { nodes { fields reason } } } } }")
    assert log["viewer"]["youth"]["accessLog"]["nodes"] == [{"fields": ["phone"], "reason": "一对一结对"}]
    unit, now = decode(Tag.Unit, manager.unit_id), house.clock()
    async with house.looking() as db:
        assert await pairs_made(db, unit, now - timedelta(days=1), now + timedelta(days=1)) == 2
        assert await pairs_made(db, unit, now + timedelta(days=1), now + timedelta(days=2)) == 0


async def test_cadres_out_of_reach_are_unknown(house: House) -> None:
    cadre = await house.staff(StaffRole.AUDITOR, unit="440300", phone="+8613800000003")
    await guide(house, cadre, divisionCode="440300")
    manager, youth = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440100"), await mentee(house)
    before = await pairs(house)

    payload = await manager.done("pairMentees", SELECTION, workbook=sheet((youth.phone, "13800000003")))

    assert (payload["paired"], payload["rowErrors"][0]["userErrors"][0]["code"]) == (0, "NOT_FOUND")
    assert await pairs(house) == before


@pytest.mark.parametrize(
    "workbook",
    ["", "不是", base64.b64encode(b"PK\x03\x04 no zip").decode(), sheet(header=("手机", "导师"))],
)
async def test_what_is_no_sheet_is_said_to_be_none(house: House, workbook: str) -> None:
    manager = await house.staff(StaffRole.PROGRAMME_MANAGER)
    assert await manager.refused("pairMentees", SELECTION, workbook=workbook) == [
        ("INVALID_INPUT", ["input", "workbook"])
    ]


async def test_too_many_rows(house: House) -> None:
    manager = await house.staff(StaffRole.PROGRAMME_MANAGER)
    reasons = await manager.refused("pairMentees", SELECTION, workbook=sheet(*[("1", "2")] * 501))
    assert reasons == [("INVALID_INPUT", ["input", "workbook"])]

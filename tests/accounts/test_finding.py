"""Staff find youths by number; each look is in a log that only grows, which the youth and auditors read."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import col
from support.asking import accept, application, brought_to, decided, told
from support.client import Client
from support.house import House, Person
from support.listings import a_listing, applied, posted

from domain.accounts.access_log import AccessLogRow
from domain.accounts.finding import SEARCHES_A_DAY
from domain.core.actors import StaffRole, System

FIND = (
    "query ($phone: PhoneNumber!, $reason: String!) { findYouth(phone: $phone, reason: $reason)"
    " { id maskedName legalName phone } }"
)
LOG = "accessLog(first: 50) { totalCount nodes { id actor fields reason at } }"


async def found(staff: Client, phone: str, reason: str = "来电求助核对身份") -> Any:
    return (await staff.run(FIND, phone=phone, reason=reason))["findYouth"]


async def codes(staff: Client, phone: str, reason: str = "来电求助核对身份") -> list[str]:
    return [error["extensions"]["code"] for error in await staff.errors(FIND, phone=phone, reason=reason)]


async def looks(house: House, **where: Any) -> list[Any]:
    async with house.looking() as db:
        conditions = [getattr(AccessLogRow, name) == value for name, value in where.items()]
        return list(await db.rows(sa.select(AccessLogRow).where(*conditions).order_by(col(AccessLogRow.id))))


async def own_log(youth: Person) -> list[dict[str, Any]]:
    return (await youth.run(f"{{ viewer {{ youth {{ {LOG} }} }} }}"))["viewer"]["youth"]["accessLog"]["nodes"]


async def test_staff_in_reach_find_a_youth_and_the_youth_reads_who_and_why(house: House) -> None:
    youth = await house.youth(verified=True, division_code="440106")
    staff = await house.staff(StaffRole.CASE_WORKER, unit="440100")

    card = await found(staff, youth.phone)

    assert (card["id"], card["phone"]) == (youth.id, youth.phone)
    assert card["maskedName"] == card["legalName"][0] + "*" * (len(card["legalName"]) - 1)
    (entry,) = await own_log(youth)
    assert entry["fields"] == ["legalName", "phone"]
    assert entry["reason"] == "来电求助核对身份"
    assert entry["actor"].startswith("共青团广州市委员会 ")
    again = await youth.run(
        "query ($id: ID!) { node(id: $id) { ... on AccessLogEntry { reason } } }", id=entry["id"]
    )
    assert again["node"] == {"reason": "来电求助核对身份"}


async def test_each_search_is_a_row_also_one_that_finds_nobody(house: House) -> None:
    youth = await house.youth(division_code="440106")
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER)
    assert await found(staff, youth.phone)
    assert await found(staff, youth.phone)
    assert await found(staff, "+8614099999999") is None
    rows = await looks(house, actor_id=staff.key)
    assert [row.youth_id for row in rows] == [youth.key, youth.key, None]


@pytest.mark.parametrize(
    ("division", "unit", "reached"),
    [
        ("440106", "440106", True),
        ("440106", "440100", True),
        ("440106", "440000", True),
        ("440106", "440103", False),
        ("440106", "440300", False),
        ("440100", "440106", False),
        (None, "440000", True),
        (None, "440100", False),
    ],
)
async def test_reach_is_the_own_unit_and_below(
    house: House, division: str | None, unit: str, reached: bool
) -> None:
    youth = await house.youth(division_code=division)
    staff = await house.staff(StaffRole.ADMIN, unit=unit)
    assert (await found(staff, youth.phone) is not None) is reached
    (row,) = await looks(house, actor_id=staff.key)
    assert row.youth_id == (youth.key if reached else None)


async def test_who_may_not_search_leaves_no_row(house: House) -> None:
    youth, partner = await house.youth(), await house.partner()
    before = len(await looks(house))
    for client, code in (
        (house.anyone, "UNAUTHENTICATED"),
        (youth, "FORBIDDEN"),
        (partner, "FORBIDDEN"),
        (await house.staff(StaffRole.AUDITOR), "FORBIDDEN"),
        (await house.staff(StaffRole.EVENT_HOST), "FORBIDDEN"),
    ):
        assert await codes(client, youth.phone) == [code]
    staff = await house.staff(StaffRole.ADMIN)
    for reason in ("", " 1 ", "x" * 201, "a\nb"):
        assert await codes(staff, youth.phone, reason) == ["INVALID_INPUT"]
    assert len(await looks(house)) == before


async def test_nobody_goes_through_numbers_one_by_one(house: House) -> None:
    staff, other = await house.staff(StaffRole.ADMIN), await house.staff(StaffRole.ADMIN)
    async with decided(house, SEARCHES_A_DAY, 2):
        for number in (1, 2):
            await found(staff, f"+861409999000{number}")
        assert await codes(staff, "+8614099990003") == ["QUOTA_EXCEEDED"]
        assert await found(other, "+8614099990003") is None
        house.clock.move(days=1)
        try:
            assert await found(staff, "+8614099990003") is None
        finally:
            house.clock.move(days=-1)


async def test_an_application_is_looked_at_for_a_reason_and_once_an_hour(house: House) -> None:
    # given an accepted application
    partner = await house.partner()
    youth = await house.youth(verified=True)
    listing = await posted(partner, a_listing())
    identity = await applied(youth, listing, coverLetter="您好")
    whole = "coverLetter applicant { maskedName legalName phone }"

    # when the organization looks twice before, and once after the place was accepted
    for _ in range(2):
        assert (await application(partner, identity, whole))["applicant"]["phone"] is None
    other = await posted(partner, a_listing(title="再一份"))
    accepted = await brought_to(partner, youth, other, "OFFERED")
    await accept(youth, accepted)
    assert (await application(partner, accepted, whole))["applicant"]["phone"] == youth.phone

    # then the youth reads what was seen, and own looks are not in it
    await application(youth, accepted, whole)
    entries = await own_log(youth)
    assert [entry["fields"] for entry in entries] == [
        ["legalName", "phone"],
        ["applicant"],
        ["applicant", "coverLetter"],
    ]
    assert {entry["reason"] for entry in entries} == {"处理实习申请"}
    organization = await partner.run("{ viewer { organization { name } } }")
    assert {entry["actor"] for entry in entries} == {organization["viewer"]["organization"]["name"]}


async def test_nothing_is_shown_that_was_not_written_down(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner, youth = await house.partner(), await house.youth(verified=True)
    identity = await applied(youth, await posted(partner, a_listing()), coverLetter="只给你看")

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("domain.accounts.access_log.record_looks", broken)
    answer = await partner.post(
        "query ($id: ID!) { node(id: $id) { ... on InternshipApplication { coverLetter } } }", id=identity
    )
    assert answer.json()["data"]["node"]["coverLetter"] is None
    assert answer.json()["errors"]


async def test_the_log_only_grows_also_for_the_owner_of_the_table(house: House) -> None:
    youth = await house.youth()
    await found(await house.staff(StaffRole.ADMIN), youth.phone)
    for statement in (
        "UPDATE accounts_access_log SET reason = ''",
        "DELETE FROM accounts_access_log",
        "TRUNCATE accounts_access_log",
    ):
        with pytest.raises(DBAPIError, match="only ever added"):
            async with house.database.write(System()) as tx:
                await tx.execute(sa.text(statement))
    assert await looks(house, youth_id=youth.key)


async def test_auditors_read_the_looks_of_their_unit_and_below(house: House) -> None:
    youth = await house.youth(division_code="440106")
    below = await house.staff(StaffRole.ADMIN, unit="440100")
    above = await house.staff(StaffRole.ADMIN)
    for staff in (below, above):
        await found(staff, youth.phone, f"核对 {staff.id}")
    seen = {}
    for unit in ("440100", "440000", "440300"):
        auditor = await house.staff(StaffRole.AUDITOR, unit=unit)
        data = await auditor.run(f"{{ {LOG} }}")
        seen[unit] = {entry["reason"] for entry in data["accessLog"]["nodes"]} & {
            f"核对 {below.id}",
            f"核对 {above.id}",
        }
    assert seen == {
        "440100": {f"核对 {below.id}"},
        "440000": {f"核对 {below.id}", f"核对 {above.id}"},
        "440300": set(),
    }
    for client in (youth, await house.staff(StaffRole.PROGRAMME_MANAGER), await house.partner()):
        errors = await client.errors(f"{{ {LOG} }}")
        assert [error["extensions"]["code"] for error in errors] == ["FORBIDDEN"]


async def test_staff_confirm_tracks_and_the_youth_is_told(house: House) -> None:
    youth = await house.youth(division_code="440106")
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440106")
    for _ in range(2):
        done = await staff.done(
            "confirmTracks",
            "tracks youth { id legalName }",
            youthId=youth.id,
            tracks=["RURAL", "GENERAL", "RURAL"],
            note="已看户口本原件",
        )
        assert done["tracks"] == ["RURAL"]
        assert done["youth"] == {"id": youth.id, "legalName": None}
    await house.work()
    assert await told(youth) == ["TRACKS_CONFIRMED"]
    seen = await youth.run("{ viewer { youth { tracks } } }")
    assert seen["viewer"]["youth"]["tracks"] == ["RURAL"]
    assert [(entry["fields"], entry["reason"]) for entry in await own_log(youth)] == [
        (["tracks"], "已看户口本原件")
    ]


async def test_tracks_out_of_reach_or_without_a_note_change_nothing(house: House) -> None:
    youth = await house.youth(division_code="440106")
    beside = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440300")
    right = await house.staff(StaffRole.ADMIN)
    given: dict[str, Any] = {"youthId": youth.id, "tracks": ["RURAL"], "note": "已看证明"}
    for client, change, expected in (
        (beside, {}, ("NOT_FOUND", ["input", "youthId"])),
        (right, {"note": " "}, ("INVALID_INPUT", ["input", "note"])),
        (right, {"youthId": beside.id}, ("NOT_FOUND", ["input", "youthId"])),
        (await house.staff(StaffRole.AUDITOR), {}, ("FORBIDDEN", None)),
        (youth, {}, ("FORBIDDEN", None)),
    ):
        assert await client.refused("confirmTracks", "tracks", **(given | change)) == [expected]
    seen = await youth.run("{ viewer { youth { tracks } } }")
    assert seen["viewer"]["youth"]["tracks"] == []
    assert await own_log(youth) == []
